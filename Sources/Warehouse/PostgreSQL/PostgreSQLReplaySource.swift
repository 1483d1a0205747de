internal import PostgreSQL

/// Looks up what a replay would read, in `raw`, `ods` and `ops`.
package struct PostgreSQLReplaySource: ReplaySource {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    package func partitions() throws -> [WarehousePartition] {
        try warehouse.session { connection in
            try connection.query(
                """
                WITH places AS (SELECT log, partition FROM raw.offsets UNION SELECT log, partition FROM ods.offsets)
                SELECT place.log, place.partition,
                       coalesce(ods.topic, logs.topic,
                                (SELECT topic FROM raw.sales AS sale WHERE sale.log = place.log LIMIT 1), ''),
                       (SELECT min("offset") FROM raw.sales AS sale
                        WHERE sale.log = place.log AND sale.partition = place.partition),
                       (SELECT max("offset") FROM raw.sales AS sale
                        WHERE sale.log = place.log AND sale.partition = place.partition),
                       raw.next_offset, ods.next_offset
                FROM places AS place
                LEFT JOIN raw.offsets AS raw ON raw.log = place.log AND raw.partition = place.partition
                LEFT JOIN ods.offsets AS ods ON ods.log = place.log AND ods.partition = place.partition
                LEFT JOIN ops.logs AS logs ON logs.log = place.log
                ORDER BY place.log, place.partition
                """
            ).map { row in
                WarehousePartition(
                    log: row.integer(at: 0), topic: row.text(at: 2), partition: Int32(row.integer(at: 1)),
                    firstRecord: row.optionalInteger(at: 3),
                    stored: StoredPosition(
                        raw: row.optionalInteger(at: 5), ods: row.optionalInteger(at: 6),
                        lastRawRecord: row.optionalInteger(at: 4)))
            }
        }
    }

    package func content(log: Int64, partition: Int32, offsets: Range<Int64>) throws -> RawContent {
        try warehouse.session { connection in
            // An id is the same number whether it is written as one or as a text of digits; 0 is none.
            let row = try connection.query(
                """
                SELECT count(*), count(DISTINCT nullif(CASE json_typeof(document -> 'id')
                    WHEN 'number' THEN trunc((document ->> 'id')::numeric)
                    WHEN 'string' THEN substring(document ->> 'id' FROM '^[0-9]{1,19}')::numeric END, 0))
                FROM (SELECT CASE WHEN is_json THEN convert_from(payload, 'UTF8')::json END AS document
                      FROM raw.sales
                      WHERE log = $1 AND partition = $2 AND "offset" >= $3 AND "offset" < $4) AS opened
                """,
                [
                    .integer(log), .integer(Int64(partition)), .integer(offsets.lowerBound),
                    .integer(offsets.upperBound),
                ])[0]
            return RawContent(records: row.integer(at: 0), sales: row.integer(at: 1))
        }
    }

    package func firstOffset(log: Int64, partition: Int32, atMilliseconds time: Int64) throws -> Int64? {
        try warehouse.session { connection in
            try connection.query(
                """
                SELECT "offset" FROM raw.sales WHERE log = $1 AND partition = $2 AND timestamp >= $3
                ORDER BY "offset" LIMIT 1
                """, [.integer(log), .integer(Int64(partition)), .integer(time)]
            ).first?.integer(at: 0)
        }
    }

    package func newestLog(ofTopic topic: String) throws -> (log: Int64, cluster: String)? {
        try warehouse.session { connection in
            try connection.query(
                "SELECT log, cluster FROM ops.logs WHERE topic = $1 ORDER BY log DESC LIMIT 1", [.text(topic)]
            ).first.map { ($0.integer(at: 0), $0.text(at: 1)) }
        }
    }
}
