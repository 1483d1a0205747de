package import Warehouse

/// What a replay from raw reads: a range of records of each partition of each log, in that order.
package struct RawReplayPlan: Sendable, Hashable {
    /// One range.
    package struct Step: Sendable, Hashable {
        package var log: Int64
        package var topic: String
        package var partition: Int32
        package var offsets: Range<Int64>
        /// Whether ods may say, behind these records, that it has read so far: nothing before them is missing in it.
        package var advances: Bool
    }

    package let steps: [Step]

    /// - Parameters:
    ///   - target: offsets mean partitions of the newest log of `topic`; a skip is none of raw's business.
    ///   - offsetsAtTime: of each partition, the first one with the time that was asked for.
    /// - Throws: `IngestError`: `.offsetOutOfRange`, `.noSuchPartition`.
    package init(
        _ target: ReplayTarget, topic: String, partitions: [WarehousePartition],
        offsetsAtTime: [WarehousePartition: Int64] = [:]
    ) throws(IngestError) {
        var asked: [Int32: Int64] = [:]
        if case .offsets(let offsets) = target { asked = offsets }
        let newest = partitions.filter { $0.topic == topic }.map(\.log).max()
        for number in asked.keys.sorted() {
            let present = partitions.filter { $0.log == newest }
            guard present.contains(where: { $0.partition == number }) else {
                throw ReplayPlan.noSuchPartition(number, topic: topic, known: present.map(\.partition))
            }
        }
        var steps: [Step] = []
        for partition in partitions {
            guard let end = partition.stored.raw else { continue }
            let first = min(partition.firstRecord ?? end, end)
            let start: Int64
            switch target {
            case .earliest, .skip: start = first
            case .time:
                guard let offset = offsetsAtTime[partition] else { continue }
                start = offset
            case .offsets:
                guard partition.log == newest, let offset = asked[partition.partition] else { continue }
                guard first <= offset, offset <= end else {
                    throw IngestError(
                        code: .offsetOutOfRange,
                        reason: "raw has no offset \(offset); it holds \(first) to \(end - 1)",
                        place: "\(topic)[\(partition.partition)], log \(partition.log)",
                        remedy: "choose an offset from \(first) to \(end)")
                }
                start = offset
            }
            // An ods that never read the partition lacks nothing that raw has, when reading begins where raw does.
            steps.append(
                Step(
                    log: partition.log, topic: partition.topic, partition: partition.partition, offsets: start..<end,
                    advances: start <= partition.stored.ods ?? first))
        }
        self.steps = steps
    }
}
