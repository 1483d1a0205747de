internal import FaultPoints
internal import Foundation
package import Retail
internal import SQLite

/// The balance of a SQLite warehouse: counts of `raw.db`, `ods.db` and `dmt.db`, noted in `ops.db`.
package struct SQLiteBalanceStore: BalanceStore {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    /// The logs of a topic on a cluster, parameters 1 and 2.
    private static let logs = "(SELECT log FROM ops.logs WHERE topic = ?1 AND cluster = ?2)"

    package func positions(of topic: BalancedTopic) throws -> [Int32: Int64] {
        try reading(["raw", "ods", "ops"], topic) { prepare in
            let rows = try prepare(
                """
                SELECT raw.partition, min(raw.next_offset, ods.next_offset) FROM raw.offsets AS raw
                JOIN ods.offsets AS ods ON ods.log = raw.log AND ods.partition = raw.partition
                WHERE raw.log = (SELECT max(log) FROM ops.logs WHERE topic = ?1) AND raw.log IN \(Self.logs)
                """)
            var positions: [Int32: Int64] = [:]
            while try rows.step() { positions[Int32(rows.integer(at: 0))] = rows.integer(at: 1) }
            return positions
        }
    }

    package func hours(of topic: BalancedTopic) throws -> HoldingHours {
        try reading(["raw", "ops"], topic) { prepare in
            let present = try prepare("SELECT DISTINCT hour FROM raw.hours WHERE log IN \(Self.logs)")
            var hours: Set<RecordHour> = []
            while try present.step() { hours.insert(RecordHour(number: present.integer(at: 0))) }
            // A partition that raw holds from its first record on hides nothing.
            let begun = try prepare(
                """
                SELECT max(hour) FROM (
                    SELECT hour, min(first_offset) AS first_offset FROM raw.hours
                    WHERE log = (SELECT min(log) FROM \(Self.logs)) GROUP BY partition)
                WHERE first_offset > 0
                """)
            let last = try begun.step() ? begun.optionalInteger(at: 0) : nil
            return HoldingHours(hours: hours, wholeFrom: RecordHour(number: last.map { $0 + 1 } ?? 0))
        }
    }

    package func holdings(of hour: RecordHour, from version: Int64, topic: BalancedTopic) throws -> HourHoldings {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["raw", "ods", "ops"], cacheKiB: 8_192)
            return try database.snapshot {
                try HourCounter(database).count(hour, from: version, topic: topic, logs: Self.logs)
            }
        }
    }

    package func acceptedLosses(of topic: BalancedTopic) throws -> [AcceptedLoss] {
        try reading(["raw", "ops"], topic) { prepare in
            // Lost records lie between their neighbours in raw, in time as in offsets.
            let ranges = try prepare(
                """
                SELECT end_offset - first_offset,
                       (SELECT version FROM raw.sales AS sale WHERE sale.log = loss.log
                            AND sale.partition = loss.partition AND sale.offset < loss.first_offset
                        ORDER BY sale.offset DESC LIMIT 1),
                       (SELECT version FROM raw.sales AS sale WHERE sale.log = loss.log
                            AND sale.partition = loss.partition AND sale.offset >= loss.end_offset
                        ORDER BY sale.offset LIMIT 1)
                FROM ops.accepted_losses AS loss WHERE log IN \(Self.logs)
                """)
            var losses: [AcceptedLoss] = []
            while try ranges.step() {
                losses.append(
                    AcceptedLoss(
                        first: ranges.optionalInteger(at: 1).map { RecordHour(version: $0) },
                        last: ranges.optionalInteger(at: 2).map { RecordHour(version: $0) },
                        recordsMax: ranges.integer(at: 0)))
            }
            // What was not read of a topic before it was made anew is nowhere, and how much that is nobody knows.
            let renewed = try prepare(
                """
                SELECT (SELECT min(last) FROM (SELECT max(hour) AS last FROM raw.hours
                            WHERE log = (SELECT max(log) FROM \(Self.logs) WHERE log < next.log) GROUP BY partition)),
                       (SELECT max(first) FROM (SELECT min(hour) AS first FROM raw.hours
                            WHERE log = next.log GROUP BY partition))
                FROM ops.logs AS next
                WHERE next.log IN \(Self.logs) AND next.log > (SELECT min(log) FROM \(Self.logs))
                """)
            while try renewed.step() {
                losses.append(
                    AcceptedLoss(
                        first: renewed.optionalInteger(at: 0).map { RecordHour(number: $0) },
                        last: renewed.optionalInteger(at: 1).map { RecordHour(number: $0) }, recordsMax: nil))
            }
            return losses
        }
    }

    package func entries(of topic: BalancedTopic) throws -> [RecordHour: BalanceEntry] {
        try reading(["ops"], topic) { prepare in
            let rows = try prepare(
                """
                SELECT hour, state, published, records, foreign_records, sales, stored, refused, missing, reason
                FROM ops.balance WHERE topic = ?1 AND cluster = ?2
                """)
            var entries: [RecordHour: BalanceEntry] = [:]
            while try rows.step() {
                guard let hour = RecordHour(rows.text(at: 0)) else { continue }
                var entry = BalanceEntry(
                    hour: hour, state: BalanceEntry.State(rawValue: rows.text(at: 1)) ?? .open,
                    published: rows.integer(at: 2), reason: rows.optionalText(at: 9))
                if let records = rows.optionalInteger(at: 3) {
                    entry.holdings = HourHoldings(
                        records: records, foreign: rows.integer(at: 4), sales: rows.integer(at: 5),
                        stored: rows.integer(at: 6), refused: rows.integer(at: 7),
                        missing: rows.text(at: 8).split(separator: ",").compactMap { Int64($0) })
                }
                entries[hour] = entry
            }
            return entries
        }
    }

    package func note(_ entries: [BalanceEntry], of topic: BalancedTopic) throws {
        guard !entries.isEmpty else { return }
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ops"])
            let upsert = try database.prepare(
                """
                INSERT INTO ops.balance (topic, cluster, hour, state, published, records, foreign_records, sales,
                                         stored, refused, missing, reason, SYS_DATE_CREATE, SYS_DATE_UPDATE)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
                ON CONFLICT (topic, cluster, hour) DO UPDATE SET state = excluded.state,
                    published = excluded.published, records = excluded.records,
                    foreign_records = excluded.foreign_records, sales = excluded.sales, stored = excluded.stored,
                    refused = excluded.refused, missing = excluded.missing, reason = excluded.reason,
                    SYS_DATE_UPDATE = excluded.SYS_DATE_UPDATE
                """)
            let now = Timestamp.text(ofMicroseconds: warehouse.clock())
            FaultPoint.balanceWrite.before()
            try database.transaction {
                for entry in entries {
                    try upsert.bind(topic.topic, at: 1)
                    try upsert.bind(topic.cluster, at: 2)
                    try upsert.bind(entry.hour.description, at: 3)
                    try upsert.bind(entry.state.rawValue, at: 4)
                    upsert.bind(entry.published, at: 5)
                    upsert.bind(entry.holdings?.records, at: 6)
                    upsert.bind(entry.holdings?.foreign, at: 7)
                    upsert.bind(entry.holdings?.sales, at: 8)
                    upsert.bind(entry.holdings?.stored, at: 9)
                    upsert.bind(entry.holdings?.refused, at: 10)
                    try upsert.bind(entry.holdings?.missing.map(String.init).joined(separator: ","), at: 11)
                    try upsert.bind(entry.reason, at: 12)
                    try upsert.bind(now, at: 13)
                    try upsert.run()
                }
                FaultPoint.balanceWrite.after()
                FaultPoint.balanceCommit.before()
            }
            FaultPoint.balanceCommit.after()
        }
    }

    package func martHoldings() throws -> MartHoldings {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods", "dmt"])
            return try database.snapshot {
                let slot = try database.integer("SELECT slot FROM dmt.generation") ?? 0
                let same = """
                    JOIN dmt.generation_sales_\(slot) AS built ON built.sale_id = line.sale_id
                    JOIN ods.sales AS sale ON sale.id = line.sale_id AND sale.revision = built.revision
                    """
                let built = try database.prepare(
                    """
                    SELECT count(*), count(line.orphan_reason), (SELECT number FROM dmt.generation)
                    FROM dmt.mart_lines_\(slot) AS line \(same)
                    """)
                _ = try built.step()
                let (all, orphans) = (built.integer(at: 0), built.integer(at: 1))
                let lines = try database.integer(
                    """
                    SELECT count(*) FROM (SELECT DISTINCT line.sale_id, line.product_sku
                                          FROM ods.sales_items AS line \(same))
                    """)
                return MartHoldings(
                    generation: built.integer(at: 2), lines: lines ?? 0, rows: all - orphans, orphans: orphans)
            }
        }
    }

    /// Runs queries with the topic and the cluster as their parameters 1 and 2.
    private func reading<Result>(
        _ schemas: [String], _ topic: BalancedTopic, _ body: ((String) throws -> Statement) throws -> Result
    ) throws -> Result {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: schemas, cacheKiB: 4_096)
            return try database.snapshot {
                try body { sql in
                    let statement = try database.prepare(sql)
                    try statement.bind(topic.topic, at: 1)
                    try statement.bind(topic.cluster, at: 2)
                    return statement
                }
            }
        }
    }
}

extension AcceptedLoss {
    /// Between two hours; nil: as far as there are any.
    fileprivate init(first: RecordHour?, last: RecordHour?, recordsMax: Int64?) {
        let lower = first ?? RecordHour(number: 0)
        self.init(hours: lower...max(lower, last ?? RecordHour(number: .max)), recordsMax: recordsMax)
    }
}
