import Retail

/// Options of `replay`.
struct ReplayOptions: Hashable, Sendable {
    /// Where reading shall go on.
    enum Place: Hashable, Sendable {
        case earliest
        case offsets([Int32: Int64])
        case time(WrittenInstant)
        case skip([Int32: Int64])
    }

    var place = Place.earliest
    /// Whether raw is read, and not Kafka.
    var isFromRaw = false
    /// Whether it is only told what would happen.
    var isDryRun = false
}
