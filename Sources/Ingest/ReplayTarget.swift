/// Where a consumer group shall go on reading.
package enum ReplayTarget: Sendable, Hashable {
    /// At the first record that there is, in every partition.
    case earliest
    /// At these offsets of these partitions; the others stay.
    case offsets([Int32: Int64])
    /// At the first record with at least that Kafka timestamp, in every partition; at the end where there is none.
    case time(milliseconds: Int64)
    /// Behind records that shall never be read: forward to these offsets of these partitions; the others stay.
    case skip([Int32: Int64])

    /// Whether records are passed over that nobody has read.
    package var isSkip: Bool {
        if case .skip = self { true } else { false }
    }
}
