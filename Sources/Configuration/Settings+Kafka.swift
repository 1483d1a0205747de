extension Settings {
    /// `kafka.*`: the log between extraction and ingestion.
    package struct Kafka: Hashable, Sendable {
        /// The cluster, or the broker inside this process.
        package var bootstrapServers = BootstrapServers.embedded
        /// The consumer group of ingestion.
        package var group = "retailflow.ingest"
        /// The topic of the sales.
        package var salesTopic = "retail.sales.v1"
        /// The compacted topic that holds the cursor of extraction.
        package var stateTopic = "retail.extract.state.v1"
        /// Further librdkafka properties.
        package var properties = KafkaProperties()

        /// The defaults.
        package init() {}
    }
}
