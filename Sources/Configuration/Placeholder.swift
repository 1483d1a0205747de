// Placeholder of the room Configuration; replaced by its first file.
