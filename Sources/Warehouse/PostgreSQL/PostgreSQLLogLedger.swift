internal import FaultPoints
internal import PostgreSQL

/// The logs of `ops.logs`.
package struct PostgreSQLLogLedger: LogLedger {
    private let warehouse: PostgreSQLWarehouse
    /// Clusters whose id begins so forget everything when their process ends: each of their logs is another one.
    private let ephemeralClusterPrefix: String

    package init(_ warehouse: PostgreSQLWarehouse, ephemeralClusterPrefix: String) {
        self.warehouse = warehouse
        self.ephemeralClusterPrefix = ephemeralClusterPrefix
    }

    package func log(ofTopic topic: String, cluster: String, startNew: Bool) throws -> Int64 {
        try warehouse.session { connection in
            let (log, isNew) = try connection.transaction(attempts: 3) {
                // Two processes that start at once must not begin two logs.
                try connection.execute("LOCK TABLE ops.logs IN SHARE ROW EXCLUSIVE MODE")
                let newest = try connection.query(
                    "SELECT log, cluster FROM ops.logs WHERE topic = $1 ORDER BY log DESC LIMIT 1", [.text(topic)]
                ).first
                let known = newest.map { (log: $0.integer(at: 0), cluster: $0.text(at: 1)) }
                if let known, !startNew, known.cluster == cluster { return (known.log, false) }
                let isEphemeral =
                    cluster.hasPrefix(ephemeralClusterPrefix)
                    || known?.cluster.hasPrefix(ephemeralClusterPrefix) == true
                if let known, !startNew, !isEphemeral {
                    throw WarehouseError(
                        code: .otherLog,
                        what:
                            "this warehouse has read \(topic) from Kafka cluster \(known.cluster), this one is \(cluster)",
                        place: "\(warehouse.place), ops.logs, log \(known.log)",
                        remedy:
                            "check kafka.bootstrap_servers; if the topic moved on purpose: retailflow ingest --new-log")
                }
                let reason = known == nil ? "first" : startNew ? "--new-log" : "embedded broker started anew"
                FaultPoint.logBegin.before()
                let log = try connection.query(
                    """
                    INSERT INTO ops.logs (topic, cluster, reason, SYS_DATE_CREATE) VALUES ($1, $2, $3, $4)
                    RETURNING log
                    """,
                    [.text(topic), .text(cluster), .text(reason), .instant(microseconds: warehouse.clock())])[0]
                    .integer(at: 0)
                return (log, true)
            }
            if isNew { FaultPoint.logBegin.after() }
            return log
        }
    }

    package func acceptLoss(log: Int64, partition: Int32, offsets: Range<Int64>) throws {
        try warehouse.session { connection in
            _ = try FaultPoint.lossAccept.around {
                try connection.query(
                    """
                    INSERT INTO ops.accepted_losses AS loss (log, partition, first_offset, end_offset, SYS_DATE_CREATE)
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (log, partition, first_offset)
                    DO UPDATE SET end_offset = excluded.end_offset WHERE excluded.end_offset > loss.end_offset
                    """,
                    [
                        .integer(log), .integer(Int64(partition)), .integer(offsets.lowerBound),
                        .integer(offsets.upperBound), .instant(microseconds: warehouse.clock()),
                    ])
            }
        }
    }

    package func acceptedLosses(log: Int64) throws -> [Int32: [Range<Int64>]] {
        try warehouse.session { connection in
            var losses: [Int32: [Range<Int64>]] = [:]
            for row in try connection.query(
                "SELECT partition, first_offset, end_offset FROM ops.accepted_losses WHERE log = $1 ORDER BY 1, 2",
                [.integer(log)])
            {
                losses[Int32(row.integer(at: 0)), default: []].append(row.integer(at: 1)..<row.integer(at: 2))
            }
            return losses
        }
    }
}
