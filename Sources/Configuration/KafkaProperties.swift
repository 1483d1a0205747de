/// librdkafka properties given by the user, by name. Printed, the values of secret ones are redacted.
package struct KafkaProperties: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// All values, secrets among them, as librdkafka takes them.
    package private(set) var values: [String: String]

    /// Makes a set of properties.
    package init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// Sets one property.
    mutating func set(_ name: String, to value: String) {
        values[name] = value
    }

    /// Whether a property's value is a secret, judged by its name.
    package static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["password", "secret", "key.pem", "oauthbearer.config"].contains { name.contains($0) }
    }

    /// `name=value` separated by blanks, in the order of the names, secrets redacted.
    package var description: String {
        values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(Self.isSecret($0.key) ? "<redacted>" : $0.value)" }
            .joined(separator: " ")
    }

    /// A mirror that shows what ``description`` shows.
    package var customMirror: Mirror { Mirror(self, children: ["properties": description]) }

    /// Why a property cannot be set under `kafka.properties`, or nil if it can: it has a key of its own, or what the
    /// pipeline promises depends on its value.
    static func objection(to name: String) -> String? {
        switch name {
        case "bootstrap.servers", "metadata.broker.list": "use kafka.bootstrap_servers"
        case "group.id": "use kafka.group"
        case "group.instance.id": "use ingest.instance_id"
        case "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "isolation.level",
            "enable.partition.eof", "enable.idempotence", "transactional.id", "partitioner":
            "that no sale is lost or doubled depends on it, and RetailFlow sets it itself"
        default: nil
        }
    }
}
