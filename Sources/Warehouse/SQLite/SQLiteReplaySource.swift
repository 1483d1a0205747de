internal import SQLite

/// Looks up what a replay would read, in `raw.db`, `ods.db` and `ops.db`, read-only.
package struct SQLiteReplaySource: ReplaySource {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func partitions() throws -> [WarehousePartition] {
        try translating(warehouse.directory) {
            let rows = try connect().prepare(
                """
                WITH places AS (SELECT log, partition FROM raw.offsets UNION SELECT log, partition FROM ods.offsets)
                SELECT place.log, place.partition,
                       coalesce(ods.topic, logs.topic,
                                (SELECT topic FROM raw.sales AS sale WHERE sale.log = place.log LIMIT 1), ''),
                       (SELECT min(offset) FROM raw.sales AS sale
                        WHERE sale.log = place.log AND sale.partition = place.partition),
                       (SELECT max(offset) FROM raw.sales AS sale
                        WHERE sale.log = place.log AND sale.partition = place.partition),
                       raw.next_offset, ods.next_offset
                FROM places AS place
                LEFT JOIN raw.offsets AS raw ON raw.log = place.log AND raw.partition = place.partition
                LEFT JOIN ods.offsets AS ods ON ods.log = place.log AND ods.partition = place.partition
                LEFT JOIN ops.logs AS logs ON logs.log = place.log
                ORDER BY place.log, place.partition
                """)
            var partitions: [WarehousePartition] = []
            while try rows.step() {
                partitions.append(
                    WarehousePartition(
                        log: rows.integer(at: 0), topic: rows.text(at: 2), partition: Int32(rows.integer(at: 1)),
                        firstRecord: rows.optionalInteger(at: 3),
                        stored: StoredPosition(
                            raw: rows.optionalInteger(at: 5), ods: rows.optionalInteger(at: 6),
                            lastRawRecord: rows.optionalInteger(at: 4))))
            }
            return partitions
        }
    }

    package func content(log: Int64, partition: Int32, offsets: Range<Int64>) throws -> RawContent {
        try translating(warehouse.directory) {
            // An id is the same number whether it is written as one or as a text of digits; 0 is none. The limit keeps
            // SQLite from making the text twice.
            let count = try connect().prepare(
                """
                SELECT count(*), count(DISTINCT CASE WHEN is_json AND json_valid(document)
                                                THEN nullif(CAST(json_extract(document, '$.id') AS INTEGER), 0) END)
                FROM (SELECT is_json, CAST(payload AS TEXT) AS document FROM raw.sales
                      WHERE log = ?1 AND partition = ?2 AND offset >= ?3 AND offset < ?4 LIMIT -1)
                """)
            count.bind(log, at: 1)
            count.bind(Int64(partition), at: 2)
            count.bind(offsets.lowerBound, at: 3)
            count.bind(offsets.upperBound, at: 4)
            guard try count.step() else { return RawContent() }
            return RawContent(records: count.integer(at: 0), sales: count.integer(at: 1))
        }
    }

    package func firstOffset(log: Int64, partition: Int32, atMilliseconds time: Int64) throws -> Int64? {
        try translating(warehouse.directory) {
            let look = try connect().prepare(
                """
                SELECT offset FROM raw.sales WHERE log = ?1 AND partition = ?2 AND timestamp >= ?3
                ORDER BY offset LIMIT 1
                """)
            look.bind(log, at: 1)
            look.bind(Int64(partition), at: 2)
            look.bind(time, at: 3)
            return try look.step() ? look.integer(at: 0) : nil
        }
    }

    package func newestLog(ofTopic topic: String) throws -> (log: Int64, cluster: String)? {
        try translating(warehouse.directory) {
            let look = try connect().prepare(
                "SELECT log, cluster FROM ops.logs WHERE topic = ?1 ORDER BY log DESC LIMIT 1")
            try look.bind(topic, at: 1)
            return try look.step() ? (look.integer(at: 0), look.text(at: 1)) : nil
        }
    }

    private func connect() throws -> Database {
        try warehouse.connect(reading: ["raw", "ods", "ops"], cacheKiB: 4_096)
    }
}
