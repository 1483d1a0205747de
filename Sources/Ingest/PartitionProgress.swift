/// How far the reading of one assigned partition is.
struct PartitionProgress {
    /// The offset at which reading ends, when it ends by itself; nil when it follows.
    var target: Int64?
    /// The offset of the next record to read.
    var next: Int64
    /// The offset of the record that must come first, as long as it has not come.
    var proof: Int64?
    /// Records from this offset on were never read before.
    var freshFrom: Int64

    /// Whether all that there was at the start has been read.
    var isDone: Bool { target.map { next >= $0 } ?? false }
}
