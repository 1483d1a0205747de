import Foundation
import Kafka

/// What there is: records, offsets, groups, topics.
struct Look {
    private let cluster: KafkaConfiguration
    private let arguments: Arguments
    private let timeout: Int

    init(_ cluster: KafkaConfiguration, _ arguments: Arguments) throws {
        self.cluster = cluster
        self.arguments = arguments
        timeout = try arguments.timeoutMilliseconds()
    }

    func dump() throws {
        let topic = try arguments.value("topic")
        let admin = try AdminClient(cluster)
        var ends: [TopicPartition: Int64] = [:]
        for partition in try partitions(of: topic, admin) {
            let range = try admin.watermarks(of: partition, timeoutMilliseconds: timeout)
            if !range.isEmpty { ends[partition] = range.upperBound }
        }
        guard !ends.isEmpty else { return }
        let consumer = try Consumer(
            ConsumerConfiguration(
                cluster, group: nil,
                isolation: arguments.has("uncommitted") ? .readUncommitted : .readCommitted))
        defer { try? consumer.close() }
        try consumer.read(upTo: ends, timeoutMilliseconds: timeout) { record in
            var headers: [[Any]] = []
            record.forEachHeader { name, value in headers.append([name, base64(value)]) }
            try printLine([
                "partition": record.partition, "offset": record.offset,
                "timestamp": record.timestampMilliseconds ?? -1, "key": base64(record.key),
                "value": base64(record.value), "headers": headers,
            ])
        }
    }

    func offsets() throws {
        let topic = try arguments.value("topic")
        let admin = try AdminClient(cluster)
        let known = try partitions(of: topic, admin)
        let committed =
            arguments.has("group")
            ? try admin.groupOffsets(try arguments.value("group"), of: known, timeoutMilliseconds: timeout) : [:]
        for partition in known {
            let range = try admin.watermarks(of: partition, timeoutMilliseconds: timeout)
            try printLine([
                "partition": partition.partition, "begin": range.lowerBound, "end": range.upperBound,
                "committed": committed[partition].map { $0 as Any } ?? NSNull(),
            ])
        }
    }

    func setOffsets() throws {
        try AdminClient(cluster).alterGroupOffsets(
            try arguments.value("group"), try places("to"), timeoutMilliseconds: timeout)
    }

    func deleteRecords() throws {
        _ = try AdminClient(cluster).deleteRecords(before: try places("before"), timeoutMilliseconds: timeout)
    }

    /// Offsets by partition.
    private func places(_ name: String) throws -> [TopicPartition: Int64] {
        let topic = try arguments.value("topic")
        return try arguments.all(name).reduce(into: [:]) { places, place in
            let parts = place.split(separator: ":")
            guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]) else {
                throw UsageFault(reason: "--\(name) \(place) is not PARTITION:OFFSET")
            }
            places[TopicPartition(topic: topic, partition: partition)] = offset
        }
    }

    func group() throws {
        let group = try AdminClient(cluster).describeGroup(
            try arguments.value("group"), timeoutMilliseconds: timeout)
        try printLine([
            "state": group.state,
            "members": group.members.map { member -> [String: Any] in
                [
                    "id": member.memberID, "client": member.clientID,
                    "partitions": member.partitions.map { Int($0.partition) }.sorted(),
                ]
            },
        ])
    }

    func topics() throws {
        let names = arguments.has("topic") ? arguments.all("topic") : nil
        let topics = try AdminClient(cluster).describeTopics(names, timeoutMilliseconds: timeout)
        for topic in topics.values.sorted(by: { $0.name < $1.name }) {
            for partition in topic.partitions {
                try printLine([
                    "topic": topic.name, "partition": partition.partition,
                    "leader": partition.leader.map { $0 as Any } ?? NSNull(), "replicas": partition.replicas,
                    "in_sync": partition.inSyncReplicas,
                ])
            }
        }
    }

    func deleteTopics() throws {
        try AdminClient(cluster).deleteTopics(arguments.all("topic"), timeoutMilliseconds: timeout)
    }

    private func partitions(of topic: String, _ admin: AdminClient) throws -> [TopicPartition] {
        guard let description = try admin.describeTopics([topic], timeoutMilliseconds: timeout)[topic] else {
            throw UsageFault(reason: "there is no topic \(topic)")
        }
        return description.partitions.map { TopicPartition(topic: topic, partition: $0.partition) }
    }
}
