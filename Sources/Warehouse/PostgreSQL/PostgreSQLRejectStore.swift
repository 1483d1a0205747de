internal import PostgreSQL
internal import Retail

/// The rejects of `ods` and their records in `raw`.
package struct PostgreSQLRejectStore: RejectStore {
    /// How many bytes of records are read at once, unless one alone is larger.
    private static let bytesMax = 16 << 20

    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    package func records(after place: RejectPlace?, recordsMax: Int) throws -> RejectedRecords {
        try warehouse.session { connection in
            var reading = RejectReading()
            // Sizes are known without reading what is large: the server sends no more than is kept.
            try connection.forEachRow(
                """
                SELECT reject_id, log, partition, "offset", topic, version, timestamp, payload, SYS_FILE_NAME
                FROM (SELECT place.reject_id, place.log, place.partition, place."offset",
                             record.topic, record.version, record.timestamp, record.payload, record.SYS_FILE_NAME,
                             sum(coalesce(octet_length(record.payload), 0)) OVER (
                                 ORDER BY place.reject_id, place.log, place.partition, place."offset")
                             - coalesce(octet_length(record.payload), 0) AS bytes_before
                      FROM (SELECT * FROM ods.sales_reject_positions AS place
                            WHERE (reject_id, log, partition, "offset") > ($1, $2, $3, $4)
                            ORDER BY reject_id, log, partition, "offset" LIMIT $5) AS place
                      LEFT JOIN raw.sales AS record ON record.log = place.log AND record.partition = place.partition
                          AND record."offset" = place."offset") AS found
                WHERE bytes_before < $6 ORDER BY reject_id, log, partition, "offset"
                """,
                [
                    .integer(place?.reject ?? -1), .integer(place?.log ?? -1),
                    .integer(place.map { Int64($0.partition) } ?? -1), .integer(place?.offset ?? -1),
                    .integer(Int64(recordsMax)), .integer(Int64(PostgreSQLRejectStore.bytesMax)),
                ]
            ) { row in
                let place = RejectPlace(
                    reject: row.integer(at: 0), log: row.integer(at: 1), partition: Int32(row.integer(at: 2)),
                    offset: row.integer(at: 3))
                guard let topic = row.optionalText(at: 4) else { return reading.add(place) }
                reading.add(place, topic: topic) { arena in
                    IncomingRecord(
                        partition: place.partition, offset: place.offset, version: row.integer(at: 5),
                        timestampMilliseconds: row.integer(at: 6),
                        payload: row.withBytes(at: 7) { $0.map(arena.keep) },
                        fileName: row.withBytes(at: 8) { $0.map(arena.keep) })
                }
            }
            let isCut =
                reading.places.count == recordsMax || reading.bytes >= PostgreSQLRejectStore.bytesMax
            return reading.result(isCut: isCut)
        }
    }

    package func overview(_ filter: RejectFilter, groupsMax: Int) throws -> RejectOverview {
        try warehouse.session { connection in
            try connection.snapshot {
                let groups = try groups(filter, connection)
                return RejectOverview(
                    rejects: try counts(filter, connection),
                    groups: try groups.prefix(groupsMax).map { group, reject in
                        var group = group
                        group.example = try example(of: reject, connection)
                        return group
                    },
                    groupsLeftOut: Int64(max(0, groups.count - groupsMax)))
            }
        }
    }

    /// The rejects of the filter's states `$1`; `$2` is a kind of fault or NULL.
    private static let chosen = """
        FROM ods.sales_rejects AS reject
        WHERE state = ANY($1) AND ($2::text IS NULL OR EXISTS (
            SELECT 1 FROM json_array_elements(reject.reasons) AS reason WHERE reason ->> 'code' = $2::text))
        """

    private func parameters(_ filter: RejectFilter) -> [Parameter] {
        [.texts(filter.states.map(\.rawValue)), .optional(filter.code?.rawValue)]
    }

    private func counts(_ filter: RejectFilter, _ connection: Connection) throws -> [RejectState: Int64] {
        var counts: [RejectState: Int64] = [:]
        for row in try connection.query(
            "SELECT state, count(*) \(PostgreSQLRejectStore.chosen) GROUP BY state", parameters(filter))
        {
            guard let state = RejectState(rawValue: row.text(at: 0)) else { continue }
            counts[state] = row.integer(at: 1)
        }
        return counts
    }

    /// The groups, the largest first, each with the newest of its contents.
    private func groups(
        _ filter: RejectFilter, _ connection: Connection
    ) throws -> [(group: RejectOverview.Group, newest: Int64)] {
        // items[2].quantity and items[3].quantity are the same fault: `items[` and `].quantity` are kept.
        try connection.query(
            """
            WITH chosen AS (SELECT * \(PostgreSQLRejectStore.chosen)),
            fault AS (
                SELECT DISTINCT reject_id, reason ->> 'code' AS code,
                       regexp_replace(reason ->> 'field', '\\[[^]]*\\]', '[]') AS field
                FROM chosen, json_array_elements(chosen.reasons) AS reason
            ),
            seen AS (
                SELECT reject_id, count(*) AS records, max(SYS_DATE_CREATE) AS last_seen
                FROM ods.sales_reject_positions GROUP BY reject_id
            )
            SELECT code, field, count(*), sum(seen.records)::bigint, count(*) FILTER (WHERE chosen.tries > 0),
                   \(PostgreSQLText.utc("min(chosen.SYS_DATE_CREATE)")),
                   \(PostgreSQLText.utc("max(coalesce(seen.last_seen, chosen.SYS_DATE_CREATE))")), max(reject_id)
            FROM fault JOIN chosen USING (reject_id) JOIN seen USING (reject_id)
            WHERE $2::text IS NULL OR code = $2::text
            GROUP BY code, field ORDER BY count(*) DESC, field COLLATE "C", code COLLATE "C"
            """, parameters(filter)
        ).map { row in
            let group = RejectOverview.Group(
                field: row.text(at: 1), code: row.text(at: 0), rejects: row.integer(at: 2), records: row.integer(at: 3),
                triedInVain: row.integer(at: 4), firstSeen: row.text(at: 5), lastSeen: row.text(at: 6),
                example: RejectOverview.Example(log: 0, partition: 0, offset: 0))
            return (group, row.integer(at: 7))
        }
    }

    private func example(of reject: Int64, _ connection: Connection) throws -> RejectOverview.Example {
        let row = try connection.query(
            """
            SELECT place.log, place.partition, place."offset", reject.sale_id,
                   (SELECT topic FROM ods.offsets AS read WHERE read.log = place.log LIMIT 1)
            FROM ods.sales_reject_positions AS place JOIN ods.sales_rejects AS reject USING (reject_id)
            WHERE place.reject_id = $1 ORDER BY place.log, place.partition, place."offset" LIMIT 1
            """, [.integer(reject)])[0]
        return RejectOverview.Example(
            topic: row.optionalText(at: 4), log: row.integer(at: 0), partition: Int32(row.integer(at: 1)),
            offset: row.integer(at: 2), saleID: row.optionalInteger(at: 3))
    }
}
