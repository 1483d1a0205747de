import Kafka
import KafkaTestKit
import Testing

@WrapperActor
@Suite(.serialized, .timeLimit(.minutes(5)))
struct AdminTests {
    @Test("Topics are described, and asking for one creates none", arguments: TestBroker.available)
    func describe(_ broker: TestBroker) async throws {
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic(partitions: 3)
        let admin = try AdminClient(cluster.configuration)
        let missing = TestCluster.uniqueName("missing")
        let topics = try admin.describeTopics([topic, missing], timeoutMilliseconds: timeout)
        #expect(topics.keys.sorted() == [topic])
        #expect(topics[topic]?.partitions.map(\.partition) == [0, 1, 2])
        #expect(topics[topic]?.replicationFactor == 1)
        #expect(try admin.describeTopics([missing], timeoutMilliseconds: timeout).isEmpty)
        let error = #expect(throws: KafkaError.self) {
            try admin.watermarks(of: partition(topic, 9), timeoutMilliseconds: 2_000)
        }
        #expect(error?.topicPartition == partition(topic, 9))
    }

    @Test("What the embedded cluster does not answer ends in time, with a typed error")
    func unsupported() throws {
        let cluster = try EmbeddedCluster()
        let admin = try AdminClient(cluster.configuration)
        let error = #expect(throws: KafkaError.self) {
            try admin.createTopics([NewTopic("any", partitions: 1)], timeoutMilliseconds: 500)
        }
        #expect(error?.code == .timedOut)
    }

    @Test("Topics are created with settings, grown, changed and deleted", .enabled(if: ApacheKafka.home != nil))
    func topics() async throws {
        let cluster = try await TestBroker.apacheKafka.start()
        let admin = try AdminClient(cluster.configuration)
        let name = TestCluster.uniqueName("admin")
        let topic = NewTopic(name, partitions: 2, settings: ["cleanup.policy": "compact", "retention.ms": "3600000"])
        try admin.createTopics([topic], validateOnly: true, timeoutMilliseconds: timeout)
        #expect(try admin.describeTopics([name], timeoutMilliseconds: timeout).isEmpty)
        try admin.createTopics([topic], timeoutMilliseconds: timeout)
        let again = #expect(throws: KafkaError.self) {
            try admin.createTopics([topic], timeoutMilliseconds: timeout)
        }
        #expect(again?.code == .topicAlreadyExists)
        #expect(again?.description.contains(name) == true)

        try admin.createPartitions(of: name, total: 4, timeoutMilliseconds: timeout)
        #expect(try admin.describeTopics([name], timeoutMilliseconds: timeout)[name]?.partitions.count == 4)
        let fewer = #expect(throws: KafkaError.self) {
            try admin.createPartitions(of: name, total: 1, timeoutMilliseconds: timeout)
        }
        #expect(fewer?.code == .invalidPartitions)

        try admin.alterTopicSettings(
            of: name, ["retention.ms": "7200000", "max.message.bytes": "2000000"], timeoutMilliseconds: timeout)
        var settings = try admin.topicSettings(of: name, timeoutMilliseconds: timeout)
        #expect(settings["cleanup.policy"]?.value == "compact", "an own setting that was not named is kept")
        #expect(settings["retention.ms"]?.value == "7200000")
        #expect(settings["retention.ms"]?.isOwn == true)
        #expect(settings["max.message.bytes"]?.value == "2000000")
        #expect(settings["segment.bytes"]?.isOwn == false)
        try admin.alterTopicSettings(of: name, ["retention.ms": nil], timeoutMilliseconds: timeout)
        settings = try admin.topicSettings(of: name, timeoutMilliseconds: timeout)
        #expect(settings["retention.ms"]?.isOwn == false)
        #expect(settings["cleanup.policy"]?.value == "compact")
        let wrong = #expect(throws: KafkaError.self) {
            try admin.alterTopicSettings(of: name, ["retention.mss": "1"], timeoutMilliseconds: timeout)
        }
        #expect(wrong?.description.contains("retention.mss") == true)

        try admin.deleteTopics([name], timeoutMilliseconds: timeout)
        #expect(try admin.describeTopics([name], timeoutMilliseconds: timeout).isEmpty)
        #expect(try !admin.clusterID(timeoutMilliseconds: timeout).isEmpty)
    }

    @Test(
        "Records that were deleted under a reader are an error with the range that is left",
        .enabled(if: ApacheKafka.home != nil))
    func deletedRecords() async throws {
        let cluster = try await TestBroker.apacheKafka.start()
        let topic = try cluster.makeTopic()
        try cluster.fill(topic, count: 20)
        let admin = try AdminClient(cluster.configuration)
        #expect(
            try admin.deleteRecords(before: [partition(topic): 12], timeoutMilliseconds: timeout)
                == [partition(topic): 12])
        #expect(try admin.watermarks(of: partition(topic), timeoutMilliseconds: timeout) == 12..<20)
        let consumer = try cluster.consumer()
        try consumer.assign([partition(topic): 5])
        let error = try #require(
            #expect(throws: KafkaError.self) {
                try consumer.pollUntilError()
            })
        #expect(error.code == .offsetOutOfRange)
        #expect(error.offset == 5)
        #expect(error.availableOffsets == 12..<20)
    }

    @Test("Offsets are found by time", arguments: TestBroker.available)
    func offsetsByTime(_ broker: TestBroker) async throws {
        // The embedded cluster knows no times.
        guard broker == .apacheKafka else { return }
        let cluster = try await broker.start()
        let topic = try cluster.makeTopic()
        let producer = try cluster.producer()
        for number in 1...5 {
            try producer.enqueue(
                topic: topic, key: nil, value: bytes("\(number)"), timestampMilliseconds: Int64(number) * 1_000)
        }
        try producer.flush(timeoutMilliseconds: timeout)
        let admin = try AdminClient(cluster.configuration)
        func offset(at time: Int64) throws -> Int64? {
            try admin.offsets(atMilliseconds: time, of: [partition(topic)], timeoutMilliseconds: timeout)[
                partition(topic)]
        }
        #expect(try offset(at: 0) == 0)
        #expect(try offset(at: 2_500) == 2)
        #expect(try offset(at: 5_000) == 4)
        #expect(try offset(at: 9_000) == 5)
    }

    @Test(
        "A group is described with its members, refused while it has some, and deleted",
        .enabled(if: ApacheKafka.home != nil))
    func groups() async throws {
        let cluster = try await TestBroker.apacheKafka.start()
        let topic = try cluster.makeTopic()
        try cluster.fill(topic, count: 1)
        let group = TestCluster.uniqueName("group")
        let admin = try AdminClient(cluster.configuration)
        let consumer = try cluster.consumer(group: group)
        try consumer.commit([partition(topic): 0])
        try consumer.subscribe([topic])
        _ = try consumer.collect(1)
        let description = try admin.describeGroup(group, timeoutMilliseconds: timeout)
        #expect(description.state == "Stable")
        #expect(description.assignor == "range")
        #expect(description.members.map(\.partitions) == [[partition(topic)]])
        #expect(description.members.first?.clientID == "swift-kafka")
        let busy = #expect(throws: KafkaError.self) {
            try admin.alterGroupOffsets(group, [partition(topic): 1], timeoutMilliseconds: timeout)
        }
        #expect(busy?.code == .unknownMember)
        #expect(throws: KafkaError.self) { try admin.deleteGroup(group, timeoutMilliseconds: timeout) }
        try consumer.close()
        #expect(try admin.describeGroup(group, timeoutMilliseconds: timeout).state == "Empty")
        #expect(try admin.groupOffsets(group, timeoutMilliseconds: timeout) == [partition(topic): 0])
        try admin.deleteGroup(group, timeoutMilliseconds: timeout)
        #expect(try admin.describeGroup(group, timeoutMilliseconds: timeout).state == "Dead")
    }
}
