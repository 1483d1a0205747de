import Dispatch

/// Where tests make calls that block: on a queue of its own, so that Swift's cooperative pool, which has a thread for
/// each core only, stays free for everything else.
@globalActor
package actor BlockingActor {
    /// The one for all tests.
    package static let shared = BlockingActor()

    private final class QueueExecutor: SerialExecutor {
        private let queue = DispatchQueue(label: "kafka.tests.blocking")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
        }

        func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
    }

    private let executor = QueueExecutor()

    /// The queue.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}
