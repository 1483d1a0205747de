internal import Kafka
internal import Retail
internal import Warehouse

/// Turns records of Kafka, or of raw, into a batch that the warehouse can write: parsed, with versions.
struct BatchAssembler {
    private let parser: SaleParser
    private let log: Int64
    private let topic: String

    init(timeZone: RetailTimeZone, log: Int64, topic: String) {
        parser = SaleParser(timeZone: timeZone)
        self.log = log
        self.topic = topic
    }

    /// The records of a poll, of partitions that are ours. Their bytes are not copied: the batch that is returned
    /// keeps `polled` alive.
    ///
    /// - Parameter owned: the partitions whose reading the group has given to this member.
    func assemble(_ polled: RecordBatch, of owned: some Collection<Int32>) -> IngestBatch {
        var records: [IncomingRecord] = []
        records.reserveCapacity(polled.count)
        let isOurs = polled.partitions.map { owned.contains($0.partition) }
        polled.forEach { _, record in
            guard isOurs[record.partitionIndex] else { return }
            let timestamp = record.timestampMilliseconds ?? 0
            records.append(
                IncomingRecord(
                    partition: record.partition, offset: record.offset,
                    version: record.header("version").flatMap(BatchAssembler.version)
                        ?? BatchAssembler.version(ofMilliseconds: timestamp),
                    timestampMilliseconds: timestamp, payload: record.value, fileName: record.header("source_file")))
        }
        var next: [Int32: Int64] = [:]
        for (partition, offset) in polled.nextOffsets where owned.contains(partition.partition) {
            next[partition.partition] = offset
        }
        return assemble(records, owner: polled, nextOffsets: next)
    }

    /// Records that raw holds already.
    func assemble(_ records: [IncomingRecord], owner: any Sendable, nextOffsets: [Int32: Int64]) -> IngestBatch {
        var sales = SaleBatch()
        for (index, record) in records.enumerated() {
            parser.parse(record.payload, record: Int32(index), into: &sales)
        }
        return IngestBatch(
            records: records, owner: owner, log: log, topic: topic, sales: sales, nextOffsets: nextOffsets)
    }

    /// The `version` header: microseconds in decimal digits. Anything else counts as no header.
    private static func version(_ digits: UnsafeRawBufferPointer) -> Int64? {
        guard (1...18).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// A record's time stands for the version that it has not. Any program can write any time: one that is beyond the
    /// digits of a version counts as the last that is not.
    private static func version(ofMilliseconds time: Int64) -> Int64 {
        min(max(time, 0), 999_999_999_999_999) * 1_000
    }
}
