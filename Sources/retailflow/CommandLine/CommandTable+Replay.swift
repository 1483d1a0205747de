import Retail

extension CommandTable {
    static let replay = CommandDefinition(
        name: .replay,
        summary: "Set where ingestion reads on, or read the raw layer again",
        details: """
            Sets the consumer group's offsets, as Kafka's own tools do; the next ingest reads from there. Refuses \
            while the group has live members. Reading again changes only what the present code and settings judge \
            otherwise. With --from-raw the records come from the warehouse's raw layer at once, without any broker: \
            for records that Kafka no longer has, or an ods.db that was lost. --skip-to gives records up for good and \
            notes that.
            """,
        options: [
            OptionDefinition("to", .choice("PLACE", ["earliest"]), help: "Goes back to the first record there is."),
            OptionDefinition(
                "to-offset", .text("P:N"), isRepeatable: true,
                help: "Goes to offset N of partition P; partitions that are not named stay."),
            OptionDefinition(
                "to-datetime", .text("T"),
                help:
                    "Goes to the first record whose Kafka timestamp is T or later, and to the end where there is none. T is YYYY-MM-DDTHH:MM:SS with Z or an offset such as +02:00, else in api.time_zone."
            ),
            OptionDefinition(
                "from-raw", help: "Reads the raw layer into ods now: all of it, or from where another option says."),
            OptionDefinition(
                "skip-to", .text("P:N"), isRepeatable: true,
                help: "Goes forward to offset N of partition P, and never reads what lies between."),
            OptionDefinition("dry-run", help: "Tells what would be done, and does nothing."),
        ],
        examples: [
            .init("retailflow replay --to earliest --dry-run", "What a replay of everything would read."),
            .init("retailflow replay --to-offset 0:1200 --to-offset 1:900", "Two partitions; the others stay."),
            .init("retailflow replay --to-datetime 2026-03-01T00:00:00Z", "Records since the first of March in UTC."),
            .init("retailflow replay --from-raw", "Everything, from the warehouse itself."),
            .init("retailflow replay --skip-to 0:1201", "Give up what is before offset 1201 of partition 0."),
        ],
        make: { (reader) throws(UsageError) in
            var places: [ReplayOptions.Place] = []
            if try reader.text("to") != nil {
                guard reader.texts("to").allSatisfy({ $0 == "earliest" }) else {
                    throw reader.wrong("to", try reader.text("to") ?? "", expected: "earliest")
                }
                places.append(.earliest)
            }
            let offsets = try Self.offsets("to-offset", reader)
            if !offsets.isEmpty { places.append(.offsets(offsets)) }
            if let text = try reader.text("to-datetime") {
                guard let time = WrittenInstant(text) else {
                    throw reader.wrong(
                        "to-datetime", text, expected: "YYYY-MM-DDTHH:MM:SS, with Z, with ±HH:MM, or in api.time_zone")
                }
                places.append(.time(time))
            }
            let skips = try Self.offsets("skip-to", reader)
            if !skips.isEmpty { places.append(.skip(skips)) }
            var options = ReplayOptions(isFromRaw: reader.has("from-raw"), isDryRun: reader.has("dry-run"))
            guard places.count <= 1 else {
                throw UsageError(
                    "--to, --to-offset, --to-datetime and --skip-to exclude each other", advice: "give one of them")
            }
            guard let place = places.first ?? (options.isFromRaw ? .earliest : nil) else {
                throw UsageError(
                    "replay needs to know from where",
                    advice: "write --to earliest, --to-offset P:N, --to-datetime T, --skip-to P:N or --from-raw")
            }
            guard !(options.isFromRaw && !skips.isEmpty) else {
                throw UsageError(
                    "--skip-to does not go with --from-raw",
                    advice: "what raw holds has been read; leave one of them away")
            }
            options.place = place
            return .replay(options)
        })

    /// `P:N` for one or more partitions.
    private static func offsets(_ name: String, _ reader: ArgumentReader) throws(UsageError) -> [Int32: Int64] {
        var offsets: [Int32: Int64] = [:]
        for text in reader.texts(name) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let partition = Int32(parts[0]), let offset = Int64(parts[1])
            else {
                throw reader.wrong(
                    name, text, expected: "PARTITION:OFFSET, two numbers from 0, such as 0:1200")
            }
            guard offsets.updateValue(offset, forKey: partition) == nil else {
                throw reader.wrong(name, text, expected: "each partition once")
            }
        }
        return offsets
    }
}
