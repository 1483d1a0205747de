import Kafka
import KafkaTestKit
import Testing

@WrapperActor
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: ApacheKafka.home != nil))
struct OutageTests {
    @Test("A producer and a consumer outlive a broker that is killed and started again")
    func restart() async throws {
        let kafka = try await ApacheKafka()
        let admin = try AdminClient(kafka.configuration)
        try admin.createTopics([NewTopic("outage", partitions: 1)], timeoutMilliseconds: timeout)
        let producer = try Producer(ProducerConfiguration(kafka.configuration))
        let consumer = try Consumer(ConsumerConfiguration(kafka.configuration, group: nil))
        try consumer.assign([partition("outage"): 0])
        _ = try await producer.send(ProducerRecord(topic: "outage", value: bytes("before")))
        #expect(try consumer.collect(1).map(\.value) == ["before"])
        try kafka.kill(1)
        let error = #expect(throws: KafkaError.self) {
            try kafka.configuration.probe(timeoutMilliseconds: 200)
        }
        #expect(error?.code == .unreachable)
        try producer.enqueue(topic: "outage", key: nil, value: bytes("meanwhile"))
        #expect(try consumer.poll(recordsMax: 1, waitMilliseconds: 100).isEmpty)
        try await kafka.start(1)
        try producer.flush(timeoutMilliseconds: timeout)
        #expect(try consumer.collect(1).map(\.value) == ["meanwhile"])
        #expect(producer.lastBrokerError != nil)
    }

    @Test("A frozen broker answers again when it is thawed")
    func freeze() async throws {
        let kafka = try await ApacheKafka()
        try kafka.freeze(1)
        let error = #expect(throws: KafkaError.self) {
            try kafka.configuration.probe(timeoutMilliseconds: 300)
        }
        #expect(error?.code == .unreachable)
        try kafka.thaw(1)
        #expect(try kafka.configuration.probe(timeoutMilliseconds: timeout).brokers.count == 1)
    }
}
