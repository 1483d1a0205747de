/// Records read back from raw, and the memory that their bytes lie in.
package struct RawRecords: Sendable {
    private let arena: RecordArena
    /// The records; their pointers are good as long as `owner` lives.
    package var records: [IncomingRecord] { arena.records }
    package var owner: any Sendable { arena }

    init(records: [IncomingRecord], arena: RecordArena) {
        arena.records = records
        self.arena = arena
    }
}

/// Memory for the bytes of records, freed with it.
// Right: filled by one thread before anyone else sees it, and never changed afterwards.
final class RecordArena: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    fileprivate(set) var records: [IncomingRecord] = []
    /// How much it keeps.
    private(set) var bytes = 0

    deinit { for block in blocks { block.deallocate() } }

    /// A copy of the bytes that lives as long as the arena.
    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        block.copyMemory(from: bytes)
        blocks.append(block)
        self.bytes += bytes.count
        return UnsafeRawBufferPointer(block)
    }
}
