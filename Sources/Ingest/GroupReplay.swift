internal import Dispatch
internal import FaultPoints
internal import Foundation
package import Kafka
internal import Retail
package import Warehouse

/// Sets the offsets of the group that ingests, as Kafka's own tools do. Blocking.
package struct GroupReplay {
    private let admin: AdminClient
    private let group: String
    private let topic: String
    private let timeoutMilliseconds = 15_000
    /// How long a group whose last member has just left may go on refusing.
    private let settlingMilliseconds = 10_000

    package init(_ cluster: KafkaConfiguration, group: String, topic: String) throws(KafkaError) {
        admin = try AdminClient(cluster)
        self.group = group
        self.topic = topic
    }

    /// What would happen. Changes nothing.
    ///
    /// - Throws: `IngestError`: `.groupIsLive`, `.otherLog`, and what `ReplayPlan` throws; `KafkaError`,
    ///   `WarehouseError`.
    package func plan(_ target: ReplayTarget, _ source: any ReplaySource) throws -> ReplayPlan {
        try requireNoMembers()
        let log = try log(source)
        let kept = try source.partitions().filter { $0.log == log }
        let description = try admin.describeTopics([topic], timeoutMilliseconds: timeoutMilliseconds)[topic]
        let all = (description?.partitions ?? []).map { TopicPartition(topic: topic, partition: $0.partition) }
        let committed = try admin.groupOffsets(group, of: all, timeoutMilliseconds: timeoutMilliseconds)
        var atTime: [TopicPartition: Int64] = [:]
        if case .time(let milliseconds) = target {
            atTime = try admin.offsets(
                atMilliseconds: milliseconds, of: all, timeoutMilliseconds: timeoutMilliseconds)
        }
        let partitions = try all.map { partition in
            let kept = kept.first { $0.partition == partition.partition }
            return ReplayPlan.Partition(
                number: partition.partition, committed: committed[partition],
                available: try admin.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds),
                stored: kept?.stored, firstRaw: kept?.firstRecord, offsetAtTime: atTime[partition])
        }
        return try ReplayPlan(target, topic: topic, partitions: partitions)
    }

    /// Does what was planned.
    ///
    /// - Throws: `IngestError.groupIsLive` when a member has come meanwhile, and nothing is changed; `KafkaError`.
    package func apply(_ plan: ReplayPlan) throws {
        let offsets = plan.moves.map { (TopicPartition(topic: topic, partition: $0.partition), $0.to) }
        guard !offsets.isEmpty else { return }
        let deadline = DispatchTime.now() + .milliseconds(settlingMilliseconds)
        while true {
            do {
                return try FaultPoint.replayAlter.around {
                    try admin.alterGroupOffsets(
                        group, Dictionary(uniqueKeysWithValues: offsets), timeoutMilliseconds: timeoutMilliseconds)
                }
            } catch {
                // Kafka has the last word on whether the group is at rest; one whose members have only just left is
                // asked again.
                guard let refusal = error as? KafkaError, refusal.meansMembers else { throw error }
                try requireNoMembers()
                guard DispatchTime.now() < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
    }

    /// Gives up what a skip passes over, and moves the warehouse's own positions behind it, so that ingestion really
    /// begins there. What was planned is to be applied afterwards; killed in between, the same skip goes on.
    package func giveUp(_ plan: ReplayPlan, writer: any SalesWriter, logs: any LogLedger) throws {
        guard plan.moves.contains(where: { $0.givenUp != nil }) else { return }
        let cluster = try admin.clusterID(timeoutMilliseconds: timeoutMilliseconds)
        let log = try logs.log(ofTopic: topic, cluster: cluster, startNew: false)
        for move in plan.moves {
            guard let range = move.givenUp else { continue }
            try FaultPoint.replaySkip.around {
                try logs.acceptLoss(log: log, partition: move.partition, offsets: range)
            }
            let nothing = IngestBatch(
                records: [], owner: range, log: log, topic: topic, sales: SaleBatch(),
                nextOffsets: [move.partition: move.to])
            _ = try writer.write(nothing).wait()
        }
    }

    /// The log that the topic is now; nil when nothing was read of it.
    private func log(_ source: any ReplaySource) throws -> Int64? {
        guard let newest = try source.newestLog(ofTopic: topic) else { return nil }
        let cluster = try admin.clusterID(timeoutMilliseconds: timeoutMilliseconds)
        guard newest.cluster == cluster else {
            throw IngestError(
                code: .otherLog,
                reason: "this warehouse has read \(topic) from Kafka cluster \(newest.cluster), this one is \(cluster)",
                place: "log \(newest.log)",
                remedy: "check kafka.bootstrap_servers; if the topic moved on purpose: retailflow ingest --new-log")
        }
        return newest.log
    }

    private func requireNoMembers() throws {
        let members = try admin.describeGroup(group, timeoutMilliseconds: timeoutMilliseconds).members
        guard !members.isEmpty else { return }
        let shown = members.map { member in
            "\(member.memberID) (client \(member.clientID), host \(member.host)"
                + (member.groupInstanceID.map { ", instance \($0)" } ?? "") + ")"
        }
        throw IngestError(
            code: .groupIsLive, reason: "the consumer group has live members: \(shown.joined(separator: ", "))",
            place: "group \(group)",
            remedy: "stop them, then try again; one that was killed leaves by itself after session.timeout.ms")
    }
}

extension KafkaError {
    /// Kafka takes offsets from outside only for a group without members.
    fileprivate var meansMembers: Bool {
        code == .unknownMember || code == .rebalanceInProgress || code == .illegalGeneration
    }
}
