// Placeholder of the room Retail; replaced by its first file.
