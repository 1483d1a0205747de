import CRdKafka

/// One record, lent by its batch: nothing is copied, and no pointer of it may be kept.
public struct Record: ~Copyable {
    // Right: a record is only lent, inside a call on its batch, which therefore outlives it.
    private let batch: Unmanaged<RecordBatch>
    private let message: UnsafePointer<rd_kafka_message_t>
    /// Its index in the batch.
    public let index: Int

    @usableFromInline
    init(batch: RecordBatch, index: Int) {
        self.batch = .passUnretained(batch)
        self.message = batch.message(index)
        self.index = index
    }

    /// Its topic and partition.
    public var topicPartition: TopicPartition {
        batch._withUnsafeGuaranteedRef { $0.partitions[$0.partitionIndex(index)] }
    }

    /// The index of its partition in ``RecordBatch/partitions``.
    public var partitionIndex: Int { batch._withUnsafeGuaranteedRef { $0.partitionIndex(index) } }

    /// The topic's name.
    public var topic: String { topicPartition.topic }

    /// The partition's number.
    public var partition: Int32 { message.pointee.partition }

    /// Its offset.
    public var offset: Int64 { message.pointee.offset }

    /// When it was made or appended, in milliseconds since 1970, as the topic is configured; nil if it has no
    /// timestamp (`rd_kafka_message_timestamp`).
    public var timestampMilliseconds: Int64? {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = rd_kafka_message_timestamp(message, &kind)
        return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time
    }

    /// Its key; nil if it has none, which is not the same as an empty one.
    public var key: UnsafeRawBufferPointer? {
        message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) }
    }

    /// Its value; nil if it has none (in a compacted topic: the key was deleted), which is not the same as an empty
    /// one.
    public var value: UnsafeRawBufferPointer? {
        message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) }
    }
}

extension Record {
    /// The last header of that name, without allocating (`rd_kafka_header_get_last`); nil if there is none. A header
    /// without a value gives an empty buffer.
    public func header(_ name: StaticString) -> UnsafeRawBufferPointer? {
        guard name.hasPointerRepresentation else { return header(named: name.description) }
        return name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
            header(cName: $0)
        }
    }

    /// The last header of that name; nil if there is none.
    public func header(named name: String) -> UnsafeRawBufferPointer? {
        name.withCString { header(cName: $0) }
    }

    private var headers: OpaquePointer? { batch._withUnsafeGuaranteedRef { $0.headers(index) } }

    private func header(cName: UnsafePointer<CChar>) -> UnsafeRawBufferPointer? {
        guard let headers else { return nil }
        var value: UnsafeRawPointer?
        var size = 0
        guard rd_kafka_header_get_last(headers, cName, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return nil
        }
        return UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
    }

    /// Lends each header, in the record's order (`rd_kafka_header_get_all`); a header may have no value.
    public func forEachHeader<Failure: Error>(
        _ body: (_ name: String, UnsafeRawBufferPointer?) throws(Failure) -> Void
    ) throws(Failure) {
        guard let headers else { return }
        var position = 0
        while true {
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard
                rd_kafka_header_get_all(headers, position, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR,
                let name
            else { return }
            try body(String(cString: name), value.map { UnsafeRawBufferPointer(start: $0, count: size) })
            position += 1
        }
    }
}
