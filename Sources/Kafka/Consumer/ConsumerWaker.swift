/// Ends a consumer's waiting, from any thread.
public final class ConsumerWaker: Sendable {
    private weak let handle: ConsumerHandle?

    init(_ handle: ConsumerHandle) {
        self.handle = handle
    }

    /// Makes the running poll, or else the next one, return at once with what it has (`rd_kafka_queue_yield`). Does
    /// nothing once the consumer is gone.
    public func wake() {
        handle?.wake()
    }
}
