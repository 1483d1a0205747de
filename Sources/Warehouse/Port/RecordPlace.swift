/// The place of a record among all records of its sale: they are ordered by version, then by where they lie.
package struct RecordPlace: Sendable, Hashable, Comparable {
    package let version: Int64
    package let log: Int64
    package let partition: Int32
    package let offset: Int64

    package init(version: Int64, log: Int64, partition: Int32, offset: Int64) {
        self.version = version
        self.log = log
        self.partition = partition
        self.offset = offset
    }

    package init(_ record: IncomingRecord, log: Int64) {
        self.init(version: record.version, log: log, partition: record.partition, offset: record.offset)
    }

    package static func < (left: RecordPlace, right: RecordPlace) -> Bool {
        (left.version, left.log, left.partition, left.offset)
            < (right.version, right.log, right.partition, right.offset)
    }
}
