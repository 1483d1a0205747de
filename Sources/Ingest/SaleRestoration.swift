internal import Retail
internal import Warehouse

/// Looks in raw for the last valid content of sales whose row was withdrawn, and writes it.
///
/// The row of ods holds a sale's newest content only. When the present code refuses that one, an older content may still
/// be valid, and is what ods would hold had it been read by this code from the beginning. It may lie anywhere in raw, in
/// front of where is being read.
struct SaleRestoration {
    private static let recordsMax = 20_000

    private let writer: any SalesWriter
    private let timeZone: RetailTimeZone
    private let sales: Set<Int64>
    private var rest: [RawExtent]

    /// nil when no row was withdrawn.
    init?(_ writer: any SalesWriter, timeZone: RetailTimeZone) throws {
        sales = Set(try writer.withdrawnSales())
        guard !sales.isEmpty else { return nil }
        self.writer = writer
        self.timeZone = timeZone
        rest = try writer.rawExtents()
    }

    /// Looks through the next records; nil when there are no more.
    mutating func step() throws -> WriteCounts? {
        guard let extent = rest.first else {
            try writer.noteSearched(Array(sales))
            return nil
        }
        let chunk = try writer.rawRecords(
            log: extent.log, partition: extent.partition, offsets: extent.offsets,
            recordsMax: SaleRestoration.recordsMax)
        guard let last = chunk.records.last else {
            rest.removeFirst()
            return WriteCounts()
        }
        let counts = try restore(chunk, of: extent)
        // Only now: what could not be written is to be found once more.
        rest[0].offsets = last.offset + 1..<extent.offsets.upperBound
        return counts
    }

    private func restore(_ chunk: RawRecords, of extent: RawExtent) throws -> WriteCounts {
        let assembler = BatchAssembler(timeZone: timeZone, log: extent.log, topic: extent.topic)
        let all = assembler.assemble(chunk.records, owner: chunk.owner, nextOffsets: [:])
        let wanted = all.sales.rows.filter { sales.contains($0.id) }.map { all.records[Int($0.record)] }
        guard !wanted.isEmpty else { return WriteCounts() }
        return try writer.write(assembler.assemble(wanted, owner: chunk.owner, nextOffsets: [:])).wait()
    }
}
