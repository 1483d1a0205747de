internal import FaultPoints
internal import PostgreSQL
package import Retail

/// The balance of a PostgreSQL warehouse: counts of `raw`, `ods` and `dmt`, noted in `ops.balance`.
package struct PostgreSQLBalanceStore: BalanceStore {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    /// The logs of a topic on a cluster, parameters 1 and 2.
    static let logs = "(SELECT log FROM ops.logs WHERE topic = $1 AND cluster = $2)"

    package func positions(of topic: BalancedTopic) throws -> [Int32: Int64] {
        let rows = try query(
            """
            SELECT raw.partition, least(raw.next_offset, ods.next_offset) FROM raw.offsets AS raw
            JOIN ods.offsets AS ods ON ods.log = raw.log AND ods.partition = raw.partition
            WHERE raw.log = (SELECT max(log) FROM ops.logs WHERE topic = $1) AND raw.log IN \(Self.logs)
            """, topic)
        return Dictionary(
            rows.map { (Int32($0.integer(at: 0)), $0.integer(at: 1)) }, uniquingKeysWith: { $1 })
    }

    package func hours(of topic: BalancedTopic) throws -> HoldingHours {
        let present = try query("SELECT DISTINCT hour FROM raw.hours WHERE log IN \(Self.logs)", topic)
        // A partition that raw holds from its first record on hides nothing.
        let begun = try query(
            """
            SELECT max(hour) FROM (
                SELECT DISTINCT ON (partition) partition, hour, first_offset FROM raw.hours
                WHERE log = (SELECT min(log) FROM \(Self.logs) AS known) ORDER BY partition, first_offset) AS first
            WHERE first_offset > 0
            """, topic)
        return HoldingHours(
            hours: Set(present.map { RecordHour(number: $0.integer(at: 0)) }),
            wholeFrom: RecordHour(number: begun[0].optionalInteger(at: 0).map { $0 + 1 } ?? 0))
    }

    package func holdings(of hour: RecordHour, from version: Int64, topic: BalancedTopic) throws -> HourHoldings {
        try warehouse.session { connection in
            try connection.snapshot { try PostgreSQLHourCounter(connection).count(hour, from: version, topic: topic) }
        }
    }

    package func acceptedLosses(of topic: BalancedTopic) throws -> [AcceptedLoss] {
        // Lost records lie between their neighbours in raw, in time as in offsets.
        let ranges = try query(
            """
            SELECT end_offset - first_offset,
                   (SELECT version FROM raw.sales AS sale WHERE sale.log = loss.log
                        AND sale.partition = loss.partition AND sale."offset" < loss.first_offset
                    ORDER BY sale."offset" DESC LIMIT 1),
                   (SELECT version FROM raw.sales AS sale WHERE sale.log = loss.log
                        AND sale.partition = loss.partition AND sale."offset" >= loss.end_offset
                    ORDER BY sale."offset" LIMIT 1)
            FROM ops.accepted_losses AS loss WHERE log IN \(Self.logs)
            """, topic)
        // What was not read of a topic before it was made anew is nowhere, and how much that is nobody knows.
        let renewed = try query(
            """
            SELECT (SELECT min(last) FROM (SELECT max(hour) AS last FROM raw.hours
                        WHERE log = (SELECT max(log) FROM \(Self.logs) AS known WHERE log < next.log)
                        GROUP BY partition) AS before),
                   (SELECT max(first) FROM (SELECT min(hour) AS first FROM raw.hours
                        WHERE log = next.log GROUP BY partition) AS behind)
            FROM ops.logs AS next
            WHERE next.log IN \(Self.logs) AND next.log > (SELECT min(log) FROM \(Self.logs) AS known)
            """, topic)
        return ranges.map { row in
            Self.loss(
                first: row.optionalInteger(at: 1).map { RecordHour(version: $0) },
                last: row.optionalInteger(at: 2).map { RecordHour(version: $0) }, recordsMax: row.integer(at: 0))
        }
            + renewed.map { row in
                Self.loss(
                    first: row.optionalInteger(at: 0).map { RecordHour(number: $0) },
                    last: row.optionalInteger(at: 1).map { RecordHour(number: $0) }, recordsMax: nil)
            }
    }

    /// Between two hours; nil: as far as there are any.
    private static func loss(first: RecordHour?, last: RecordHour?, recordsMax: Int64?) -> AcceptedLoss {
        let lower = first ?? RecordHour(number: 0)
        return AcceptedLoss(
            hours: lower...max(lower, last ?? RecordHour(number: .max)), recordsMax: recordsMax)
    }

    package func entries(of topic: BalancedTopic) throws -> [RecordHour: BalanceEntry] {
        var entries: [RecordHour: BalanceEntry] = [:]
        for row in try query(
            """
            SELECT hour, state, published, records, foreign_records, sales, stored, refused, missing, reason
            FROM ops.balance WHERE topic = $1 AND cluster = $2
            """, topic)
        {
            guard let hour = RecordHour(row.text(at: 0)) else { continue }
            var entry = BalanceEntry(
                hour: hour, state: BalanceEntry.State(rawValue: row.text(at: 1)) ?? .open,
                published: row.integer(at: 2), reason: row.optionalText(at: 9))
            if let records = row.optionalInteger(at: 3) {
                entry.holdings = HourHoldings(
                    records: records, foreign: row.integer(at: 4), sales: row.integer(at: 5),
                    stored: row.integer(at: 6), refused: row.integer(at: 7),
                    missing: row.text(at: 8).split(separator: ",").compactMap { Int64($0) })
            }
            entries[hour] = entry
        }
        return entries
    }

    package func note(_ entries: [BalanceEntry], of topic: BalancedTopic) throws {
        guard !entries.isEmpty else { return }
        try warehouse.session { connection in
            let now = warehouse.clock()
            FaultPoint.balanceWrite.before()
            try connection.transaction(attempts: 3) {
                for entry in entries.sorted(by: { $0.hour < $1.hour }) {
                    try connection.run(
                        Self.noteEntry,
                        [
                            .text(topic.topic), .text(topic.cluster), .text(entry.hour.description),
                            .text(entry.state.rawValue), .integer(entry.published),
                            .optional(entry.holdings?.records), .optional(entry.holdings?.foreign),
                            .optional(entry.holdings?.sales), .optional(entry.holdings?.stored),
                            .optional(entry.holdings?.refused),
                            .optional(entry.holdings?.missing.map(String.init).joined(separator: ",")),
                            .optional(entry.reason), .instant(microseconds: now),
                        ])
                }
                FaultPoint.balanceWrite.after()
                FaultPoint.balanceCommit.before()
            }
            FaultPoint.balanceCommit.after()
        }
    }

    private static let noteEntry = Statement(
        "balance.note",
        """
        INSERT INTO ops.balance (topic, cluster, hour, state, published, records, foreign_records, sales, stored,
                                 refused, missing, reason, SYS_DATE_CREATE, SYS_DATE_UPDATE)
        VALUES ($1, $2, $3, $4, $5, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11::text, $12::text,
                $13, $13)
        ON CONFLICT (topic, cluster, hour) DO UPDATE SET state = excluded.state,
            published = excluded.published, records = excluded.records,
            foreign_records = excluded.foreign_records, sales = excluded.sales, stored = excluded.stored,
            refused = excluded.refused, missing = excluded.missing, reason = excluded.reason,
            SYS_DATE_UPDATE = excluded.SYS_DATE_UPDATE
        """)

    package func martHoldings() throws -> MartHoldings {
        try warehouse.session { connection in
            try connection.snapshot {
                let slot = try connection.query("SELECT slot FROM dmt.generation")[0].integer(at: 0)
                let same = """
                    JOIN dmt.generation_sales_\(slot) AS built ON built.sale_id = line.sale_id
                    JOIN ods.sales AS sale ON sale.id = line.sale_id AND sale.revision = built.revision
                    """
                let built = try connection.query(
                    """
                    SELECT count(*), count(line.orphan_reason), (SELECT number FROM dmt.generation)
                    FROM dmt.mart_lines_\(slot) AS line \(same)
                    """)[0]
                let lines = try connection.query(
                    """
                    SELECT count(*) FROM (SELECT DISTINCT line.sale_id, line.product_sku
                                          FROM ods.sales_items AS line \(same)) AS pair
                    """)[0]
                let (all, orphans) = (built.integer(at: 0), built.integer(at: 1))
                return MartHoldings(
                    generation: built.integer(at: 2), lines: lines.integer(at: 0), rows: all - orphans,
                    orphans: orphans)
            }
        }
    }

    /// Runs a query with the topic and the cluster as its parameters 1 and 2.
    private func query(_ sql: String, _ topic: BalancedTopic) throws -> [Row] {
        try warehouse.session { Array(try $0.query(sql, [.text(topic.topic), .text(topic.cluster)])) }
    }
}
