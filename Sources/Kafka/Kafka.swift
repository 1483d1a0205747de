import CRdKafka

/// librdkafka for Swift: a producer with transactions, a consumer that pulls whole batches, administration, and a
/// broker inside the process.
///
/// ```swift
/// let cluster = KafkaConfiguration(bootstrapServers: "localhost:9092")
/// try cluster.probe(timeoutMilliseconds: 5_000)          // `.unreachable` names the servers
///
/// let producer = try Producer(ProducerConfiguration(cluster, transactionalID: "orders-writer"))
/// try producer.initTransactions(timeoutMilliseconds: 30_000)
/// try producer.beginTransaction()
/// try producer.enqueue(topic: "orders", key: Array("42".utf8), value: Array("{}".utf8))
/// try producer.commitTransaction(timeoutMilliseconds: 30_000)
///
/// let consumer = try Consumer(ConsumerConfiguration(cluster, group: "orders-reader"))
/// try consumer.subscribe(["orders"])
/// let batch = try consumer.poll(
///     recordsMax: 5_000, waitMilliseconds: 1_000, batchMilliseconds: 500, idleMilliseconds: 20)
/// batch.forEach { index, record in
///     print(record.offset, record.value?.count ?? 0, record.header("version")?.count ?? 0)
/// }
/// try consumer.commit(batch.nextOffsets)
/// ```
///
/// ## Threads
/// ``Consumer`` belongs to one thread, which also runs its rebalance handler; only its ``ConsumerWaker`` may be used
/// from elsewhere. ``Producer``, ``AdminClient``, ``RecordBatch`` and ``EmbeddedCluster`` may be used from any
/// thread. Every call that is not `async` may block for as long as its timeout says: make it from a thread of your
/// own, not from Swift's cooperative pool.
///
/// ## Errors
/// Calls throw ``KafkaError``; ``KafkaError/disposition-swift.property`` says what can be done about it. Only
/// ``Consumer/poll(recordsMax:waitMilliseconds:batchMilliseconds:idleMilliseconds:)`` and ``Consumer/close()`` throw
/// other errors: those of the rebalance handler.
public enum KafkaLibrary {
    /// The version of librdkafka that runs, such as `2.0.2` (`rd_kafka_version_str`).
    public static var version: String {
        rd_kafka_version_str().map { String(cString: $0) } ?? "unknown"
    }
}
