internal import Telemetry
internal import Warehouse

// Which log is read, and how another one begins where that is allowed: when the topic turns out to be another one, and only
// then, so that a program which is started again in the same words goes on in the log that it began.
extension Ingestion {
    /// The newest log of the topic; another one where the topic moved to another cluster.
    static func knownLog(_ configuration: IngestConfiguration, _ logs: any LogLedger) throws -> Int64 {
        do {
            return try logs.log(ofTopic: configuration.topic, cluster: configuration.cluster, startNew: false)
        } catch {
            guard configuration.acceptsNewLog, meansOtherLog(error) else { throw error }
            return try logs.log(ofTopic: configuration.topic, cluster: configuration.cluster, startNew: true)
        }
    }

    static func meansOtherLog(_ error: any Error) -> Bool {
        (error as? IngestError)?.code == .otherLog || (error as? WarehouseError)?.code == .otherLog
    }

    /// Begins another log. A consumer that has not known the topic's former life reads it from its first record.
    func beginLog(because error: any Error) throws {
        let former = log
        log = try logs.log(ofTopic: configuration.topic, cluster: configuration.cluster, startNew: true)
        assembler = BatchAssembler(timeZone: timeZone, log: log, topic: configuration.topic)
        // No place in the former log says anything about this one.
        (progress, backlog, uncommitted, anchors, isAssigned) = ([:], [], [:], [:], false)
        isStale = true
        logger.warning(
            "another log begins",
            [
                ("former", LogValue(former)), ("log", LogValue(log)),
                ("reason", LogValue(describing: String(describing: error))),
            ])
    }
}
