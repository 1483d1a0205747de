// Placeholder of the room RetailAPI; replaced by its first file.
