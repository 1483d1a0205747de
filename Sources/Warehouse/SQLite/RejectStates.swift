internal import Retail
internal import SQLite

/// Gives the rejects of a sale the states that rule 7 asks for, by `SaleVerdict`, after anything of the sale changed.
final class RejectStates {
    private let ofSale: Statement
    private let setState: Statement
    private let validPlace: Statement

    init(_ database: Database) throws(SQLiteError) {
        ofSale = try database.prepare(
            """
            SELECT reject.reject_id, reject.state, place.version, place.log, place.partition, place.offset
            FROM ods.sales_rejects AS reject JOIN ods.sales_reject_positions AS place USING (reject_id)
            WHERE reject.sale_id = ?1
            ORDER BY place.version DESC, place.log DESC, place.partition DESC, place.offset DESC
            """)
        setState = try database.prepare("UPDATE ods.sales_rejects SET state = ?2 WHERE reject_id = ?1")
        validPlace = try database.prepare("SELECT version, log, partition, offset FROM ods.sales WHERE id = ?1")
    }

    /// The state of each reject of a sale follows from the order of its records: by version, and where versions tie by
    /// where they lie, as for valid records.
    func settle(sale: Int64) throws {
        ofSale.bind(sale, at: 1)
        var found: [(id: Int64, state: String)] = []
        var seen: Set<Int64> = []
        var highest: RecordPlace?
        while try ofSale.step() {
            if highest == nil { highest = place(ofSale, firstColumn: 2) }
            let id = ofSale.integer(at: 0)
            if seen.insert(id).inserted { found.append((id, ofSale.text(at: 1))) }
        }
        guard let highest, let newest = found.first else { return }
        validPlace.bind(sale, at: 1)
        let valid = try validPlace.step() ? place(validPlace, firstColumn: 0) : nil
        validPlace.reset()
        // The ranks 0, 1 and 2 stand for versions, so that ties are decided.
        let verdict = SaleVerdict(
            validVersion: valid.map { _ in 1 }, refusedVersion: valid.map { highest < $0 ? 0 : 2 } ?? 2)
        for reject in found {
            let state = reject.id == newest.id ? verdict.rejectState ?? .superseded : .superseded
            if state.rawValue != reject.state { try set(reject.id, to: state) }
        }
    }

    /// A reject of which no sale is known is open.
    func settle(rejectWithoutSale reject: Int64) throws { try set(reject, to: .open) }

    private func set(_ reject: Int64, to state: RejectState) throws {
        setState.bind(reject, at: 1)
        try setState.bind(state.rawValue, at: 2)
        try setState.run()
    }

    private func place(_ statement: borrowing Statement, firstColumn: Int32) -> RecordPlace {
        RecordPlace(
            version: statement.integer(at: firstColumn), log: statement.integer(at: firstColumn + 1),
            partition: Int32(statement.integer(at: firstColumn + 2)), offset: statement.integer(at: firstColumn + 3))
    }
}
