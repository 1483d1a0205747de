internal import Kafka
internal import Retail
internal import Warehouse

// What is asked of a batch before anything of it is written.
extension Ingestion {
    /// The first records of a partition tell whether this is the log that was read before.
    func checkLog(_ polled: RecordBatch, _ batch: IngestBatch) throws {
        guard progress.values.contains(where: { !$0.isProven }) else { return }
        var first = polled.endOfPartitions.reduce(into: [Int32: (offset: Int64, record: IncomingRecord?)]()) {
            $0[$1.key.partition] = ($1.value, nil)
        }
        for record in batch.records where record.offset <= first[record.partition]?.offset ?? .max {
            first[record.partition] = (record.offset, record)
        }
        for (partition, found) in first where progress[partition]?.isProven == false {
            if let proof = progress[partition]?.proof, found.offset != proof {
                throw otherLog(partition, "record \(proof), the last one read, is not there")
            }
            if let record = found.record { try compareWithRaw(record) }
            progress[partition]?.isProven = true
        }
    }

    /// A record that raw has already must be the same: asked before anything is written, because ods, which is written
    /// beside raw, could not tell.
    private func compareWithRaw(_ record: IncomingRecord) throws {
        let kept = try writer.rawRecords(
            log: log, partition: record.partition, offsets: record.offset..<record.offset + 1, recordsMax: 1)
        guard let known = kept.records.first else { return }
        let isSame = withExtendedLifetime(kept.owner) {
            known.version == record.version && sameBytes(known.payload, record.payload)
        }
        if !isSame { throw otherLog(record.partition, "record \(record.offset) differs from the one kept in raw") }
    }

    func checkRejects(of batch: IngestBatch) throws {
        guard !configuration.acceptsRejects else { return }
        // Records that were read before (a replay) say nothing about what comes in now.
        let isFresh = batch.records.map { $0.offset >= (progress[$0.partition]?.freshFrom ?? 0) }
        let records = isFresh.count { $0 }
        guard records > 0 else { return }
        let refusals = try newRefusals(batch.sales.refusals.filter { isFresh[Int($0.record)] })
        let runs = RejectBreaker.RunLengths(refused: places(of: refusals, among: isFresh), records: records)
        let reason = breaker.take(
            records: records, rejects: Set(refusals.map(\.contentHash)).count, runs: runs,
            percentMax: configuration.rejectPercentMax, consecutiveMax: configuration.consecutiveRejectsMax)
        if let reason, let first = refusals.first {
            let record = batch.records[Int(first.record)]
            throw IngestError(
                code: .tooManyRejects, reason: "\(reason): \(RejectSummary(refusals))",
                place: "\(batch.topic)[\(record.partition)]@\(record.offset) is the first of this batch",
                remedy: "see what changed upstream; nothing of the batch was written; "
                    + "to keep them as rejects and go on: retailflow ingest --accept-rejects")
        }
    }

    /// Which of the fresh records these are, counted from 0.
    private func places(of refusals: [SaleBatch.Refusal], among isFresh: [Bool]) -> [Int] {
        guard !refusals.isEmpty else { return [] }
        var places: [Int] = []
        var place = 0
        var next = refusals.makeIterator()
        var refusal = next.next()
        for (index, isFresh) in isFresh.enumerated() where isFresh {
            if Int(refusal?.record ?? -1) == index {
                places.append(place)
                refusal = next.next()
            }
            place += 1
        }
        return places
    }

    /// Those whose content the warehouse has not refused before.
    private func newRefusals(_ refusals: [SaleBatch.Refusal]) throws -> [SaleBatch.Refusal] {
        let contents = Set(refusals.map(\.contentHash))
        guard !contents.isEmpty else { return [] }
        let new = try writer.unknownRefusals(contentHashes: Array(contents))
        if new == 0 { return [] }
        if new == contents.count { return refusals }
        // Seldom: known and new ones side by side.
        let unknown = try contents.filter { try writer.unknownRefusals(contentHashes: [$0]) > 0 }
        return refusals.filter { unknown.contains($0.contentHash) }
    }

    func otherLog(_ partition: Int32, _ reason: String) -> IngestError {
        IngestError(
            code: .otherLog, reason: "the topic is another one than was read before: \(reason)",
            place: "\(configuration.topic)[\(partition)], log \(log)",
            remedy: "if the topic was made anew on purpose, go on with: retailflow ingest --new-log")
    }
}

/// NULL equals NULL only; an empty value is not NULL.
private func sameBytes(_ left: UnsafeRawBufferPointer?, _ right: UnsafeRawBufferPointer?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let left?, let right?): left.elementsEqual(right)
    default: false
    }
}
