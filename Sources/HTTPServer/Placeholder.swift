// Placeholder of the room HTTPServer; replaced by its first file.
