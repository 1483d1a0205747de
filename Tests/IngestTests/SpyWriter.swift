import Dispatch
import Retail
import Synchronization
@testable import Warehouse

/// Stands before a real writer: sees every batch, and can hold a write back or let it fail.
final class SpyWriter: SalesWriter {
    /// What a batch held: each partition's offsets in order.
    typealias Batch = [Int32: [Int64]]

    let batches = Watched<[Batch]>([])
    /// How often it was asked to end its writes, and to open the warehouse anew.
    let interrupts = Watched(0)
    let reopens = Watched(0)
    /// How often it was told that raw was searched.
    let searches = Watched(0)
    private let inner: any SalesWriter
    private let worker = SerialWorker(label: "ingest.tests.spy", state: ())
    private let before: @Sendable (_ number: Int) throws -> Void

    /// - Parameter before: called on the writer's thread before batch `number` (from 1) is written.
    init(_ inner: any SalesWriter, before: @escaping @Sendable (_ number: Int) throws -> Void = { _ in }) {
        self.inner = inner
        self.before = before
    }

    func write(_ batch: IngestBatch) -> BatchWrite {
        let contents = batch.records.reduce(into: Batch()) { $0[$1.partition, default: []].append($1.offset) }
        let number = batches.value.count + 1
        batches.update { $0.append(contents) }
        let write = worker.submit { [inner, before] _ in
            try before(number)
            return try inner.write(batch).wait()
        }
        return BatchWrite(
            raw: worker.submit { _ in try write.wait().raw }, ods: worker.submit { _ in try write.wait().ods })
    }

    func writeOds(_ batch: IngestBatch) -> Pending<OdsCounts> { write(batch).ods }

    /// Behind the last record of each partition that was handed over.
    var ends: [Int32: Int64] { Self.ends(of: batches.value) }

    static func ends(of batches: [Batch]) -> [Int32: Int64] {
        batches.reduce(into: [:]) { ends, batch in
            for (partition, offsets) in batch { ends[partition] = max(ends[partition] ?? 0, (offsets.last ?? -1) + 1) }
        }
    }

    func interrupt() {
        interrupts.update { $0 += 1 }
        inner.interrupt()
    }
    func reopen() throws {
        reopens.update { $0 += 1 }
        try inner.reopen()
    }
    func storedPositions(log: Int64) throws -> [Int32: StoredPosition] { try inner.storedPositions(log: log) }
    func unknownRefusals(contentHashes: [Int64]) throws -> Int {
        try inner.unknownRefusals(contentHashes: contentHashes)
    }
    func breakerState() throws -> String? { try inner.breakerState() }
    func rawRecords(log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int) throws -> RawRecords {
        try inner.rawRecords(log: log, partition: partition, offsets: offsets, recordsMax: recordsMax)
    }
    func rawExtents() throws -> [RawExtent] { try inner.rawExtents() }
    func withdrawnSales() throws -> [Int64] { try inner.withdrawnSales() }
    func noteSearched(_ sales: [Int64]) throws {
        try inner.noteSearched(sales)
        searches.update { $0 += 1 }
    }
    func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)? {
        try inner.highestSale(log: log, partition: partition)
    }
}

/// A write that was told to fail.
struct SpyFailure: Error, Equatable {}

/// Opens once, for everybody who waits.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    /// Blocks the thread.
    func pass() {
        semaphore.wait()
        semaphore.signal()
    }
}
