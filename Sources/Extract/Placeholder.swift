// Placeholder of the room Extract; replaced by its first file.
