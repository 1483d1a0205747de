/// The partitions that a consumer reads and where it is in each. A value: no I/O.
struct Assignment {
    /// One assigned partition.
    struct Slot {
        let topicPartition: TopicPartition
        /// The next offset to hand out, or a logical offset until the first record or end is seen.
        var position: Int64
        /// Whether the last that came from it was its end.
        var isAtEnd = false
        /// Whether anything has come from it through the record queue since it was assigned.
        var isConfirmed = false
    }

    /// What a message carries instead of the topic's name: the topic handle's address.
    struct MessageSource: Hashable {
        var topic: OpaquePointer?
        var partition: Int32
    }

    private(set) var slots: [Slot] = []
    private var indexes: [TopicPartition: Int] = [:]
    private var indexesBySource: [MessageSource: Int?] = [:]
    /// How many slots are not confirmed.
    private(set) var unconfirmed = 0

    var partitions: [TopicPartition] { slots.map(\.topicPartition) }

    mutating func replace(with starts: [TopicPartition: Int64]) {
        slots = []
        indexes = [:]
        add(starts)
    }

    mutating func add(_ starts: [TopicPartition: Int64]) {
        for (partition, offset) in starts.sorted(by: { $0.key < $1.key }) where indexes[partition] == nil {
            indexes[partition] = slots.count
            slots.append(Slot(topicPartition: partition, position: offset))
        }
        slotsChanged()
    }

    mutating func remove(_ partitions: some Sequence<TopicPartition>) {
        let removed = Set(partitions)
        slots.removeAll { removed.contains($0.topicPartition) }
        indexes = Dictionary(uniqueKeysWithValues: slots.enumerated().map { ($1.topicPartition, $0) })
        slotsChanged()
    }

    private mutating func slotsChanged() {
        // Topic handles may be freed, and their addresses used again, once a partition is given up.
        indexesBySource = [:]
        unconfirmed = slots.count { !$0.isConfirmed }
    }

    func index(of partition: TopicPartition) -> Int? { indexes[partition] }

    /// The slot of a message; `topicName` is asked only the first time.
    mutating func index(of source: MessageSource, topicName: () -> String) -> Int? {
        if let known = indexesBySource[source] { return known }
        let index = indexes[TopicPartition(topic: topicName(), partition: source.partition)]
        indexesBySource.updateValue(index, forKey: source)
        return index
    }

    /// Notes that the slot was read up to `position`, and whether that is its end.
    mutating func advance(_ index: Int, to position: Int64, isAtEnd: Bool) {
        slots[index].position = position
        slots[index].isAtEnd = isAtEnd
        guard !slots[index].isConfirmed else { return }
        slots[index].isConfirmed = true
        unconfirmed -= 1
    }

    mutating func move(_ index: Int, to position: Int64) {
        slots[index].position = position
        slots[index].isAtEnd = false
    }
}
