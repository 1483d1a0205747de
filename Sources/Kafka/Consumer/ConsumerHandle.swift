import CRdKafka
import Synchronization

/// A consumer's client and its two queues. Batches keep it alive, because their messages belong to the client.
///
/// Records come through a queue of their own, apart from rebalances, commits and errors: partitions are forwarded to
/// it. So `rd_kafka_consume_batch_queue` never runs a rebalance in the middle of a batch, which would mix records of
/// an assignment that has ended with those of the next; and nothing else may touch positions while it runs.
final class ConsumerHandle: Sendable {
    let client: ClientHandle
    // Right: librdkafka's queues may be used from any thread.
    nonisolated(unsafe) let callbackQueue: OpaquePointer
    // Right: as above.
    nonisolated(unsafe) let recordQueue: OpaquePointer
    /// Set by a waker, taken by the poll that it interrupts.
    let wakeRequested = Atomic<Bool>(false)

    init(_ client: ClientHandle) throws(KafkaError) {
        try check(rd_kafka_poll_set_consumer(client.pointer), "make a consumer")
        guard let callbackQueue = rd_kafka_queue_get_consumer(client.pointer) else {
            throw KafkaError(.invalidConfiguration, operation: "make a consumer", reason: "it has no group")
        }
        self.client = client
        self.callbackQueue = callbackQueue
        recordQueue = rd_kafka_queue_new(client.pointer)
        // A rebalance ends the waiting for records.
        rd_kafka_queue_cb_event_enable(
            callbackQueue, { _, recordQueue in rd_kafka_queue_yield(OpaquePointer(recordQueue)) },
            UnsafeMutableRawPointer(recordQueue))
    }

    deinit {
        // From here on no callback runs: this takes the lock under which they do.
        rd_kafka_queue_cb_event_enable(callbackQueue, nil, nil)
        drain()
        rd_kafka_queue_destroy(recordQueue)
        rd_kafka_queue_destroy(callbackQueue)
    }

    /// Destroys the records that nobody will ask for any more: each holds on to the client.
    private func drain() {
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: 256) { messages in
            while true {
                let count = rd_kafka_consume_batch_queue(recordQueue, 0, messages.baseAddress, messages.count)
                guard count > 0 else { return }
                for index in 0..<count { rd_kafka_message_destroy(messages[index]) }
            }
        }
    }

    /// Leads a partition's records to the record queue; doing it again changes nothing.
    func forward(_ partition: TopicPartition) {
        guard let queue = rd_kafka_queue_get_partition(client.pointer, partition.topic, partition.partition) else {
            return
        }
        rd_kafka_queue_forward(queue, recordQueue)
        rd_kafka_queue_destroy(queue)
    }

    /// Makes librdkafka look at once whether there is room to fetch more of `partitions`.
    ///
    /// Once the queue was full, the thread that fetches sleeps for up to a second, unless something comes to do:
    /// a small queue, read fast, stands empty most of that time. Any request to the partitions' leaders wakes it; this
    /// asks for their ends and does not wait for the answer. Newer versions have a property for it.
    func refill(_ partitions: [TopicPartition]) {
        // A version that knows the property needs no waking.
        guard ConsumerConfiguration.fetchQueueBackoffMilliseconds == nil else { return }
        let list = PartitionList(Dictionary(uniqueKeysWithValues: partitions.map { ($0, LogicalOffset.end) }))
        _ = list.lend { rd_kafka_offsets_for_times(client.pointer, $0, 0) }
    }

    func wake() {
        wakeRequested.store(true, ordering: .releasing)
        rd_kafka_queue_yield(recordQueue)
    }
}
