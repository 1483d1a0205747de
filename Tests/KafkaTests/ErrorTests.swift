import Kafka
import Testing

@Suite struct ErrorTests {
    @Test("A description says what, where, why, which range there is, and what to do")
    func describes() {
        let error = KafkaError(
            .offsetOutOfRange, operation: "poll", reason: "gone",
            topicPartition: TopicPartition(topic: "sales", partition: 3), offset: 5, availableOffsets: 10..<20)
        #expect(
            error.description
                == "poll: sales-3@5: gone (offset_out_of_range); the partition has offsets 10 to 19")
        let retriable = KafkaError(.timedOut, operation: "flush", reason: "late")
        #expect(retriable.description == "flush: late (_TIMED_OUT); try again")
    }

    @Test("A code is known for what can be done about it")
    func dispositions() {
        func disposition(_ code: KafkaError.Code) -> KafkaError.Disposition {
            KafkaError(code, operation: "test", reason: "").disposition
        }
        #expect(disposition(.transport) == .retriable)
        #expect(disposition(.unreachable) == .retriable)
        #expect(disposition(.fenced) == .fenced)
        #expect(disposition(.fencedInstance) == .fenced)
        #expect(disposition(.fatal) == .fatal)
        #expect(disposition(.recordTooLarge) == .other)
        #expect(disposition(.topicNotAuthorized) == .other)
    }

    @Test("Codes keep the numbers of librdkafka and Kafka")
    func codes() {
        #expect(KafkaError.Code(rawValue: -185) == .timedOut)
        #expect(KafkaError.Code(rawValue: 36) == .topicAlreadyExists)
        #expect(KafkaError.Code.topicAlreadyExists.description == "TOPIC_ALREADY_EXISTS")
    }
}
