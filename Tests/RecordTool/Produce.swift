import Foundation
import Kafka

/// Records from standard input into a topic.
struct Produce {
    /// So many are on their way at once.
    private static let chunk = 2_000

    private let topic: String
    private let isQuiet: Bool
    private let producer: Producer
    private var delivered = 0
    private var refused = 0

    init(_ cluster: KafkaConfiguration, _ arguments: Arguments) throws {
        topic = try arguments.value("topic")
        isQuiet = arguments.has("quiet")
        producer = try Producer(ProducerConfiguration(cluster))
    }

    mutating func run() async throws {
        var records: [ProducerRecord] = []
        while let line = readLine(strippingNewline: true) {
            if line.isEmpty { continue }
            records.append(try record(line))
            if records.count == Produce.chunk {
                try await send(records)
                records = []
            }
        }
        try await send(records)
        if isQuiet { try printLine(["delivered": delivered]) }
        if refused > 0 {
            RecordTool.complain("\(refused) records were refused")
            exit(1)
        }
    }

    private mutating func send(_ records: [ProducerRecord]) async throws {
        guard !records.isEmpty else { return }
        for outcome in await producer.send(records) {
            switch outcome {
            case .success(let place):
                delivered += 1
                if !isQuiet { try printLine(["partition": place.topicPartition.partition, "offset": place.offset]) }
            case .failure(let error):
                refused += 1
                try printLine(["error": "\(error)"])
            }
        }
    }

    private func record(_ line: String) throws -> ProducerRecord {
        guard let fields = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw UsageFault(reason: "a line of standard input is no JSON object")
        }
        return ProducerRecord(
            topic: topic, partition: (fields["partition"] as? NSNumber)?.int32Value,
            key: try bytes(fields["key"], "key"), value: try bytes(fields["value"], "value"),
            headers: try headers(fields["headers"]),
            timestampMilliseconds: (fields["timestamp"] as? NSNumber)?.int64Value)
    }

    private func headers(_ value: Any?) throws -> RecordHeaders? {
        var pairs: [(name: String, value: [UInt8]?)] = []
        switch value {
        case nil, is NSNull: return nil
        case let object as [String: Any]:
            for name in object.keys.sorted() { pairs.append((name, try bytes(object[name], "header \(name)"))) }
        case let list as [[Any]]:
            for pair in list {
                guard pair.count == 2, let name = pair[0] as? String else {
                    throw UsageFault(reason: "a header is not [name, value]")
                }
                pairs.append((name, try bytes(pair[1], "header \(name)")))
            }
        default: throw UsageFault(reason: "headers are neither an object nor a list")
        }
        return RecordHeaders(pairs)
    }
}
