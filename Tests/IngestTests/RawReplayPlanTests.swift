@testable import Ingest
import Testing
import Warehouse

/// What is read again from raw, and whether ods may then say that it has read so far.
struct RawReplayPlanTests {
    private static func partition(
        log: Int64 = 2, _ number: Int32 = 0, first: Int64? = 5, raw: Int64? = 100, ods: Int64? = 100,
        topic: String = "sales"
    ) -> WarehousePartition {
        WarehousePartition(
            log: log, topic: topic, partition: number, firstRecord: first,
            stored: StoredPosition(raw: raw, ods: ods, lastRawRecord: raw.map { $0 - 1 }))
    }

    private static func steps(
        _ target: ReplayTarget, _ partitions: [WarehousePartition], atTime: [WarehousePartition: Int64] = [:]
    ) throws -> [RawReplayPlan.Step] {
        try RawReplayPlan(target, topic: "sales", partitions: partitions, offsetsAtTime: atTime).steps
    }

    struct Case: Sendable {
        let ods: Int64?
        let start: Int64
        let advances: Bool
    }

    // Catches an ods that says it has read what it has not: ingestion would never give it that.
    @Test(
        "ods only says that it has read so far where nothing is missing before",
        arguments: [
            Case(ods: 100, start: 5, advances: true), Case(ods: 100, start: 50, advances: true),
            Case(ods: 50, start: 50, advances: true), Case(ods: 49, start: 50, advances: false),
            Case(ods: nil, start: 5, advances: true), Case(ods: nil, start: 6, advances: false),
            // raw lacks 3 to 4: ods has to hear of that loss from ingestion.
            Case(ods: 3, start: 5, advances: false),
        ])
    func advances(_ test: Case) throws {
        let steps = try Self.steps(.offsets([0: test.start]), [Self.partition(ods: test.ods)])
        #expect(
            steps == [
                .init(
                    log: 2, topic: "sales", partition: 0, offsets: test.start..<100, advances: test.advances)
            ])
    }

    @Test("All logs are read, in the order of log and partition; an offset means the newest log of the topic")
    func logs() throws {
        let all = [
            Self.partition(log: 1), Self.partition(log: 2, 0), Self.partition(log: 2, 1),
            Self.partition(log: 3, topic: "other"),
        ]
        #expect(
            try Self.steps(.earliest, all).map { [$0.log, Int64($0.partition)] } == [
                [1, 0], [2, 0], [2, 1], [3, 0],
            ])
        #expect(try Self.steps(.offsets([1: 7]), all).map { [$0.log, Int64($0.partition)] } == [[2, 1]])
        let timed = try Self.steps(.time(milliseconds: 1), all, atTime: [all[0]: 90, all[2]: 50])
        #expect(timed.map(\.offsets) == [90..<100, 50..<100])
    }

    @Test("A partition of which only markers were read has nothing to give, and its end is still told to ods")
    func onlyMarkers() throws {
        let steps = try Self.steps(.earliest, [Self.partition(first: nil, raw: 3, ods: nil)])
        #expect(steps.map(\.offsets) == [3..<3])
        #expect(steps.map(\.advances) == [true])
    }

    @Test("A partition that raw never read is left out")
    func neverRead() throws {
        #expect(try Self.steps(.earliest, [Self.partition(first: nil, raw: nil, ods: 9)]).isEmpty)
    }

    @Test("Offsets and partitions that raw has not are refused, with those it has")
    func refused() throws {
        for (offsets, word) in [([Int32(0): Int64(4)], "5 to 99"), ([0: 101], "5 to 99"), ([7: 50], "choose one of 0")]
        {
            let error = try #require(throws: IngestError.self) {
                try Self.steps(.offsets(offsets), [Self.partition()])
            }
            #expect(error.description.contains(word), "\(error)")
        }
    }
}
