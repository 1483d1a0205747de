import CRdKafka

extension Producer {
    /// Takes the transactional id over: fences whoever else has it and ends what that one left open
    /// (`rd_kafka_init_transactions`). Once, before the first transaction. A retriable error may be tried again.
    public func initTransactions(timeoutMilliseconds: Int) throws(KafkaError) {
        try transact("take the transactional id over") {
            rd_kafka_init_transactions(client, timeoutMilliseconds.timeout)
        }
    }

    /// Begins a transaction (`rd_kafka_begin_transaction`).
    public func beginTransaction() throws(KafkaError) {
        _ = delivery.work.takeFailures()
        try transact("begin a transaction") { rd_kafka_begin_transaction(client) }
    }

    /// Adds a consumer's offsets to the transaction (`rd_kafka_send_offsets_to_transaction`): they are committed with
    /// it. An offset is that of the next record to read.
    public func sendOffsets(
        _ offsets: [TopicPartition: Int64], group: ConsumerGroupMetadata, timeoutMilliseconds: Int
    ) throws(KafkaError) {
        let list = PartitionList(offsets)
        try transact("add offsets to the transaction") {
            list.lend {
                rd_kafka_send_offsets_to_transaction(client, $0, group.pointer, timeoutMilliseconds.timeout)
            }
        }
    }

    /// Waits for the transaction's records and commits it (`rd_kafka_commit_transaction`). The error says what to do:
    /// `retriable`: call it again; `abortable`: abort and begin anew; `fatal`: make another producer; `fenced`: another
    /// took over. After a broker has refused a record, librdkafka 2.0.2 also lets the next transaction fail, as
    /// `abortable`; the one after that works.
    public func commitTransaction(timeoutMilliseconds: Int) throws(KafkaError) {
        try transact("commit the transaction") {
            rd_kafka_commit_transaction(client, timeoutMilliseconds.timeout)
        }
    }

    /// Ends the transaction without its records (`rd_kafka_abort_transaction`). A retriable error may be tried again.
    public func abortTransaction(timeoutMilliseconds: Int) throws(KafkaError) {
        try transact("abort the transaction") {
            rd_kafka_abort_transaction(client, timeoutMilliseconds.timeout)
        }
        // Its records were thrown away on purpose.
        _ = delivery.work.takeFailures()
    }

    private func transact(
        _ operation: String, _ body: () -> OpaquePointer?
    ) throws(KafkaError) {
        try checkOpen(operation)
        guard let native = body() else { return }
        var error = KafkaError(consuming: native, operation: operation)
        if error.disposition == .fatal, let fatal = KafkaError.fatalCause(of: client),
            KafkaError.Code.fencing.contains(fatal.code)
        {
            // What fails after the fencing only says that there was a fatal error.
            error = KafkaError(fatal.code, disposition: .fenced, operation: operation, reason: fatal.reason)
        }
        throw error
    }
}
