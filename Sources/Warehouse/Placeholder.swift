// Placeholder of the room Warehouse; replaced by its first file.
