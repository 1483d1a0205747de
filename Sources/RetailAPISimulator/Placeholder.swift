// Placeholder of the room RetailAPISimulator; replaced by its first file.
