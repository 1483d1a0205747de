internal import Kafka
package import Warehouse

/// What a replay does to each partition, decided from what Kafka and the warehouse know of it.
package struct ReplayPlan: Sendable, Hashable {
    /// One partition before the replay.
    package struct Partition: Sendable, Hashable {
        package var number: Int32
        /// The group's offset; nil when it has none.
        package var committed: Int64?
        /// The low and high watermark.
        package var available: Range<Int64>
        /// What the warehouse has read.
        package var stored: StoredPosition?
        /// The first record that raw holds.
        package var firstRaw: Int64?
        /// The first offset with the time that was asked for.
        package var offsetAtTime: Int64?

        package init(
            number: Int32, committed: Int64?, available: Range<Int64>, stored: StoredPosition? = nil,
            firstRaw: Int64? = nil, offsetAtTime: Int64? = nil
        ) {
            self.number = number
            self.committed = committed
            self.available = available
            self.stored = stored
            self.firstRaw = firstRaw
            self.offsetAtTime = offsetAtTime
        }
    }

    /// What happens to one partition.
    package struct Move: Sendable, Hashable {
        package var partition: Int32
        /// The group's offset before; nil when it has none.
        package var from: Int64?
        package var to: Int64
        /// Where ingestion will really begin: it never passes over what the warehouse has not read.
        package var readsFrom: Int64
        /// The offsets between `to` and the end of what was read or committed. Markers of transactions are among them.
        package var again: Range<Int64>
        /// Of these, the ones that raw can tell about.
        package var known: Range<Int64>
        /// What a skip gives up: offsets that the warehouse has not read.
        package var givenUp: Range<Int64>?

        /// How many of the offsets raw knows nothing of: up to so many records more.
        package var unknown: Int64 { Int64(again.count - known.count) }
    }

    package let topic: String
    /// By partition.
    package let moves: [Move]

    /// - Throws: `IngestError`: `.offsetOutOfRange`, `.noSuchPartition`, `.otherLog`.
    package init(_ target: ReplayTarget, topic: String, partitions: [Partition]) throws(IngestError) {
        self.topic = topic
        let known = partitions.sorted { $0.number < $1.number }
        let asked: [Int32: Int64]
        switch target {
        case .earliest: asked = [:]
        case .time: asked = [:]
        case .offsets(let offsets), .skip(let offsets): asked = offsets
        }
        for number in asked.keys.sorted() where !known.contains(where: { $0.number == number }) {
            throw ReplayPlan.noSuchPartition(number, topic: topic, known: known.map(\.number))
        }
        var moves: [Move] = []
        for partition in known {
            let to: Int64
            switch target {
            case .earliest: to = partition.available.lowerBound
            case .time: to = partition.offsetAtTime ?? partition.available.upperBound
            case .offsets, .skip:
                guard let offset = asked[partition.number] else { continue }
                to = offset
            }
            moves.append(try ReplayPlan.move(partition, to: to, topic: topic, isSkip: target.isSkip))
        }
        self.moves = moves
    }

    private static func move(
        _ partition: Partition, to: Int64, topic: String, isSkip: Bool
    ) throws(IngestError) -> Move {
        let available = partition.available
        let stored = partition.stored
        let place = "\(topic)[\(partition.number)]"
        if max(stored?.raw ?? 0, stored?.ods ?? 0) > available.upperBound {
            throw IngestError(
                code: .otherLog,
                reason: "the topic is another one than was read before: it ends at offset \(available.upperBound)",
                place: place,
                remedy: "if the topic was made anew on purpose, go on with: retailflow ingest --new-log")
        }
        guard available.lowerBound <= to, to <= available.upperBound else {
            throw outOfRange(to, partition, place: place)
        }
        // What the warehouse has read of the partition in both layers; without any, reading begins at the first record.
        let read = max(available.lowerBound, min(stored?.raw ?? 0, stored?.ods ?? 0))
        let begins = min(partition.committed ?? read, read)
        if isSkip, to < begins {
            throw IngestError(
                code: .offsetOutOfRange, reason: "offset \(to) is not ahead: reading goes on at \(begins)",
                place: place, remedy: "--skip-to only goes forward; back goes --to-offset \(partition.number):\(to)")
        }
        // A skip gives up what lies before Kafka's first record as well: it is as unread as the rest.
        let unread = min(stored?.raw ?? available.lowerBound, stored?.ods ?? available.lowerBound)
        let end = max(to, partition.committed ?? to, stored?.raw ?? to, stored?.ods ?? to)
        let first = max(to, partition.firstRaw ?? end)
        let known = first..<max(first, min(end, stored?.raw ?? first))
        return Move(
            partition: partition.number, from: partition.committed, to: to,
            readsFrom: isSkip ? to : min(to, read), again: to..<end, known: known,
            givenUp: isSkip && unread < to ? unread..<to : nil)
    }

    private static func outOfRange(_ offset: Int64, _ partition: Partition, place: String) -> IngestError {
        let available = partition.available
        let range =
            available.isEmpty
            ? "nothing is there, the next record is \(available.upperBound)"
            : "Kafka has offsets \(available.lowerBound) to \(available.upperBound - 1)"
        let isInRaw = partition.firstRaw.map { $0 <= offset } == true && offset < available.lowerBound
        return IngestError(
            code: .offsetOutOfRange, reason: "there is no offset \(offset); \(range)", place: place,
            remedy: isInRaw
                ? "read it from the warehouse with: retailflow replay --from-raw --to-offset \(partition.number):\(offset)"
                : "choose an offset from \(available.lowerBound) to \(available.upperBound)")
    }

    static func noSuchPartition(_ number: Int32, topic: String, known: [Int32]) -> IngestError {
        IngestError(
            code: .noSuchPartition, reason: "there is no partition \(number)", place: topic,
            remedy: known.isEmpty
                ? "nothing was read of this topic yet"
                : "choose one of \(known.map(String.init).joined(separator: ", "))")
    }
}
