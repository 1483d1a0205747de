/// How far the reading of one assigned partition is.
struct PartitionProgress {
    /// The offset at which reading ends, when it ends by itself; nil when it follows.
    var target: Int64?
    /// The offset of the next record to read.
    var next: Int64
    /// What lies before this offset is read to be compared: it is not committed, which would take the group back.
    var wanted: Int64
    /// The offset of the record that must come first.
    var proof: Int64?
    /// Whether what comes first is the record that was read from there before; also where none was.
    var isProven: Bool
    /// Records from this offset on were never read before.
    var freshFrom: Int64

    /// Whether the group's offset and those of the warehouse say `next`. Where they do not, as behind a loss that was
    /// accepted, the end has to be seen and written although no record comes.
    var isNoted: Bool

    /// Whether all that there was at the start has been read.
    var isDone: Bool { isNoted && target.map { next >= $0 } ?? false }

    /// A batch that reaches to `offset` is written.
    mutating func advance(to offset: Int64) {
        next = offset
        if offset >= wanted { isNoted = true }
    }
}
