internal import Kafka
internal import RetailAPI
internal import Warehouse

/// The failed pages that were repaired and published, as the state topic tells: the way on for a walk to which the API
/// still serves them unreadable.
struct RepairedPages: Sendable {
    /// Before the name of the page in the key of its cursor.
    static let keyPrefix = "sales.page."

    private let reader: CursorReader
    private let blocking = SerialWorker(label: "retailflow.repaired", state: ())

    init(_ cluster: KafkaConfiguration, stateTopic: String) {
        reader = CursorReader(cluster, topic: stateTopic)
    }

    /// The way on behind a repaired page.
    struct Way: Hashable {
        /// The page's last sale.
        let lastID: Int64
        /// Where the listing is asked from.
        let next: Int64
    }

    /// The way on from a start from which the listing can't be read; nil when there is none.
    func way(from start: SalesStart) async throws -> Way? {
        let reader = reader
        return RepairedPages.way(from: start, in: try await blocking.perform { _ in try reader.read().cursors })
    }

    /// The way that leads furthest. A sale that became visible late may stand between a page's start and where a walk
    /// stands now.
    static func way(from start: SalesStart, in cursors: [String: ExtractCursor]) -> Way? {
        let ways = cursors.lazy.filter { $0.key.hasPrefix(keyPrefix) }.compactMap { _, cursor -> Way? in
            guard let first = cursor.start, let next = cursor.next else { return nil }
            let repaired = SalesStart(written: first)
            let leadsOn =
                if case .id(let first) = repaired, case .id(let id) = start {
                    first <= id && id < next
                } else {
                    repaired == start
                }
            return leadsOn ? Way(lastID: cursor.lastID, next: next) : nil
        }
        return ways.max { $0.next < $1.next }
    }
}
