import Kafka

/// A record of the sales topic as a consumer sees it.
struct Published: Sendable, Hashable {
    var partition: Int32
    var offset: Int64
    var key: String?
    var value: String
    var headers: [String: String]

    /// The sale that it is keyed by.
    var id: Int64? { key.flatMap { Int64($0) } }
    var version: Int64? { headers["version"].flatMap { Int64($0) } }
    var sourceFile: String? { headers["source_file"] }
}

/// Reads partitions from their beginning to their end. Blocks.
func readAll(
    _ topic: String, partitions: Int32, of cluster: KafkaConfiguration,
    isolation: ConsumerConfiguration.Isolation = .readCommitted
) throws -> [Published] {
    let admin = try AdminClient(cluster)
    var targets: [TopicPartition: Int64] = [:]
    for number in 0..<partitions {
        let partition = TopicPartition(topic: topic, partition: number)
        targets[partition] = try admin.watermarks(of: partition, timeoutMilliseconds: 30_000).upperBound
    }
    // The end of a partition is told with the answer to a fetch.
    let consumer = try Consumer(
        ConsumerConfiguration(
            cluster, group: nil, isolation: isolation, properties: ["fetch.wait.max.ms": "10"]))
    defer { try? consumer.close() }
    var records: [Published] = []
    try consumer.read(upTo: targets, timeoutMilliseconds: 60_000) { record in
        var headers: [String: String] = [:]
        record.forEachHeader { name, value in headers[name] = value.map { String(decoding: $0, as: UTF8.self) } }
        records.append(
            Published(
                partition: record.partition, offset: record.offset,
                key: record.key.map { String(decoding: $0, as: UTF8.self) },
                value: record.value.map { String(decoding: $0, as: UTF8.self) } ?? "(no value)", headers: headers))
    }
    return records.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
}

extension [Published] {
    var ids: [Int64] { compactMap(\.id) }

    /// The records of each sale, in the order in which their sale's partition has them.
    var valuesBySale: [Int64: [String]] {
        reduce(into: [:]) { result, record in if let id = record.id { result[id, default: []].append(record.value) } }
    }
}
