internal import Retail
internal import SQLite

/// The rejects of `ods.db` and their records in `raw.db`, read-only: no lock of the writer's is needed.
package struct SQLiteRejectStore: RejectStore {
    /// How many bytes of records are read at once, unless one alone is larger.
    private static let bytesMax = 16 << 20

    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func records(after place: RejectPlace?, recordsMax: Int) throws -> RejectedRecords {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["raw", "ods"], cacheKiB: 4_096)
            let look = try database.prepare(
                """
                SELECT place.reject_id, place.log, place.partition, place.offset,
                       record.topic, record.version, record.timestamp, record.payload, record.SYS_FILE_NAME
                FROM ods.sales_reject_positions AS place
                LEFT JOIN raw.sales AS record ON record.log = place.log AND record.partition = place.partition
                    AND record.offset = place.offset
                WHERE (place.reject_id, place.log, place.partition, place.offset) > (?1, ?2, ?3, ?4)
                ORDER BY place.reject_id, place.log, place.partition, place.offset LIMIT ?5
                """)
            look.bind(place?.reject ?? -1, at: 1)
            look.bind(place?.log ?? -1, at: 2)
            look.bind(place.map { Int64($0.partition) } ?? -1, at: 3)
            look.bind(place?.offset ?? -1, at: 4)
            look.bind(Int64(recordsMax), at: 5)
            var reading = RejectReading()
            while reading.bytes < SQLiteRejectStore.bytesMax, try look.step() {
                let place = RejectPlace(
                    reject: look.integer(at: 0), log: look.integer(at: 1), partition: Int32(look.integer(at: 2)),
                    offset: look.integer(at: 3))
                guard let topic = look.optionalText(at: 4) else {
                    reading.add(place)
                    continue
                }
                reading.add(place, topic: topic) { arena in
                    IncomingRecord(
                        partition: place.partition, offset: place.offset, version: look.integer(at: 5),
                        timestampMilliseconds: look.integer(at: 6),
                        payload: look.withBytes(at: 7) { $0.map(arena.keep) },
                        fileName: look.withBytes(at: 8) { $0.map(arena.keep) })
                }
            }
            let isCut = reading.places.count == recordsMax || reading.bytes >= SQLiteRejectStore.bytesMax
            return reading.result(isCut: isCut)
        }
    }

    package func overview(_ filter: RejectFilter, groupsMax: Int) throws -> RejectOverview {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods"], cacheKiB: 4_096)
            return try database.snapshot {
                let groups = try groups(filter, database)
                return RejectOverview(
                    rejects: try counts(filter, database),
                    groups: try groups.prefix(groupsMax).map { group, reject in
                        var group = group
                        group.example = try example(of: reject, database)
                        return group
                    },
                    groupsLeftOut: Int64(max(0, groups.count - groupsMax)))
            }
        }
    }

    /// The rejects of the filter's states, `?1` a kind of fault or NULL.
    private func chosen(_ filter: RejectFilter) -> String {
        let states = filter.states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return """
            FROM ods.sales_rejects AS reject
            WHERE state IN (\(states)) AND (?1 IS NULL OR EXISTS (
                SELECT 1 FROM json_each(reject.reasons) AS reason WHERE reason.value ->> '$.code' = ?1))
            """
    }

    private func counts(_ filter: RejectFilter, _ database: Database) throws -> [RejectState: Int64] {
        let look = try database.prepare("SELECT state, count(*) \(chosen(filter)) GROUP BY state")
        try look.bind(filter.code?.rawValue, at: 1)
        var counts: [RejectState: Int64] = [:]
        while try look.step() {
            guard let state = RejectState(rawValue: look.text(at: 0)) else { continue }
            counts[state] = look.integer(at: 1)
        }
        return counts
    }

    /// The groups, the largest first, each with the newest of its contents.
    private func groups(
        _ filter: RejectFilter, _ database: Database
    ) throws -> [(group: RejectOverview.Group, newest: Int64)] {
        // items[2].quantity and items[3].quantity are the same fault: `items[` and `].quantity` are kept.
        let look = try database.prepare(
            """
            WITH chosen AS (SELECT * \(chosen(filter))),
            fault AS (
                SELECT DISTINCT reject_id, reason.value ->> '$.code' AS code,
                    CASE WHEN instr(reason.value ->> '$.field', '[') BETWEEN 1 AND instr(reason.value ->> '$.field', ']')
                        THEN substr(reason.value ->> '$.field', 1, instr(reason.value ->> '$.field', '['))
                            || substr(reason.value ->> '$.field', instr(reason.value ->> '$.field', ']'))
                        ELSE reason.value ->> '$.field' END AS field
                FROM chosen, json_each(chosen.reasons) AS reason
            ),
            seen AS (
                SELECT reject_id, count(*) AS records, max(SYS_DATE_CREATE) AS last_seen
                FROM ods.sales_reject_positions GROUP BY reject_id
            )
            SELECT code, field, count(*), sum(seen.records), sum(chosen.tries > 0), min(chosen.SYS_DATE_CREATE),
                   max(ifnull(seen.last_seen, chosen.SYS_DATE_CREATE)), max(reject_id)
            FROM fault JOIN chosen USING (reject_id) JOIN seen USING (reject_id)
            WHERE ?1 IS NULL OR code = ?1
            GROUP BY code, field ORDER BY count(*) DESC, field, code
            """)
        try look.bind(filter.code?.rawValue, at: 1)
        var groups: [(RejectOverview.Group, Int64)] = []
        while try look.step() {
            let group = RejectOverview.Group(
                field: look.text(at: 1), code: look.text(at: 0), rejects: look.integer(at: 2),
                records: look.integer(at: 3), triedInVain: look.integer(at: 4), firstSeen: look.text(at: 5),
                lastSeen: look.text(at: 6), example: RejectOverview.Example(log: 0, partition: 0, offset: 0))
            groups.append((group, look.integer(at: 7)))
        }
        return groups
    }

    private func example(of reject: Int64, _ database: Database) throws -> RejectOverview.Example {
        let look = try database.prepare(
            """
            SELECT place.log, place.partition, place.offset, reject.sale_id,
                   (SELECT topic FROM ods.offsets AS read WHERE read.log = place.log LIMIT 1)
            FROM ods.sales_reject_positions AS place JOIN ods.sales_rejects AS reject USING (reject_id)
            WHERE place.reject_id = ?1 ORDER BY place.log, place.partition, place.offset LIMIT 1
            """)
        look.bind(reject, at: 1)
        _ = try look.step()
        return RejectOverview.Example(
            topic: look.optionalText(at: 4), log: look.integer(at: 0), partition: Int32(look.integer(at: 1)),
            offset: look.integer(at: 2), saleID: look.optionalInteger(at: 3))
    }
}
