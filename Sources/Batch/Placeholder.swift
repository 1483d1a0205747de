// Placeholder of the room Batch; replaced by its first file.
