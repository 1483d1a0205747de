internal import Kafka
internal import Warehouse

extension Ingestion {
    /// Reads from raw what Kafka has lost, before anything newer is taken from Kafka: ods's stored offset passes a
    /// record only when it was written. The group is served between the parts, with all partitions paused.
    func writeBacklog(_ consumer: Consumer) throws {
        guard !backlog.isEmpty else { return }
        while let (partition, offsets) = backlog.first, !isStopped, !isHeld {
            let chunk = try writer.rawRecords(
                log: log, partition: partition, offsets: offsets, recordsMax: configuration.batchRecords)
            if let last = chunk.records.last {
                let batch = assembler.assemble(
                    chunk.records, owner: chunk.owner, nextOffsets: [partition: last.offset + 1])
                let write = writer.write(batch)
                repeat { try serve(consumer) } while write.wait(milliseconds: Ingestion.holdMilliseconds) == nil
                let counts = try write.wait()
                report.counts += counts
                if counts.ods.withdrawn > 0 { mayHaveWithdrawn = true }
                report.records += chunk.records.count
                // The group may have moved partitions, and their backlogs with them.
                if let first = backlog.first, first.partition == partition, first.offsets == offsets {
                    backlog[0].offsets = (last.offset + 1)..<offsets.upperBound
                }
            } else {
                backlog.removeFirst()
            }
        }
        guard backlog.isEmpty, !isHeld else { return }
        let starts = progress.reduce(into: [TopicPartition: Int64]()) {
            $0[TopicPartition(topic: configuration.topic, partition: $1.key)] = $1.value.next
        }
        pausedAt = nil
        try consumer.restart(starts)
    }

    /// Shows the group that this member lives, and takes nothing.
    private func serve(_ consumer: Consumer) throws {
        try pause(consumer)
        _ = try poll(consumer, waitMilliseconds: 0)
        try pause(consumer)
    }
}
