import CRdKafka

extension KafkaConfiguration {
    /// What a cluster said of itself.
    public struct Probe: Hashable, Sendable {
        /// The cluster's id, if it has one.
        public var clusterID: String?
        /// Its brokers, `host:port` each.
        public var brokers: [String]
    }

    /// Asks any broker for the cluster's brokers (`rd_kafka_metadata`), with a client of its own. Blocks up to the
    /// timeout. Throws `unreachable` (retriable), naming the servers, when none answers; `authentication` or `tls`
    /// when one refuses; and what is wrong with the properties.
    @discardableResult
    public func probe(timeoutMilliseconds: Int) throws(KafkaError) -> Probe {
        let client = try ClientHandle(RD_KAFKA_CONSUMER, self)
        do {
            let metadata = try client.metadata(
                .brokers, operation: "reach the brokers", timeoutMilliseconds: timeoutMilliseconds)
            return Probe(
                clusterID: client.clusterID(timeoutMilliseconds: timeoutMilliseconds),
                brokers: metadata.brokers.map(\.address))
        } catch {
            // Why it failed waits as an error event.
            rd_kafka_poll(client.pointer, 0)
            let cause = client.context.lastError
            if let cause, cause.code == .authentication || cause.code == .tls {
                throw KafkaError(
                    cause.code, operation: "reach the brokers",
                    reason: "\(bootstrapServers) refused the client: \(cause.reason)")
            }
            throw KafkaError(
                .unreachable, operation: "reach the brokers",
                reason: "no broker answered at \(bootstrapServers) within \(timeoutMilliseconds) ms"
                    + (cause.map { ": \($0.reason)" } ?? ""))
        }
    }
}

extension ClientHandle {
    /// `rd_kafka_clusterid`.
    func clusterID(timeoutMilliseconds: Int) -> String? {
        guard let id = rd_kafka_clusterid(pointer, timeoutMilliseconds.timeout) else { return nil }
        defer { rd_kafka_mem_free(pointer, id) }
        return String(cString: id)
    }
}
