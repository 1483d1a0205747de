internal import FaultPoints
internal import SQLite

/// The logs of `ops.db`.
package struct SQLiteLogLedger: LogLedger {
    private let warehouse: SQLiteWarehouse
    /// Clusters whose id begins so forget everything when their process ends: each of their logs is another one.
    private let ephemeralClusterPrefix: String

    package init(_ warehouse: SQLiteWarehouse, ephemeralClusterPrefix: String) {
        self.warehouse = warehouse
        self.ephemeralClusterPrefix = ephemeralClusterPrefix
    }

    package func log(ofTopic topic: String, cluster: String, startNew: Bool) throws -> Int64 {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ops"], durable: true)
            let (log, isNew): (Int64, Bool) = try database.transaction {
                let newest = try database.prepare(
                    "SELECT log, cluster FROM ops.logs WHERE topic = ?1 ORDER BY log DESC LIMIT 1")
                try newest.bind(topic, at: 1)
                let known: (log: Int64, cluster: String)? =
                    try newest.step() ? (newest.integer(at: 0), newest.text(at: 1)) : nil
                newest.reset()
                if let known, !startNew, known.cluster == cluster { return (known.log, false) }
                let isEphemeral =
                    cluster.hasPrefix(ephemeralClusterPrefix)
                    || known?.cluster.hasPrefix(ephemeralClusterPrefix) == true
                if let known, !startNew, !isEphemeral {
                    throw WarehouseError(
                        code: .otherLog,
                        what:
                            "this warehouse has read \(topic) from Kafka cluster \(known.cluster), this one is \(cluster)",
                        place: "\(warehouse.directory)/ops.db, log \(known.log)",
                        remedy:
                            "check kafka.bootstrap_servers; if the topic moved on purpose: retailflow ingest --new-log")
                }
                let reason = known == nil ? "first" : startNew ? "--new-log" : "embedded broker started anew"
                let insert = try database.prepare(
                    "INSERT INTO ops.logs (topic, cluster, reason, SYS_DATE_CREATE) VALUES (?1, ?2, ?3, ?4)")
                try insert.bind(topic, at: 1)
                try insert.bind(cluster, at: 2)
                try insert.bind(reason, at: 3)
                try insert.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 4)
                FaultPoint.logBegin.before()
                try insert.run()
                return (database.lastInsertedRow, true)
            }
            if isNew { FaultPoint.logBegin.after() }
            return log
        }
    }

    package func acceptLoss(log: Int64, partition: Int32, offsets: Range<Int64>) throws {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ops"], durable: true)
            let insert = try database.prepare(
                """
                INSERT INTO ops.accepted_losses (log, partition, first_offset, end_offset, SYS_DATE_CREATE)
                VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (log, partition, first_offset)
                DO UPDATE SET end_offset = excluded.end_offset WHERE excluded.end_offset > end_offset
                """)
            insert.bind(log, at: 1)
            insert.bind(Int64(partition), at: 2)
            insert.bind(offsets.lowerBound, at: 3)
            insert.bind(offsets.upperBound, at: 4)
            try insert.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 5)
            try FaultPoint.lossAccept.around { () throws(SQLiteError) in try insert.run() }
        }
    }

    package func acceptedLosses(log: Int64) throws -> [Int32: [Range<Int64>]] {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ops"])
            let rows = try database.prepare(
                "SELECT partition, first_offset, end_offset FROM ops.accepted_losses WHERE log = ?1 ORDER BY 1, 2")
            rows.bind(log, at: 1)
            var losses: [Int32: [Range<Int64>]] = [:]
            while try rows.step() {
                losses[Int32(rows.integer(at: 0)), default: []].append(rows.integer(at: 1)..<rows.integer(at: 2))
            }
            return losses
        }
    }
}
