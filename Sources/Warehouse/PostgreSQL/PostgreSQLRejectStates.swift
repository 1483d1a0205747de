internal import PostgreSQL
internal import Retail

/// Gives the rejects of sales the states that rule 7 asks for, by `SaleVerdict`, after anything of these sales changed.
enum PostgreSQLRejectStates {
    private struct Reject {
        let id: Int64
        let state: String
        /// Its highest record.
        let place: RecordPlace
    }

    /// The state of each reject of a sale follows from the order of its records: by version, and where versions tie by
    /// where they lie, as for valid records.
    static func settle(_ sales: [Int64], _ connection: Connection) throws {
        guard !sales.isEmpty else { return }
        var rejects: [Int64: [Reject]] = [:]
        var valid: [Int64: RecordPlace] = [:]
        for row in try connection.run(ofSales, [.integers(sales)]) {
            let sale = row.integer(at: 0)
            rejects[sale, default: []].append(
                Reject(id: row.integer(at: 1), state: row.text(at: 2), place: place(row, firstColumn: 3)))
            if !row.isNull(at: 7) { valid[sale] = place(row, firstColumn: 7) }
        }
        var states: [(reject: Int64, state: RejectState)] = []
        for (sale, rejects) in rejects {
            guard let newest = rejects.max(by: { $0.place < $1.place }) else { continue }
            // The ranks 0, 1 and 2 stand for versions, so that ties are decided.
            let verdict = SaleVerdict(
                validVersion: valid[sale].map { _ in 1 },
                refusedVersion: valid[sale].map { newest.place < $0 ? 0 : 2 } ?? 2)
            for reject in rejects {
                let state = reject.id == newest.id ? verdict.rejectState ?? .superseded : .superseded
                if state.rawValue != reject.state { states.append((reject.id, state)) }
            }
        }
        guard !states.isEmpty else { return }
        try connection.query(
            """
            UPDATE ods.sales_rejects AS reject SET state = settled.state
            FROM unnest($1::bigint[], $2::text[]) AS settled(reject_id, state)
            WHERE reject.reject_id = settled.reject_id
            """, [.integers(states.map(\.reject)), .texts(states.map(\.state.rawValue))])
    }

    private static let ofSales = Statement(
        "rejects.of_sales",
        """
        SELECT reject.sale_id, reject.reject_id, reject.state, place.version, place.log, place.partition,
               place."offset", sale.version, sale.log, sale.partition, sale."offset"
        FROM ods.sales_rejects AS reject
        CROSS JOIN LATERAL (
            SELECT * FROM ods.sales_reject_positions AS position WHERE position.reject_id = reject.reject_id
            ORDER BY version DESC, log DESC, partition DESC, "offset" DESC LIMIT 1) AS place
        LEFT JOIN ods.sales AS sale ON sale.id = reject.sale_id
        WHERE reject.sale_id = ANY($1)
        """)

    private static func place(_ row: Row, firstColumn: Int32) -> RecordPlace {
        RecordPlace(
            version: row.integer(at: firstColumn), log: row.integer(at: firstColumn + 1),
            partition: Int32(row.integer(at: firstColumn + 2)), offset: row.integer(at: firstColumn + 3))
    }
}
