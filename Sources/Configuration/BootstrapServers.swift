/// Which Kafka cluster is spoken to.
package enum BootstrapServers: Hashable, Sendable, CustomStringConvertible {
    /// A broker inside this process, which forgets all when it ends.
    case embedded
    /// A cluster, by some of its brokers as `host:port`; at least one.
    case servers([String])

    /// Reads `embedded`, or `host:port` separated by commas; nil for anything else.
    package init?(_ text: String) {
        if text == "embedded" {
            self = .embedded
            return
        }
        let servers = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard !servers.isEmpty, servers.allSatisfy({ HostPort($0).map { $0.port > 0 } ?? false }) else { return nil }
        self = .servers(servers)
    }

    /// As it is written: `embedded`, or the list as librdkafka's `bootstrap.servers` takes it.
    package var description: String {
        switch self {
        case .embedded: "embedded"
        case .servers(let servers): servers.joined(separator: ",")
        }
    }
}
