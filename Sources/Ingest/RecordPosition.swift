/// Where a record lies in the topic.
package struct RecordPosition: Sendable, Hashable, Codable {
    package let partition: Int32
    package let offset: Int64

    package init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}
