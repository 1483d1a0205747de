import CRdKafka

extension KafkaError {
    /// Takes over an error object; destroys it.
    init(consuming native: OpaquePointer, operation: String) {
        self.init(borrowing: native, operation: operation)
        rd_kafka_error_destroy(native)
    }

    /// From an error object that stays its owner's.
    init(borrowing native: OpaquePointer, operation: String) {
        let code = Code(rd_kafka_error_code(native))
        let disposition: Disposition =
            if Code.fencing.contains(code) {
                .fenced
            } else if rd_kafka_error_is_fatal(native) != 0 {
                .fatal
            } else if rd_kafka_error_txn_requires_abort(native) != 0 {
                .abortable
            } else if rd_kafka_error_is_retriable(native) != 0 {
                .retriable
            } else {
                code.usualDisposition
            }
        self.init(
            code, disposition: disposition, operation: operation,
            reason: rd_kafka_error_string(native).map { String(cString: $0) } ?? code.sentence)
    }

    /// From a plain code; `reason` where the library gave one.
    init(
        _ native: rd_kafka_resp_err_t, operation: String, reason: String? = nil, topicPartition: TopicPartition? = nil
    ) {
        let code = Code(native)
        self.init(code, operation: operation, reason: reason ?? code.sentence, topicPartition: topicPartition)
    }

    /// From a plain code of `client`: a fatal one is looked up (`rd_kafka_fatal_error`), because the code alone only
    /// says that there was one.
    init(_ native: rd_kafka_resp_err_t, of client: OpaquePointer, operation: String, reason: String? = nil) {
        guard native == RD_KAFKA_RESP_ERR__FATAL, let fatal = Self.fatalCause(of: client) else {
            self.init(native, operation: operation, reason: reason)
            return
        }
        self.init(
            fatal.code, disposition: Code.fencing.contains(fatal.code) ? .fenced : .fatal, operation: operation,
            reason: fatal.reason)
    }

    /// The error that made the client useless, if one did.
    static func fatalCause(of client: OpaquePointer) -> (code: Code, reason: String)? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
            guard let base = text.baseAddress else { return nil }
            let code = rd_kafka_fatal_error(client, base, text.count)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
            return (Code(code), String(cString: base))
        }
    }
}

/// Throws if a call that gives back an error object gave one back.
func check(_ native: OpaquePointer?, _ operation: @autoclosure () -> String) throws(KafkaError) {
    if let native { throw KafkaError(consuming: native, operation: operation()) }
}

/// Throws if a call gave back a code other than success.
func check(_ native: rd_kafka_resp_err_t, _ operation: @autoclosure () -> String) throws(KafkaError) {
    if native != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(native, operation: operation()) }
}
