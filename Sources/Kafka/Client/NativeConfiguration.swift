import CRdKafka

/// An `rd_kafka_conf_t` on its way to becoming a client.
struct NativeConfiguration: ~Copyable {
    let pointer: OpaquePointer

    init() {
        pointer = rd_kafka_conf_new()
    }

    deinit {
        rd_kafka_conf_destroy(pointer)
    }

    /// `rd_kafka_conf_set`; a wrong property is an error that names it.
    func set(_ name: String, _ value: String) throws(KafkaError) {
        let outcome: (result: rd_kafka_conf_res_t, reason: String) = withErrorText { text, size in
            rd_kafka_conf_set(pointer, name, value, text, size)
        }
        switch outcome.result {
        case RD_KAFKA_CONF_OK:
            return
        case RD_KAFKA_CONF_UNKNOWN:
            throw KafkaError(
                .unknownProperty, operation: "configure", reason: "there is no Kafka property “\(name)”",
                property: name)
        default:
            // librdkafka's text repeats the value, which may be a secret.
            let reason =
                Self.isSecret(name)
                ? "the Kafka property “\(name)” cannot have the given value"
                : "the Kafka property “\(name)” cannot be “\(value)”: \(outcome.reason)"
            throw KafkaError(.invalidPropertyValue, operation: "configure", reason: reason, property: name)
        }
    }

    private static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key", "pem", "oauth", "jaas"].contains { name.contains($0) }
    }

    /// Sets defaults, then the user's properties, then what is not to be changed. One after the other, not merged by
    /// name: a property may have two names.
    func set(
        defaults: [String: String], user: [[String: String]], fixed: [String: String]
    ) throws(KafkaError) {
        try setEach(defaults)
        for properties in user {
            for name in properties.keys.sorted() {
                if let reason = KafkaConfiguration.reservedProperties[name] {
                    throw KafkaError(
                        .reservedProperty, operation: "configure",
                        reason: "the Kafka property “\(name)” cannot be given: \(reason)", property: name)
                }
            }
            try setEach(properties)
        }
        try setEach(fixed)
    }

    /// In one order each time, so that of several wrong properties always the same one is named.
    private func setEach(_ properties: [String: String]) throws(KafkaError) {
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            try set(name, value)
        }
    }

    /// `rd_kafka_new`; the client owns the configuration from then on.
    consuming func makeClient(_ kind: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
        let outcome: (result: OpaquePointer?, reason: String) = withErrorText { text, size in
            rd_kafka_new(kind, pointer, text, size)
        }
        guard let client = outcome.result else {
            _ = consume self
            throw KafkaError(.invalidConfiguration, operation: "make a Kafka client", reason: outcome.reason)
        }
        discard self
        return client
    }
}

/// Calls a function that may write the reason of a failure into a buffer.
func withErrorText<Result>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Result) -> (result: Result, reason: String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
        text.initialize(repeating: 0)
        let result = body(text.baseAddress, text.count)
        return (result, text.baseAddress.map { String(cString: $0) } ?? "")
    }
}
