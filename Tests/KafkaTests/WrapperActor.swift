import KafkaTestKit

/// Where the tests of the wrapper run, which block for long: apart from the short calls that other tests make.
@globalActor
actor WrapperActor {
    static let shared = WrapperActor()

    private let executor = QueueExecutor(label: "kafka.tests.wrapper")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}
