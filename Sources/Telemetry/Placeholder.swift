// Placeholder of the room Telemetry; replaced by its first file.
