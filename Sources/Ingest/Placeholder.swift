// Placeholder of the room Ingest; replaced by its first file.
