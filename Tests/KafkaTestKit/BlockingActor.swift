/// Where tests make short calls that block: on a queue of its own, so that Swift's cooperative pool, which has a
/// thread for each core only, stays free for everything else.
@globalActor
package actor BlockingActor {
    /// The one for all tests.
    package static let shared = BlockingActor()

    private let executor = QueueExecutor(label: "kafka.tests.blocking")

    /// The queue.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}
