import Kafka
import KafkaTestKit
import Testing

@WrapperActor
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ProducerTests {
    @Test("Each record of a batch has its own outcome, in order", arguments: TestBroker.available)
    func outcomes(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic()
        let producer = try cluster.producer(properties: ["message.max.bytes": "2000"])
        let outcomes = await producer.send([
            ProducerRecord(topic: topic, value: bytes("a")),
            ProducerRecord(topic: topic, value: [UInt8](repeating: 0, count: 5_000)),
            ProducerRecord(topic: topic, value: bytes("b")),
        ])
        #expect(try outcomes[0].get().offset == 0)
        #expect(throws: KafkaError.self) { try outcomes[1].get() }
        #expect(try outcomes[2].get().offset == 1)
        if case .failure(let error) = outcomes[1] { #expect(error.code == .recordTooLarge) }
        #expect(await producer.send([]).isEmpty)
    }

    @Test("A full queue makes the caller wait and loses nothing", arguments: TestBroker.available)
    func backpressure(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic()
        let producer = try cluster.producer(properties: ["queue.buffering.max.messages": "10", "linger.ms": "0"])
        for number in 0..<500 { try producer.enqueue(topic: topic, key: nil, value: bytes("\(number)")) }
        let outcomes = await producer.send(
            (500..<1_000).map { ProducerRecord(topic: topic, value: bytes("\($0)")) })
        #expect(outcomes.allSatisfy { (try? $0.get()) != nil })
        try producer.flush(timeoutMilliseconds: timeout)
        let consumer = try cluster.consumer()
        try consumer.assign([partition(topic): 0])
        #expect(try consumer.collect(1_000).map(\.value) == (0..<1_000).map { "\($0)" })
    }

    @Test("A key goes where Java clients would send it", arguments: TestBroker.available)
    func partitionOfKey(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic(partitions: 7)
        let producer = try cluster.producer()
        // Murmur2 as in org.apache.kafka.common.utils.UtilsTest, made positive.
        let known: [(String, Int64)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ]
        for (key, hash) in known {
            let expected = Int32((hash & 0x7fff_ffff) % 7)
            #expect(try bytes(key).withUnsafeBytes { try producer.partition(forKey: $0, of: topic) } == expected)
            let delivery = try await producer.send(ProducerRecord(topic: topic, key: bytes(key), value: []))
            #expect(delivery.topicPartition.partition == expected)
        }
        #expect(try producer.partitionCount(of: topic) == 7)
    }

    @Test("A record for a partition that there is not is refused with its name", arguments: TestBroker.available)
    func unknownPartition(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic()
        let producer = try cluster.producer()
        _ = try await producer.send(ProducerRecord(topic: topic, value: []))
        let error = await #expect(throws: KafkaError.self) {
            _ = try await producer.send(ProducerRecord(topic: topic, partition: 9, value: []))
        }
        #expect(error?.code == .unknownPartition)
        #expect(error?.topicPartition == partition(topic, 9))
    }

    @Test("Records that fail are told by the next flush, once")
    func failedDeliveries() async throws {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic("failing", partitions: 1)
        let producer = try Producer(ProducerConfiguration(cluster.configuration))
        _ = try await producer.send(ProducerRecord(topic: "failing", value: []))
        cluster.failRequests(ofKind: 0, with: [.topicNotAuthorized])
        try producer.enqueue(topic: "failing", key: nil, value: bytes("x"))
        let error = #expect(throws: KafkaError.self) { try producer.flush(timeoutMilliseconds: timeout) }
        #expect(error?.code == .deliveryFailed)
        #expect(error?.topicPartition == partition("failing"))
        try producer.flush(timeoutMilliseconds: timeout)
    }

    @Test("While no broker answers a flush ends in time, and the records go out when one is back")
    func outage() async throws {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic("outage", partitions: 1)
        let producer = try Producer(
            ProducerConfiguration(cluster.configuration, properties: ["reconnect.backoff.max.ms": "200"]))
        _ = try await producer.send(ProducerRecord(topic: "outage", value: bytes("0")))
        try cluster.setBroker(1, isUp: false)
        try producer.enqueue(topic: "outage", key: nil, value: bytes("1"))
        let error = #expect(throws: KafkaError.self) { try producer.flush(timeoutMilliseconds: 200) }
        #expect(error?.code == .timedOut)
        #expect(error?.disposition == .retriable)
        #expect(producer.outstanding == 1)
        try cluster.setBroker(1, isUp: true)
        try producer.flush(timeoutMilliseconds: timeout)
    }

    @Test("A closed producer tells who waits, and refuses")
    func close() async throws {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic("closing", partitions: 1)
        let producer = try Producer(ProducerConfiguration(cluster.configuration))
        try cluster.setBroker(1, isUp: false)
        let sending = Task { await producer.send([ProducerRecord(topic: "closing", value: [])]) }
        // A flush succeeds until there is a record that can't be delivered.
        while (try? producer.flush(timeoutMilliseconds: 1)) != nil { await Task.yield() }
        #expect(throws: KafkaError.self) { try producer.close(timeoutMilliseconds: 10) }
        let failure = await #expect(throws: KafkaError.self) { _ = try await sending.value[0].get() }
        #expect(failure?.code == .purgedFromQueue || failure?.code == .purgedInFlight)
        let error = #expect(throws: KafkaError.self) {
            try producer.enqueue(topic: "closing", key: nil, value: [])
        }
        #expect(error?.code == .closed)
    }
}
