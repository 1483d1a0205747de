/// What went wrong, where, and what can be done about it.
public struct KafkaError: Error, Hashable, Sendable {
    /// What the caller can do about an error.
    public enum Disposition: String, Hashable, Sendable {
        /// The same call may succeed later.
        case retriable
        /// The transaction must be aborted; then it can be begun anew.
        case abortable
        /// The client is of no use any more: close it and make another.
        case fatal
        /// Another client with the same transactional or group instance id took over: close this one and do not
        /// come back.
        case fenced
        /// None of these: the request itself was refused.
        case other
    }

    /// Which error.
    public var code: Code
    /// What can be done about it.
    public var disposition: Disposition
    /// What was being done, such as `commit offsets`.
    public var operation: String
    /// Why it failed, in librdkafka's or the broker's words.
    public var reason: String
    /// The partition concerned.
    public var topicPartition: TopicPartition?
    /// The offset that was asked for.
    public var offset: Int64?
    /// The offsets that the partition has; with ``Code/offsetOutOfRange``.
    public var availableOffsets: Range<Int64>?
    /// The configuration property concerned.
    public var property: String?

    /// An error of this module; `disposition` defaults to what `code` is known for.
    public init(
        _ code: Code, disposition: Disposition? = nil, operation: String, reason: String,
        topicPartition: TopicPartition? = nil, offset: Int64? = nil, availableOffsets: Range<Int64>? = nil,
        property: String? = nil
    ) {
        self.code = code
        self.disposition = disposition ?? code.usualDisposition
        self.operation = operation
        self.reason = reason
        self.topicPartition = topicPartition
        self.offset = offset
        self.availableOffsets = availableOffsets
        self.property = property
    }
}

extension KafkaError: CustomStringConvertible {
    /// One line: what, where, why, and what to do.
    public var description: String {
        var text = "\(operation): "
        if let topicPartition {
            text += topicPartition.description
            if let offset, offset >= 0 { text += "@\(offset)" }
            text += ": "
        }
        text += "\(reason) (\(code))"
        if let availableOffsets {
            text +=
                availableOffsets.isEmpty
                ? "; the partition is empty, its next offset is \(availableOffsets.upperBound)"
                : "; the partition has offsets \(availableOffsets.lowerBound) to \(availableOffsets.upperBound - 1)"
        }
        switch disposition {
        case .retriable: text += "; try again"
        case .abortable: text += "; abort the transaction and begin it anew"
        case .fatal: text += "; close this client and make another"
        case .fenced: text += "; another client with the same id took over"
        case .other: break
        }
        return text
    }
}
