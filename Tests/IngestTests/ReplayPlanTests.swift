@testable import Ingest
import Testing
import Warehouse

/// What a replay does to a partition: the table of all cases.
struct ReplayPlanTests {
    typealias Partition = ReplayPlan.Partition
    typealias Move = ReplayPlan.Move

    /// Kafka has 10 to 99, all of it read and committed, and raw has 0 to 99.
    private static let settled = Partition(
        number: 0, committed: 100, available: 10..<100, stored: StoredPosition(raw: 100, ods: 100, lastRawRecord: 99),
        firstRaw: 0)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let target: ReplayTarget
        var partition = ReplayPlanTests.settled
        let move: Move

        var testDescription: String { name }
    }

    private static func changed(_ change: (inout Partition) -> Void) -> Partition {
        var partition = settled
        change(&partition)
        return partition
    }

    private static func move(
        from: Int64? = 100, to: Int64, readsFrom: Int64? = nil, again: Range<Int64>, known: Range<Int64>? = nil,
        givenUp: Range<Int64>? = nil
    ) -> Move {
        Move(
            partition: 0, from: from, to: to, readsFrom: readsFrom ?? to, again: again, known: known ?? again,
            givenUp: givenUp)
    }

    static let cases: [Case] = [
        Case(name: "earliest is where Kafka begins", target: .earliest, move: move(to: 10, again: 10..<100)),
        Case(name: "an offset", target: .offsets([0: 42]), move: move(to: 42, again: 42..<100)),
        Case(name: "the first offset", target: .offsets([0: 10]), move: move(to: 10, again: 10..<100)),
        Case(name: "the end", target: .offsets([0: 100]), move: move(to: 100, again: 100..<100)),
        Case(
            name: "a time", target: .time(milliseconds: 5), partition: changed { $0.offsetAtTime = 60 },
            move: move(to: 60, again: 60..<100)),
        Case(
            name: "a time behind the last record", target: .time(milliseconds: 5),
            partition: changed { $0.offsetAtTime = nil }, move: move(to: 100, again: 100..<100)),
        Case(
            name: "a group that never committed", target: .earliest, partition: changed { $0.committed = nil },
            move: move(from: nil, to: 10, again: 10..<100)),
        Case(
            name: "a replay of a replay: what was read before counts, not where the group is",
            target: .offsets([0: 20]), partition: changed { $0.committed = 30 },
            move: move(from: 30, to: 20, again: 20..<100)),
        Case(
            name: "a replay is called off", target: .offsets([0: 100]), partition: changed { $0.committed = 30 },
            move: move(from: 30, to: 100, again: 100..<100)),
        Case(
            name: "forward over what was not read: reading still begins there", target: .offsets([0: 100]),
            partition: changed {
                $0.committed = 70
                $0.stored = StoredPosition(raw: 70, ods: 60, lastRawRecord: 69)
            }, move: move(from: 70, to: 100, readsFrom: 60, again: 100..<100)),
        Case(
            name: "a warehouse that read nothing begins at the first record", target: .offsets([0: 50]),
            partition: changed {
                $0.committed = 70
                $0.stored = nil
                $0.firstRaw = nil
            }, move: move(from: 70, to: 50, readsFrom: 10, again: 50..<70, known: 70..<70)),
        Case(
            name: "raw has not all that was committed", target: .earliest,
            partition: changed { $0.stored = StoredPosition(raw: 80, ods: 80, lastRawRecord: 79) },
            move: move(to: 10, again: 10..<100, known: 10..<80)),
        Case(
            name: "raw begins later than Kafka", target: .earliest, partition: changed { $0.firstRaw = 15 },
            move: move(to: 10, again: 10..<100, known: 15..<100)),
        Case(
            name: "a skip over what nobody has read gives that up", target: .skip([0: 95]),
            partition: changed {
                $0.committed = 70
                $0.stored = StoredPosition(raw: 70, ods: 60, lastRawRecord: 69)
            }, move: move(from: 70, to: 95, again: 95..<95, givenUp: 60..<95)),
        Case(
            name: "a skip over what Kafka has lost gives that up as well", target: .skip([0: 95]),
            partition: changed {
                $0.committed = 5
                $0.stored = StoredPosition(raw: 5, ods: 5, lastRawRecord: 4)
            }, move: move(from: 5, to: 95, again: 95..<95, givenUp: 5..<95)),
        Case(
            name: "a skip to where Kafka begins gives up what was before", target: .skip([0: 10]),
            partition: changed {
                $0.committed = 5
                $0.stored = StoredPosition(raw: 5, ods: 5, lastRawRecord: 4)
            }, move: move(from: 5, to: 10, again: 10..<10, givenUp: 5..<10)),
        Case(
            name: "a skip over what was read gives up nothing", target: .skip([0: 100]),
            partition: changed { $0.committed = 30 }, move: move(from: 30, to: 100, again: 100..<100)),
        Case(
            name: "a skip that was done is done again: nothing", target: .skip([0: 100]),
            move: move(to: 100, again: 100..<100)),
        Case(
            name: "a skip before anything was read", target: .skip([0: 50]),
            partition: Partition(number: 0, committed: nil, available: 10..<100),
            move: move(from: nil, to: 50, again: 50..<50, givenUp: 10..<50)),
    ]

    @Test("Each case goes where the table says, and tells what is read again", arguments: cases)
    func moves(_ test: Case) throws {
        let plan = try ReplayPlan(test.target, topic: "sales", partitions: [test.partition])
        #expect(plan.moves == [test.move])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let target: ReplayTarget
        var partition = ReplayPlanTests.settled
        let code: IngestError.Code
        let words: [String]

        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(
            name: "below what Kafka has, and raw has it", target: .offsets([0: 9]), code: .offsetOutOfRange,
            words: ["offset 9", "offsets 10 to 99", "sales[0]", "retailflow replay --from-raw --to-offset 0:9"]),
        Refusal(
            name: "below what Kafka has, and nobody has it", target: .offsets([0: 9]),
            partition: changed { $0.firstRaw = 20 }, code: .offsetOutOfRange,
            words: ["offsets 10 to 99", "from 10 to 100"]),
        Refusal(
            name: "beyond the end", target: .offsets([0: 101]), code: .offsetOutOfRange, words: ["offsets 10 to 99"]),
        Refusal(
            name: "an empty partition", target: .offsets([0: 3]),
            partition: Partition(number: 0, committed: nil, available: 7..<7), code: .offsetOutOfRange,
            words: ["the next record is 7"]),
        Refusal(
            name: "a skip beyond the end", target: .skip([0: 101]), code: .offsetOutOfRange, words: ["offset 101"]),
        Refusal(
            name: "a skip back", target: .skip([0: 42]), code: .offsetOutOfRange,
            words: ["reading goes on at 100", "--to-offset 0:42"]),
        Refusal(
            name: "a partition that there is not", target: .offsets([3: 42]), code: .noSuchPartition,
            words: ["no partition 3", "choose one of 0"]),
        Refusal(
            name: "a topic that ends before what was read", target: .earliest,
            partition: changed { $0.available = 0..<50 }, code: .otherLog, words: ["--new-log"]),
    ]

    @Test("What can't be done is refused, with what there is instead", arguments: refusals)
    func refused(_ test: Refusal) throws {
        let error = try #require(throws: IngestError.self) {
            try ReplayPlan(test.target, topic: "sales", partitions: [test.partition])
        }
        #expect(error.code == test.code)
        for word in test.words { #expect(error.description.contains(word), "\(error)") }
    }

    @Test("Partitions that are not named stay; earliest and times name all")
    func named() throws {
        var second = Self.settled
        second.number = 1
        let both = [second, Self.settled]
        func partitions(_ target: ReplayTarget) throws -> [Int32] {
            try ReplayPlan(target, topic: "sales", partitions: both).moves.map(\.partition)
        }
        #expect(try partitions(.offsets([1: 50])) == [1])
        #expect(try partitions(.skip([1: 100])) == [1])
        #expect(try partitions(.earliest) == [0, 1])
        #expect(try partitions(.time(milliseconds: 1)) == [0, 1])
    }
}
