internal import PostgreSQL
internal import Retail

/// Counts the records of one hour in raw, and looks up their sales in ods and among the rejects.
struct PostgreSQLHourCounter {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// - Parameter version: records of ours below it are passed over.
    func count(_ hour: RecordHour, from version: Int64, topic: BalancedTopic) throws -> HourHoldings {
        var holdings = HourHoldings(records: 0, foreign: 0, sales: 0, stored: 0, refused: 0, missing: [])
        var sales: Set<Int64> = []
        let parser = SaleParser(timeZone: .utc)
        var judged = SaleBatch()
        // raw.hours tells where to look; what is counted are the rows that are there.
        try connection.forEachRow(
            """
            SELECT sale.version, sale.SYS_FILE_NAME IS NULL, sale.payload
            FROM raw.hours AS range
            JOIN raw.sales AS sale ON sale.log = range.log AND sale.partition = range.partition
                AND sale."offset" BETWEEN range.first_offset AND range.last_offset
            WHERE range.log IN \(PostgreSQLBalanceStore.logs) AND range.hour = $3 AND sale.version BETWEEN $4 AND $5
            """,
            [
                .text(topic.topic), .text(topic.cluster), .integer(hour.number), .integer(hour.versions.lowerBound),
                .integer(hour.versions.upperBound - 1),
            ]
        ) { row in
            if row.boolean(at: 1) {
                holdings.foreign += 1
            } else if row.integer(at: 0) >= version {
                holdings.records += 1
            }
            judged.removeAll()
            row.withBytes(at: 2) { parser.parse($0, record: 0, into: &judged) }
            if let sale = judged.rows.first?.id ?? judged.refusals.first?.saleID { sales.insert(sale) }
        }
        try look(up: sales.sorted(), &holdings)
        return holdings
    }

    private func look(up sales: [Int64], _ holdings: inout HourHoldings) throws {
        holdings.sales = Int64(sales.count)
        let row = try connection.query(
            """
            WITH looked AS (
                SELECT asked.id, EXISTS (SELECT 1 FROM ods.sales AS sale WHERE sale.id = asked.id) AS is_stored,
                       EXISTS (SELECT 1 FROM ods.sales_rejects AS reject
                               WHERE reject.sale_id = asked.id AND state <> 'superseded') AS is_refused
                FROM unnest($1::bigint[]) AS asked(id))
            SELECT count(*) FILTER (WHERE is_stored), count(*) FILTER (WHERE NOT is_stored AND is_refused) FROM looked
            """, [.integers(sales)])[0]
        holdings.stored = row.integer(at: 0)
        holdings.refused = row.integer(at: 1)
        holdings.missing = try connection.query(
            """
            SELECT asked.id FROM unnest($1::bigint[]) AS asked(id)
            WHERE NOT EXISTS (SELECT 1 FROM ods.sales AS sale WHERE sale.id = asked.id)
              AND NOT EXISTS (SELECT 1 FROM ods.sales_rejects AS reject
                              WHERE reject.sale_id = asked.id AND state <> 'superseded')
            ORDER BY asked.id LIMIT $2
            """, [.integers(sales), .integer(Int64(HourHoldings.missingMax))]
        ).map { $0.integer(at: 0) }
    }
}
