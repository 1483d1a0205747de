import CRdKafka

/// A batch while it is being read. Owns the messages until it is finished.
struct BatchBuilder: ~Copyable {
    private let messages: RecordBatch.Messages
    private(set) var count = 0
    private var partitionIndexes: [Int32] = []
    private var partitions: [TopicPartition] = []
    private var next: [Int64] = []
    /// For each slot of the assignment the index in `partitions`, or -1.
    private var indexOfSlot: [Int32]
    private(set) var ends: [TopicPartition: Int64] = [:]
    /// Whether a batch has taken the messages over.
    private var isFinished = false

    init(capacity: Int, slots: Int) {
        messages = .allocate(capacity: capacity)
        messages.initialize(repeating: nil)
        indexOfSlot = [Int32](repeating: -1, count: slots)
    }

    deinit {
        if isFinished { return }
        for index in 0..<count { rd_kafka_message_destroy(messages[index]) }
        messages.deallocate()
    }

    var isEmpty: Bool { count == 0 && ends.isEmpty }
    var isFull: Bool { count == messages.count }

    /// Reads up to `limit` messages behind those that are there, and sorts them out: records stay; ends are noted;
    /// errors come back; what is not the assignment's, or was handed out already, is dropped.
    /// Returns how many messages came.
    mutating func read(
        from queue: OpaquePointer, limit: Int, timeoutMilliseconds: Int, assignment: inout Assignment,
        onError: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void
    ) -> Int {
        let size = min(limit, messages.count - count)
        let got = rd_kafka_consume_batch_queue(
            queue, timeoutMilliseconds.timeout, messages.baseAddress?.advanced(by: count), size)
        guard got > 0 else { return 0 }
        sort(got, &assignment, onError)
        return got
    }

    /// The same for one message that came another way.
    mutating func add(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, assignment: inout Assignment,
        onError: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void
    ) {
        messages[count] = message
        sort(1, &assignment, onError)
    }

    /// Sorts out the `got` messages behind the records.
    private mutating func sort(
        _ got: Int, _ assignment: inout Assignment, _ onError: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void
    ) {
        partitionIndexes.reserveCapacity(count + got)
        var source: Assignment.MessageSource?
        var slot: Int?
        var position: Int64 = 0
        var isAtEnd = false
        let start = count
        for index in start..<(start + got) {
            guard let message = messages[index] else { continue }
            let itsSource = Assignment.MessageSource(topic: message.pointee.rkt, partition: message.pointee.partition)
            if source != itsSource {
                settle(slot, position, isAtEnd, &assignment)
                source = itsSource
                slot = assignment.index(of: itsSource) {
                    itsSource.topic.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) } ?? ""
                }
                position = slot.map { assignment.slots[$0].position } ?? 0
                isAtEnd = slot.map { assignment.slots[$0].isAtEnd } ?? false
            }
            if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR, let slot, message.pointee.offset >= position {
                position = message.pointee.offset + 1
                isAtEnd = false
                messages[count] = message
                count += 1
                partitionIndexes.append(partitionIndex(of: slot, assignment))
                continue
            }
            if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
                if let slot {
                    position = max(position, message.pointee.offset)
                    isAtEnd = true
                    ends[assignment.slots[slot].topicPartition] = position
                }
            } else if message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                onError(message)
            }
            rd_kafka_message_destroy(message)
        }
        settle(slot, position, isAtEnd, &assignment)
    }

    /// The run of one partition's messages is over.
    private mutating func settle(
        _ slot: Int?, _ position: Int64, _ isAtEnd: Bool, _ assignment: inout Assignment
    ) {
        guard let slot else { return }
        assignment.advance(slot, to: position, isAtEnd: isAtEnd)
        let index = indexOfSlot[slot]
        if index >= 0 { next[Int(index)] = position }
    }

    private mutating func partitionIndex(of slot: Int, _ assignment: borrowing Assignment) -> Int32 {
        let known = indexOfSlot[slot]
        if known >= 0 { return known }
        let index = Int32(partitions.count)
        indexOfSlot[slot] = index
        partitions.append(assignment.slots[slot].topicPartition)
        next.append(0)
        return index
    }

    /// The batch, which takes the messages over.
    consuming func finish(_ handle: ConsumerHandle) -> RecordBatch {
        var nextOffsets = ends
        for (partition, offset) in zip(partitions, next) {
            nextOffsets[partition] = max(offset, ends[partition] ?? offset)
        }
        let batch = RecordBatch(
            adopting: messages, count: count, partitionIndexes: partitionIndexes, partitions: partitions,
            endOfPartitions: ends, nextOffsets: nextOffsets, handle: handle)
        isFinished = true
        return batch
    }
}
