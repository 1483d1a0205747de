/// A queue for one call that blocks, so that tests wait neither for each other's nor for Swift's cooperative pool.
///
/// The call stays part of its test's task: what it expects in vain is told as that test's, and fails it.
package actor BlockingQueue {
    private let executor = QueueExecutor(label: "tests.blocking")

    /// A queue of its own.
    package init() {}

    /// The queue.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes the call.
    package func run<Result: Sendable>(_ call: @Sendable () throws -> Result) rethrows -> Result { try call() }
}
