import CRdKafka

extension Producer {
    /// Puts a record into the queue, copied once; blocks while the queue is full (`rd_kafka_producev`). Nil and empty
    /// keys and values are different things. Whether it was delivered is told by ``flush(timeoutMilliseconds:)``, or
    /// by the transaction's commit.
    ///
    /// Without a partition it goes where the key says (as with Java clients), or anywhere without a key.
    public func enqueue(
        topic: String, partition: Int32? = nil, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: RecordHeaders? = nil, timestampMilliseconds: Int64? = nil
    ) throws(KafkaError) {
        try checkOpen("enqueue a record")
        let result = produce(
            try self.topic(topic), partition: partition, flags: RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, key: key,
            value: value, headers: headers, timestampMilliseconds: timestampMilliseconds, opaque: nil)
        if result != RD_KAFKA_RESP_ERR_NO_ERROR { throw refusal(result, topic, partition) }
    }

    /// The same for bytes in arrays.
    public func enqueue(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders? = nil,
        timestampMilliseconds: Int64? = nil
    ) throws(KafkaError) {
        try withBytes(key) { key throws(KafkaError) in
            try withBytes(value) { value throws(KafkaError) in
                try enqueue(
                    topic: topic, partition: partition, key: key, value: value, headers: headers,
                    timestampMilliseconds: timestampMilliseconds)
            }
        }
    }

    /// Sends a record and waits until all in-sync replicas have it. Not ended by cancelling the task: it takes at
    /// most the delivery timeout. In a transaction the record is there for readers only after the commit.
    public func send(_ record: ProducerRecord) async throws(KafkaError) -> Delivery {
        guard let outcome = await send([record]).first else {
            throw KafkaError(.unexpectedAnswer, operation: "send a record", reason: "there was no report")
        }
        return try outcome.get()
    }

    /// Sends records and waits for all of them; each has its own outcome, in the order of `records`.
    public func send(_ records: [ProducerRecord]) async -> [Result<Delivery, KafkaError>] {
        let reports = DeliveryReports(count: records.count)
        for (index, record) in records.enumerated() {
            do {
                while try !tryEnqueue(record, opaque: reports.opaque(index)) { await delivery.work.waitForSpace() }
            } catch {
                reports.report(.failure(error), index: index)
            }
        }
        let outcomes = await reports.all()
        // Records point at it without holding it.
        return withExtendedLifetime(reports) { outcomes }
    }

    /// Puts a record into the queue unless it is full.
    private func tryEnqueue(_ record: ProducerRecord, opaque: UnsafeMutableRawPointer?) throws(KafkaError) -> Bool {
        try checkOpen("send a record")
        let topic = try self.topic(record.topic)
        let result = withBytes(record.key) { key in
            withBytes(record.value) { value in
                produce(
                    topic, partition: record.partition, flags: RD_KAFKA_MSG_F_COPY, key: key, value: value,
                    headers: record.headers, timestampMilliseconds: record.timestampMilliseconds, opaque: opaque)
            }
        }
        switch result {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return true
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: return false
        default: throw refusal(result, record.topic, record.partition)
        }
    }

    private func produce(
        _ topic: Topic, partition: Int32?, flags: Int32, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?, headers: RecordHeaders?, timestampMilliseconds: Int64?,
        opaque: UnsafeMutableRawPointer?
    ) -> rd_kafka_resp_err_t {
        let headers = headers.flatMap { $0.copy() }
        // An empty buffer may have no address, but no address means no key or no value.
        let result = crdkafka_produce(
            client, topic.pointer, partition ?? RD_KAFKA_PARTITION_UA, flags,
            value.map { $0.baseAddress ?? RecordHeaders.nothing }, value?.count ?? 0,
            key.map { $0.baseAddress ?? RecordHeaders.nothing }, key?.count ?? 0,
            timestampMilliseconds ?? 0, headers, opaque)
        if result != RD_KAFKA_RESP_ERR_NO_ERROR, let headers { rd_kafka_headers_destroy(headers) }
        return result
    }

    private func refusal(_ code: rd_kafka_resp_err_t, _ topic: String, _ partition: Int32?) -> KafkaError {
        var error = KafkaError(code, of: client, operation: "enqueue a record for topic “\(topic)”")
        if let partition { error.topicPartition = TopicPartition(topic: topic, partition: partition) }
        return error
    }
}

private func withBytes<Result, Failure: Error>(
    _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws(Failure) -> Result
) throws(Failure) -> Result {
    guard let bytes else { return try body(nil) }
    // `withUnsafeBytes` forgets the error's type.
    let outcome: Swift.Result<Result, Failure> = bytes.withUnsafeBytes { buffer in
        do throws(Failure) {
            return .success(try body(buffer))
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}
