/// Every setting of RetailFlow, typed and checked. A new value holds the defaults; ``SettingsLoader`` reads the rest.
///
/// The names of keys, their meaning and their ranges are in ``SettingKey/all``.
package struct Settings: Hashable, Sendable {
    /// The source API.
    package var api = API()
    /// The log between extraction and ingestion.
    package var kafka = Kafka()
    /// The SQL data mart.
    package var warehouse = Warehouse()
    /// From Kafka to the warehouse.
    package var ingest = Ingest()
    /// From the API to Kafka.
    package var extract = Extract()
    /// Reconciliation and rebuild.
    package var batch = Batch()
    /// Metrics, health, dashboard.
    package var serve = Serve()
    /// What is written to standard error.
    package var log = Log()

    /// All settings at their defaults.
    package init() {}
}
