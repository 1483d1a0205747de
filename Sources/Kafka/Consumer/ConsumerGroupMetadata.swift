import CRdKafka

/// Who a consumer is in its group, for ``Producer/sendOffsets(_:group:timeoutMilliseconds:)``: with it the broker
/// refuses the offsets of a member that has lost its partitions.
public final class ConsumerGroupMetadata: Sendable {
    // Right: never changed after it was made.
    nonisolated(unsafe) let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        rd_kafka_consumer_group_metadata_destroy(pointer)
    }
}
