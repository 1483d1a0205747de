internal import Warehouse

/// What is known to be published already, so that only what is new or changed is published again: the last sales of
/// this process first, then what the warehouse holds.
struct PublishedSales {
    private let known: (any KnownSales)?
    private let blocking = SerialWorker(label: "retailflow.known", state: ())
    private var recent: RecentSales
    private var recentRefused: RecentSales

    /// - Parameters:
    ///   - known: the warehouse; nil where extraction has none at hand.
    ///   - salesMax: how many of the last sales are remembered.
    init(known: (any KnownSales)?, salesMax: Int) {
        self.known = known
        recent = RecentSales(salesMax: salesMax)
        recentRefused = RecentSales(salesMax: salesMax)
    }

    /// The smallest id among the sales remembered, once there are as many as are asked again.
    var lowestRecentID: Int64? { recent.lowestID }

    /// Remembers rows that are being published.
    mutating func note(_ page: SalesPage, _ rows: [Int]) {
        for index in rows {
            let row = page.rows[index]
            if let id = row.id { recent.note(id: id, contentHash: row.contentHash) }
            if !row.isValid { recentRefused.note(id: row.contentHash, contentHash: row.contentHash) }
        }
    }

    /// Remembers rows that were asked again and are being published. Those below the sales remembered are not: they
    /// would make all in between be asked again.
    mutating func noteAgain(_ page: SalesPage, _ rows: [Int]) {
        let lowest = recent.lowestID ?? Int64.min
        note(page, rows.filter { page.rows[$0].id.map { $0 >= lowest } ?? true })
    }

    /// Whether there is a warehouse to compare with.
    var hasWarehouse: Bool { known != nil }

    /// What the warehouse holds, as `KnownSales` says; nothing where there is none.
    func saleIDs(in range: ClosedRange<Int64>) async throws -> [Int64] {
        guard let known else { return [] }
        return try await blocking.perform { _ in try known.saleIDs(in: range) }
    }

    func saleID(numberFromLast number: Int64, upTo last: Int64) async throws -> Int64? {
        guard let known else { return nil }
        return try await blocking.perform { _ in try known.saleID(numberFromLast: Int(number), upTo: last) }
    }

    func lowestSaleID(sinceDay day: String, upTo last: Int64) async throws -> Int64? {
        guard let known else { return nil }
        return try await blocking.perform { _ in try known.lowestSaleID(sinceDay: day, upTo: last) }
    }

    /// Those of the rows that were not published as they are, as far as this process and the warehouse know. Of
    /// several rows with one id the last counts.
    func different(_ page: SalesPage, _ rows: [Int]) async throws -> [Int] {
        var lastRows: [Int64: Int] = [:]
        for index in rows { if let id = page.rows[index].id { lastRows[id] = index } }
        let unremembered = rows.filter { index in
            let row = page.rows[index]
            if let id = row.id, lastRows[id] != index { return false }
            if let id = row.id, let hash = recent[id] { return hash != row.contentHash }
            return row.isValid || recentRefused[row.contentHash] == nil
        }
        // A sale that was published otherwise a moment ago is different, whatever the warehouse has so far.
        let changed = unremembered.filter { index in page.rows[index].id.map { recent[$0] != nil } ?? false }
        let unsure = unremembered.filter { index in page.rows[index].id.map { recent[$0] == nil } ?? true }
        guard let known, !unsure.isEmpty else { return unremembered }
        let sales = unsure.filter { page.rows[$0].isValid }.compactMap { page.rows[$0].id }
        let refused = unsure.filter { !page.rows[$0].isValid }.map { page.rows[$0].contentHash }
        let (hashes, refusals) = try await blocking.perform { _ in
            (
                sales.isEmpty ? [:] : try known.contentHashes(ofSales: sales),
                refused.isEmpty ? [] : try known.knownRefusals(contentHashes: refused)
            )
        }
        let different = unsure.filter { index in
            let row = page.rows[index]
            guard row.isValid else { return !refusals.contains(row.contentHash) }
            return row.id.map { hashes[$0] != row.contentHash } ?? true
        }
        return (changed + different).sorted()
    }
}
