import Kafka
import KafkaTestKit
import Testing

/// One table of expectations for every broker.
@WrapperActor
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RecordTests {
    @Test("Keys, values, headers and timestamps come back as they went", arguments: TestBroker.available)
    func content(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        // The record is of 1970: the broker would delete it at its next look for old ones.
        let topic = try cluster.makeTopic(settings: ["retention.ms": "-1"])
        let producer = try cluster.producer()
        let headers = RecordHeaders([
            (name: "version", value: bytes("1")), (name: "version", value: bytes("2")), (name: "none", value: nil),
            (name: "empty", value: []),
        ])
        let delivery = try await producer.send(
            ProducerRecord(
                topic: topic, key: bytes("k"), value: bytes("v"), headers: headers, timestampMilliseconds: 1_234_567))
        #expect(delivery == Delivery(topicPartition: partition(topic), offset: 0))
        let consumer = try cluster.consumer()
        try consumer.assign([partition(topic): LogicalOffset.beginning])
        let batch = try consumer.poll(recordsMax: 10, waitMilliseconds: timeout)
        try #require(batch.count == 1)
        #expect(batch.partitions == [partition(topic)])
        batch.withRecord(0) { record in
            #expect(record.topicPartition == partition(topic))
            #expect(record.offset == 0)
            #expect(record.timestampMilliseconds == 1_234_567)
            #expect(text(record.key) == "k")
            #expect(text(record.value) == "v")
            #expect(text(record.header("version")) == "2")
            #expect(text(record.header(named: "version")) == "2")
            #expect(record.header("none")?.count == 0)
            #expect(record.header("empty")?.count == 0)
            #expect(record.header("other") == nil)
            var all: [String] = []
            record.forEachHeader { name, value in all.append("\(name)=\(text(value) ?? "nil")") }
            #expect(all == ["version=1", "version=2", "none=nil", "empty="])
        }
    }

    @Test("No key or value is not the same as an empty one", arguments: TestBroker.available)
    func nothingAndEmpty(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic()
        let producer = try cluster.producer()
        try producer.enqueue(topic: topic, key: nil as [UInt8]?, value: nil as [UInt8]?)
        try producer.enqueue(topic: topic, key: [], value: [])
        try producer.enqueue(
            topic: topic, key: UnsafeRawBufferPointer(start: nil, count: 0),
            value: UnsafeRawBufferPointer(start: nil, count: 0))
        try producer.flush(timeoutMilliseconds: timeout)
        let consumer = try cluster.consumer()
        try consumer.assign([partition(topic): 0])
        var seen: [String] = []
        while seen.count < 3 {
            try consumer.poll(recordsMax: 10, waitMilliseconds: timeout).forEach { _, record in
                seen.append("\(record.key?.count ?? -1) \(record.value?.count ?? -1)")
                #expect(record.header("any") == nil)
            }
        }
        #expect(seen == ["-1 -1", "0 0", "0 0"])
    }

    @Test("A batch may be read by several threads at once", arguments: TestBroker.available)
    func concurrentReading(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic()
        let producer = try cluster.producer()
        for number in 0..<2_000 {
            try producer.enqueue(
                topic: topic, key: nil, value: bytes("\(number)"), headers: RecordHeaders(text: ["number": "\(number)"])
            )
        }
        try producer.flush(timeoutMilliseconds: timeout)
        let consumer = try cluster.consumer()
        try consumer.assign([partition(topic): 0])
        let batch = try consumer.poll(
            recordsMax: 2_000, waitMilliseconds: timeout, batchMilliseconds: timeout, idleMilliseconds: timeout)
        #expect(batch.count == 2_000)
        let readers = (0..<4).map { _ in
            Task.detached {
                var sum = 0
                batch.forEach { _, record in sum += text(record.header("number")).flatMap { Int($0) } ?? 0 }
                return sum
            }
        }
        var sums: [Int] = []
        for reader in readers { sums.append(await reader.value) }
        #expect(sums == Array(repeating: 1_999 * 2_000 / 2, count: 4))
    }
}
