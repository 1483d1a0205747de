internal import Retail
package import Warehouse

/// What became of rejects that were judged again. A reject is a distinct content, in however many records it came.
package struct RejectRetryReport: Sendable, Hashable {
    /// A reject that is valid now, by one of its records.
    package struct Example: Sendable, Hashable {
        package let saleID: Int64
        package let topic: String
        package let log: Int64
        package let partition: Int32
        package let offset: Int64
    }

    /// How many examples are kept.
    package static let examplesMax = 10

    /// Rejects that are valid now, and that are refused again.
    package private(set) var passed = 0
    package private(set) var refused = 0
    /// Why they are refused now.
    package private(set) var summary = RejectSummary()
    /// The records of them that were read.
    package private(set) var records = 0
    /// Records that raw no longer holds, the first of them, and the rejects of which it holds none.
    package private(set) var goneRecords = 0
    package private(set) var firstGone: RejectPlace?
    package private(set) var goneRejects = 0
    /// The first ones that are valid now.
    package private(set) var examples: [Example] = []
    /// What was written; nothing in a dry run.
    package internal(set) var counts = WriteCounts()

    /// The rejects that were counted already; those before `closed` are forgotten.
    private var read: Set<Int64> = []
    private var gone: Set<Int64> = []

    package init() {}

    /// All rejects that were looked at.
    package var rejects: Int { passed + refused + goneRejects }

    /// Takes in the records of one log, judged.
    mutating func take(_ batch: IngestBatch, of part: RejectedRecords.Part) {
        records += part.rejects.count
        for row in batch.sales.rows {
            let index = Int(row.record)
            guard read.insert(part.rejects[index]).inserted else { continue }
            passed += 1
            guard examples.count < RejectRetryReport.examplesMax else { continue }
            let record = batch.records[index]
            examples.append(
                Example(
                    saleID: row.id, topic: part.topic, log: part.log, partition: record.partition,
                    offset: record.offset))
        }
        for refusal in batch.sales.refusals where read.insert(part.rejects[Int(refusal.record)]).inserted {
            refused += 1
            summary.add(refusal)
        }
    }

    /// Takes in a record that raw no longer holds.
    mutating func take(gone place: RejectPlace) {
        goneRecords += 1
        firstGone = firstGone ?? place
        gone.insert(place.reject)
    }

    /// Nothing comes any more of rejects before this one; of itself there may be more.
    mutating func close(behind reject: Int64) {
        goneRejects += gone.count { $0 < reject && !read.contains($0) }
        gone = gone.filter { $0 >= reject }
        read = read.filter { $0 >= reject }
    }
}
