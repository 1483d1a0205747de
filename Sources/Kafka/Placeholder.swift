// Placeholder of the room Kafka; replaced by its first file.
