import CRdKafka

/// Offsets that stand for a place rather than a number; for ``Consumer/assign(_:)`` and rebalance handlers.
public enum LogicalOffset {
    /// The first record that the partition still has.
    public static let beginning = Int64(RD_KAFKA_OFFSET_BEGINNING)
    /// Behind the last record.
    public static let end = Int64(RD_KAFKA_OFFSET_END)
    /// Where the consumer group committed; an error if it never did.
    public static let committed = Int64(RD_KAFKA_OFFSET_STORED)
    /// No offset is known.
    public static let unknown = Int64(RD_KAFKA_OFFSET_INVALID)
}
