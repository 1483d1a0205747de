/// A record to send and wait for.
public struct ProducerRecord: Sendable {
    /// Where to.
    public var topic: String
    /// The partition; nil: by the key, or any without one.
    public var partition: Int32?
    /// The key, if any.
    public var key: [UInt8]?
    /// The value; none deletes the key in a compacted topic.
    public var value: [UInt8]?
    /// The headers, if any.
    public var headers: RecordHeaders?
    /// Its time in milliseconds since 1970; nil: now.
    public var timestampMilliseconds: Int64?

    /// A record for `topic`.
    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: RecordHeaders? = nil,
        timestampMilliseconds: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMilliseconds = timestampMilliseconds
    }
}
