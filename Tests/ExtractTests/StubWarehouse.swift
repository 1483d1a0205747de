import Retail
import RetailAPI
import Synchronization
import Warehouse

@testable import Extract

/// A warehouse that holds what it was given, as the port asks for.
final class StubWarehouse: KnownSales, PublishedPages {
    private struct State {
        var hashes: [Int64: Int64] = [:]
        var days: [Int64: String] = [:]
        var refusals: Set<Int64> = []
        var lowestOfHighestIDs: Int64?
        var versions: [String: Int64] = [:]
        var failure: WarehouseError?
        var askedSales: [Int64] = []
    }

    private let state = Mutex(State())

    /// A warehouse that knows these rows.
    init(_ rows: [String] = [], lowestOfHighestIDs: Int64? = nil) throws {
        state.withLock { $0.lowestOfHighestIDs = lowestOfHighestIDs }
        try ingest(rows)
    }

    /// Every sale that it was asked about, in order.
    var askedSales: [Int64] { state.withLock { $0.askedSales } }

    /// Takes rows in, the last of each sale being the one that counts.
    func ingest(_ rows: [String]) throws {
        let page = try Rows.page(rows)
        state.withLock { state in
            for row in page.rows {
                if !row.isValid {
                    state.refusals.insert(row.contentHash)
                } else if let id = row.id {
                    state.hashes[id] = row.contentHash
                    let text = String(decoding: page.page.body[row.bytes], as: UTF8.self)
                    state.days[id] = text.firstMatch(of: #/"datetime": "(.{10})/#).map { String($0.1) }
                }
            }
        }
    }

    /// Fails from now on, or not any more.
    func fail(with error: WarehouseError?) { state.withLock { $0.failure = error } }
    /// Takes in what came in a page.
    func note(page name: String, version: Int64) { state.withLock { $0.versions[name] = version } }

    func version(ofPage name: String) throws -> Int64? { state.withLock { $0.versions[name] } }

    func contentHashes(ofSales ids: [Int64]) throws -> [Int64: Int64] {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.askedSales += ids
            return state.hashes.filter { ids.contains($0.key) }
        }
    }

    func knownRefusals(contentHashes: [Int64]) throws -> Set<Int64> {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.refusals.intersection(contentHashes)
        }
    }

    func lowestOfHighestIDs(topic: String) throws -> Int64? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.lowestOfHighestIDs
        }
    }

    func saleIDs(in range: ClosedRange<Int64>) throws -> [Int64] {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.hashes.keys.filter { range.contains($0) }.sorted()
        }
    }

    func saleID(numberFromLast: Int, upTo last: Int64) throws -> Int64? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            let descending = state.hashes.keys.filter { $0 <= last }.sorted(by: >)
            return descending.count >= numberFromLast ? descending[numberFromLast - 1] : nil
        }
    }

    func lowestSaleID(sinceDay day: String, upTo last: Int64) throws -> Int64? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.days.filter { $0.key <= last && $0.value >= day }.keys.min()
        }
    }
}
