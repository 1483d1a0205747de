import Kafka
import KafkaTestKit

let timeout = 30_000

/// Ends a loop that a defect would make endless: a blocking loop hears of no time limit.
struct Patience {
    struct Lost: Error {}

    private let deadline = ContinuousClock.now + .seconds(60)

    func check() throws {
        if ContinuousClock.now > deadline { throw Lost() }
    }
}

func partition(_ topic: String, _ number: Int32 = 0) -> TopicPartition {
    TopicPartition(topic: topic, partition: number)
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: UnsafeRawBufferPointer?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
}

extension TestCluster {
    func producer(
        transactionalID: String? = nil, properties: [String: String] = [:]
    ) throws -> Producer {
        try Producer(
            ProducerConfiguration(configuration, transactionalID: transactionalID, properties: properties))
    }

    func consumer(
        group: String? = nil, isolation: ConsumerConfiguration.Isolation = .readCommitted,
        properties: [String: String] = [:], handler: (any RebalanceHandler)? = nil
    ) throws -> Consumer {
        try Consumer(
            ConsumerConfiguration(configuration, group: group, isolation: isolation, properties: properties),
            rebalanceHandler: handler)
    }

    /// Puts `0`, `1`, … into a partition.
    func fill(_ topic: String, partition: Int32 = 0, count: Int, from first: Int = 0) throws {
        let producer = try producer()
        for number in first..<(first + count) {
            try producer.enqueue(
                topic: topic, partition: partition, key: bytes("\(number)"), value: bytes("value \(number)"))
        }
        try producer.flush(timeoutMilliseconds: timeout)
    }
}

extension Consumer {
    /// Polls until `count` records came or all of `ends` were reached, and gives back their offsets and values.
    func collect(_ count: Int, recordsMax: Int = 1_000) throws -> [(offset: Int64, value: String?)] {
        var records: [(offset: Int64, value: String?)] = []
        let patience = Patience()
        while records.count < count {
            try patience.check()
            let batch = try poll(recordsMax: recordsMax, waitMilliseconds: timeout)
            batch.forEach { _, record in records.append((record.offset, text(record.value))) }
        }
        return records
    }

    /// Polls until that throws.
    func pollUntilError() throws {
        let patience = Patience()
        while true {
            try patience.check()
            _ = try poll(recordsMax: 10, waitMilliseconds: 1_000)
        }
    }

    /// Polls until a partition's end was reached, and gives back all values.
    func collectToEnd(of partitions: [TopicPartition]) throws -> [String?] {
        var open = Set(partitions)
        var values: [String?] = []
        let patience = Patience()
        while !open.isEmpty {
            try patience.check()
            let batch = try poll(recordsMax: 1_000, waitMilliseconds: timeout)
            batch.forEach { _, record in values.append(text(record.value)) }
            open.subtract(batch.endOfPartitions.keys)
        }
        return values
    }
}
