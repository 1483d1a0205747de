import Dispatch

/// Runs an actor on a private serial queue.
package final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// A queue of that name.
    package init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs the job on the queue.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Stops the program anywhere but on the queue.
    package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
