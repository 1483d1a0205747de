import CRdKafka
import Synchronization

/// Records that one poll has read, and the ends of partitions that it met. Never changes; may be read from any
/// thread. The records' memory is librdkafka's and is freed with the batch: a batch also keeps its consumer's client
/// alive, so let it go before the process counts on the consumer being gone.
public final class RecordBatch: Sendable {
    typealias Messages = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>

    /// How many records there are.
    public let count: Int
    /// The partitions that have records here; ``Record/partitionIndex`` is an index of it.
    public let partitions: [TopicPartition]
    /// Partitions whose end was reached, with the offset behind their last record. Transaction markers take offsets
    /// too, so this can be more than the last record's offset plus one: commit this one, or lag never reads 0.
    public let endOfPartitions: [TopicPartition: Int64]
    /// The offsets to commit when all records were dealt with: behind each partition's last record, or at its end
    /// where that was reached.
    public let nextOffsets: [TopicPartition: Int64]

    // Right: the messages are not changed after the batch was made (but for headers, which librdkafka parses when first
    // asked for: that happens under `headersLock`), and freed only in `deinit`.
    nonisolated(unsafe) private let messages: Messages
    private let partitionIndexes: [Int32]
    /// Messages belong to it.
    private let handle: ConsumerHandle
    private let headersLock = Mutex(())
    /// For each record the address of its parsed headers, or one of the two below.
    // Right: each is atomic.
    nonisolated(unsafe) private let headerLists: UnsafeMutablePointer<Atomic<UInt>>
    private static let notParsed: UInt = 0
    private static let noHeaders: UInt = 1

    /// Takes over the first `count` of `messages`, and the buffer.
    init(
        adopting messages: Messages, count: Int, partitionIndexes: [Int32], partitions: [TopicPartition],
        endOfPartitions: [TopicPartition: Int64], nextOffsets: [TopicPartition: Int64], handle: ConsumerHandle
    ) {
        self.messages = messages
        self.count = count
        self.partitionIndexes = partitionIndexes
        self.partitions = partitions
        self.endOfPartitions = endOfPartitions
        self.nextOffsets = nextOffsets
        self.handle = handle
        headerLists = .allocate(capacity: count)
        for index in 0..<count { (headerLists + index).initialize(to: Atomic(Self.notParsed)) }
    }

    deinit {
        for index in 0..<count { rd_kafka_message_destroy(messages[index]) }
        messages.deallocate()
        headerLists.deinitialize(count: count)
        headerLists.deallocate()
    }

    /// Whether there are no records.
    public var isEmpty: Bool { count == 0 }

    /// Lends record `index` to `body`. Nothing of it may be used afterwards.
    @inlinable
    public func withRecord<Result, Failure: Error>(
        _ index: Int, _ body: (borrowing Record) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(Record(batch: self, index: index))
    }

    /// Lends each record, with its index, in the order in which they were read: by offset in each partition.
    @inlinable
    public func forEach<Failure: Error>(
        _ body: (_ index: Int, borrowing Record) throws(Failure) -> Void
    ) throws(Failure) {
        for index in 0..<count {
            try body(index, Record(batch: self, index: index))
        }
    }

    func message(_ index: Int) -> UnsafePointer<rd_kafka_message_t> {
        precondition(index >= 0 && index < count, "a batch of \(count) records has no record \(index)")
        guard let message = messages[index] else { preconditionFailure("a batch has no gaps") }
        return UnsafePointer(message)
    }

    func partitionIndex(_ index: Int) -> Int { Int(partitionIndexes[index]) }

    /// The record's `rd_kafka_headers_t`, if it has headers that can be read.
    func headers(_ index: Int) -> OpaquePointer? {
        var list = headerLists[index].load(ordering: .acquiring)
        if list == Self.notParsed { list = parseHeaders(index) }
        return OpaquePointer(bitPattern: list == Self.noHeaders ? 0 : list)
    }

    /// One by one when they are first asked for: while the record is in the processor's cache, and nothing for those
    /// who read no headers.
    private func parseHeaders(_ index: Int) -> UInt {
        headersLock.withLock { _ in
            let known = headerLists[index].load(ordering: .relaxed)
            if known != Self.notParsed { return known }
            var headers: OpaquePointer?
            // Headers that are malformed cannot be had, like none.
            let result = rd_kafka_message_headers(messages[index], &headers)
            let list = result == RD_KAFKA_RESP_ERR_NO_ERROR ? UInt(bitPattern: headers) : Self.noHeaders
            headerLists[index].store(list, ordering: .releasing)
            return list
        }
    }
}
