internal import Retail
internal import SQLite

/// Counts the records of one hour in raw, and looks up their sales in ods and among the rejects.
struct HourCounter {
    private let database: Database

    init(_ database: Database) { self.database = database }

    /// - Parameters:
    ///   - version: records of ours below it are passed over.
    ///   - logs: a query of log numbers, whose parameters 1 and 2 are topic and cluster.
    func count(_ hour: RecordHour, from version: Int64, topic: BalancedTopic, logs: String) throws -> HourHoldings {
        var holdings = HourHoldings(records: 0, foreign: 0, sales: 0, stored: 0, refused: 0, missing: [])
        var sales: Set<Int64> = []
        // raw.hours tells where to look; what is counted are the rows that are there.
        let rows = try database.prepare(
            """
            SELECT sale.version, sale.SYS_FILE_NAME IS NULL, sale.payload
            FROM raw.hours AS range
            CROSS JOIN raw.sales AS sale ON sale.log = range.log AND sale.partition = range.partition
                AND sale.offset BETWEEN range.first_offset AND range.last_offset
            WHERE range.log IN \(logs) AND range.hour = ?3 AND sale.version BETWEEN ?4 AND ?5
            """)
        try rows.bind(topic.topic, at: 1)
        try rows.bind(topic.cluster, at: 2)
        rows.bind(hour.number, at: 3)
        rows.bind(hour.versions.lowerBound, at: 4)
        rows.bind(hour.versions.upperBound - 1, at: 5)
        let parser = SaleParser(timeZone: .utc)
        var judged = SaleBatch()
        while try rows.step() {
            if rows.integer(at: 1) != 0 {
                holdings.foreign += 1
            } else if rows.integer(at: 0) >= version {
                holdings.records += 1
            }
            judged.removeAll()
            rows.withBytes(at: 2) { parser.parse($0, record: 0, into: &judged) }
            if let sale = judged.rows.first?.id ?? judged.refusals.first?.saleID { sales.insert(sale) }
        }
        try look(up: sales, &holdings)
        return holdings
    }

    private func look(up sales: Set<Int64>, _ holdings: inout HourHoldings) throws {
        holdings.sales = Int64(sales.count)
        let stored = try database.prepare("SELECT 1 FROM ods.sales WHERE id = ?1")
        let refused = try database.prepare(
            "SELECT 1 FROM ods.sales_rejects WHERE sale_id = ?1 AND state <> 'superseded'")
        for sale in sales.sorted() {
            if try finds(stored, sale) {
                holdings.stored += 1
            } else if try finds(refused, sale) {
                holdings.refused += 1
            } else if holdings.missing.count < HourHoldings.missingMax {
                holdings.missing.append(sale)
            }
        }
    }

    private func finds(_ look: borrowing Statement, _ sale: Int64) throws -> Bool {
        look.bind(sale, at: 1)
        defer { look.reset() }
        return try look.step()
    }
}
