internal import Warehouse

/// The memory behind the records of a batch, as Kafka's message buffers are in the program.
final class RecordMemory: @unchecked Sendable {
    // Filled before anyone else sees it, and never changed afterwards: that is why threads may share it.
    private let bytes: UnsafeMutableRawBufferPointer
    let records: [IncomingRecord]

    init(_ drafts: [RecordDraft]) {
        let size = drafts.reduce(0) { $0 + ($1.payload?.count ?? 0) + ($1.fileName?.utf8.count ?? 0) }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 1), alignment: 1)
        var used = 0
        func keep(_ content: [UInt8]) -> UnsafeRawBufferPointer {
            let place = UnsafeMutableRawBufferPointer(rebasing: bytes[used..<used + content.count])
            place.copyBytes(from: content)
            used += content.count
            return UnsafeRawBufferPointer(place)
        }
        records = drafts.map { draft in
            IncomingRecord(
                partition: draft.partition, offset: draft.offset, version: draft.version,
                timestampMilliseconds: 1_290_000_000_000 + draft.offset, payload: draft.payload.map(keep),
                fileName: draft.fileName.map { keep(Array($0.utf8)) })
        }
        self.bytes = bytes
    }

    deinit { bytes.deallocate() }
}
