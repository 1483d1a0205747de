// Placeholder of the room SQLite; replaced by its first file.
