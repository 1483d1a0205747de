internal import Kafka
internal import Retail
internal import Warehouse

// What is asked of a batch before anything of it is written.
extension Ingestion {
    /// The first record of a partition must be the last one read before: else this is another log.
    func checkProofs(_ polled: RecordBatch) throws {
        guard progress.values.contains(where: { $0.proof != nil }) else { return }
        var first = polled.endOfPartitions.reduce(into: [Int32: Int64]()) { $0[$1.key.partition] = $1.value }
        polled.forEach { _, record in
            first[record.partition] = min(first[record.partition] ?? record.offset, record.offset)
        }
        for (partition, offset) in first {
            guard let proof = progress[partition]?.proof else { continue }
            if offset != proof { throw otherLog(partition, "record \(proof), the last one read, is not there") }
            progress[partition]?.proof = nil
        }
    }

    func checkRejects(of batch: IngestBatch) throws {
        guard !configuration.acceptsRejects else { return }
        // Records that were read before (a replay) say nothing about what comes in now.
        let fresh = batch.records.map { $0.offset >= (progress[$0.partition]?.freshFrom ?? 0) }
        let records = fresh.count { $0 }
        guard records > 0 else { return }
        let refusals = batch.sales.refusals.filter { fresh[Int($0.record)] }
        let new = refusals.isEmpty ? 0 : try writer.unknownRefusals(contentHashes: refusals.map(\.contentHash))
        let runs = RejectBreaker.RunLengths(
            refused: new == 0 ? [] : refusals.map { Int($0.record) }, records: batch.records.count)
        let reason = breaker.take(
            records: records, rejects: new, runs: runs, percentMax: configuration.rejectPercentMax,
            consecutiveMax: configuration.consecutiveRejectsMax)
        if let reason, let first = refusals.first {
            let record = batch.records[Int(first.record)]
            throw IngestError(
                code: .tooManyRejects, reason: "\(reason): \(RejectSummary(refusals))",
                place: "\(batch.topic)[\(record.partition)]@\(record.offset) is the first of this batch",
                remedy: "see what changed upstream; nothing of the batch was written; "
                    + "to keep them as rejects and go on: retailflow ingest --accept-rejects")
        }
    }

    func otherLog(_ partition: Int32, _ reason: String) -> IngestError {
        IngestError(
            code: .otherLog, reason: "the topic is another one than was read before: \(reason)",
            place: "\(configuration.topic)[\(partition)], log \(log)",
            remedy: "if the topic was made anew on purpose, go on with: retailflow ingest --new-log")
    }
}
