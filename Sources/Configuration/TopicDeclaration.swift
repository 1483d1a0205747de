/// A topic as `topics/*.yaml` declares it.
package struct TopicDeclaration: Hashable, Sendable {
    /// What becomes of old records.
    package enum CleanupPolicy: String, CaseIterable, Sendable {
        /// They are deleted after the retention.
        case delete
        /// Of each key the newest is kept.
        case compact
        /// Both.
        case compactAndDelete = "compact,delete"
    }

    /// How long records are kept.
    package enum Retention: Hashable, Sendable {
        /// For ever.
        case unlimited
        /// So many milliseconds.
        case milliseconds(Int64)
    }

    /// The topic's name.
    package var name: String
    /// How many partitions it has.
    package var partitions: Int
    /// How many copies of each partition the cluster keeps; nil: as many as the cluster does by default.
    package var replicationFactor: Int?
    /// How long records are kept; nil: as the cluster does by default.
    package var retention: Retention?
    /// What becomes of old records.
    package var cleanupPolicy: CleanupPolicy
    /// Further topic configs, by Kafka's names.
    package var configs: [String: String]
    /// What a record's value looks like.
    package var valueSchema: ValueSchema
    /// The file that declares the topic, for messages.
    package var file: String

    /// All topic configs by Kafka's names: `cleanup.policy`, `retention.ms` if a retention is declared, and
    /// ``configs``.
    package var allConfigs: [String: String] {
        var all = configs
        all["cleanup.policy"] = cleanupPolicy.rawValue
        switch retention {
        case .unlimited: all["retention.ms"] = "-1"
        case .milliseconds(let milliseconds): all["retention.ms"] = String(milliseconds)
        case nil: break
        }
        return all
    }
}
