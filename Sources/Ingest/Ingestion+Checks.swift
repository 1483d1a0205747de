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
    func compareWithRaw(_ record: IncomingRecord) throws {
        let kept = try writer.rawRecords(
            log: log, partition: record.partition, offsets: record.offset..<record.offset + 1, recordsMax: 1)
        guard let known = kept.records.first else { return }
        let isSame = withExtendedLifetime(kept.owner) {
            known.version == record.version && record.hasPayload(known.payload)
        }
        if !isSame { throw otherLog(record.partition, "record \(record.offset) differs from the one kept in raw") }
    }

    func checkRejects(of batch: IngestBatch) throws {
        guard !configuration.acceptsRejects else { return }
        // Records that were read before (a replay) say nothing about what comes in now.
        let isFresh = batch.records.map { $0.offset >= (progress[$0.partition]?.freshFrom ?? 0) }
        let fresh = isFresh.indices.filter { isFresh[$0] }
        guard !fresh.isEmpty else { return }
        let refusals = try newRefusals(batch.sales.refusals.filter { isFresh[Int($0.record)] })
        let places = places(of: refusals, among: fresh)
        let trip = breaker.take(
            records: fresh.count, rejects: Set(refusals.map(\.contentHash)).count,
            runs: RejectBreaker.RunLengths(refused: places, records: fresh.count),
            percentMax: configuration.rejectPercentMax, consecutiveMax: configuration.consecutiveRejectsMax,
            position: { place in
                let record = batch.records[fresh[place]]
                return RecordPosition(partition: record.partition, offset: record.offset)
            })
        if let trip { throw tooManyRejects(trip, refusals, in: batch) }
    }

    /// What changed, without a value of any record: where it began, what is wrong how often, and how it looks now.
    private func tooManyRejects(
        _ trip: RejectBreaker.Trip, _ refusals: [SaleBatch.Refusal], in batch: IngestBatch
    ) -> IngestError {
        let summary = RejectSummary(refusals)
        var place = "\(batch.topic)[\(trip.first.partition)]@\(trip.first.offset) is the first of them"
        if let example = summary.example(among: refusals) {
            let record = batch.records[Int(example.record)]
            place += ", \(batch.topic)[\(record.partition)]@\(record.offset) looks like \(RecordShape(record.payload))"
        }
        return IngestError(
            code: .tooManyRejects, reason: "\(trip.reason); in this batch \(summary)", place: place,
            remedy: "see what changed upstream; nothing of this batch was written; "
                + "to keep them as rejects and go on: retailflow ingest --accept-rejects")
    }

    /// Which of the fresh records these are, counted from 0; both come in order.
    private func places(of refusals: [SaleBatch.Refusal], among fresh: [Int]) -> [Int] {
        var place = 0
        return refusals.map { refusal in
            while fresh[place] < Int(refusal.record) { place += 1 }
            return place
        }
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
