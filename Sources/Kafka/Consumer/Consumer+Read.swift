extension Consumer {
    /// Reads partitions from their beginning until every one has been read up to its target, and lends each record to
    /// `body`: for small topics that hold a state. A target is an offset behind the last record wanted, such as a high
    /// watermark (``AdminClient/watermarks(of:timeoutMilliseconds:)``); transaction markers count. Assigns the
    /// partitions, and none afterwards.
    ///
    /// Throws `timedOut` (retriable), naming a partition and where it stands, when an open transaction or a broker holds
    /// the reading back, and what `body` throws.
    public func read(
        upTo targets: [TopicPartition: Int64], timeoutMilliseconds: Int,
        _ body: (borrowing Record) throws -> Void
    ) throws {
        let deadline = MonotonicTime.milliseconds + timeoutMilliseconds
        try assign(targets.mapValues { _ in LogicalOffset.beginning })
        defer { try? assign([:]) }
        var open = targets.filter { $0.value > 0 }
        while !open.isEmpty {
            let remaining = deadline - MonotonicTime.milliseconds
            let batch = try poll(
                recordsMax: 1_000, waitMilliseconds: max(0, remaining), batchMilliseconds: max(0, remaining),
                idleMilliseconds: 0)
            try batch.forEach { _, record in try body(record) }
            for (partition, target) in open {
                if let position = position(of: partition), position >= target { open[partition] = nil }
            }
            if let stuck = open.keys.min(), MonotonicTime.milliseconds >= deadline {
                throw KafkaError(
                    .timedOut, operation: "read partitions to their end",
                    reason: "not read up to offset \(targets[stuck] ?? 0) within \(timeoutMilliseconds) ms",
                    topicPartition: stuck, offset: position(of: stuck))
            }
        }
    }
}
