import Ingest
import Testing
import Warehouse

/// Where reading starts: the table of all cases.
struct StartDecisionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var committed: Int64?
        var raw: Int64?
        var ods: Int64?
        var last: Int64?
        var available: Range<Int64>
        var start: Int64
        var proof: Int64?
        var fromRaw: Range<Int64>?
        var lost: Range<Int64>?
        var isOtherLog = false

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        // Nothing was read yet.
        Case(name: "an empty partition", available: 0..<0, start: 0),
        Case(name: "a new warehouse begins at the first record", available: 0..<50, start: 0),
        Case(name: "what was deleted before a new warehouse came is not missed", available: 20..<50, start: 20),
        Case(
            name: "a new warehouse does not believe the group's offset", committed: 30, available: 0..<50, start: 0),
        Case(name: "all was deleted before a new warehouse came", committed: 50, available: 50..<50, start: 50),

        // Kafka and both layers know the partition, and Kafka has what they want.
        Case(
            name: "all agree: the last record read comes once more, as the proof", committed: 30, raw: 30, ods: 30,
            last: 29, available: 0..<50, start: 29, proof: 29),
        Case(
            name: "markers follow the last record", committed: 31, raw: 31, ods: 31, last: 28, available: 0..<50,
            start: 28, proof: 28),
        Case(
            name: "nothing came since", committed: 50, raw: 50, ods: 50, last: 49, available: 0..<50, start: 49,
            proof: 49),
        Case(
            name: "the commit was lost: the warehouse is ahead", committed: 10, raw: 30, ods: 30, last: 29,
            available: 0..<50, start: 10),
        Case(
            name: "raw lost its last commits", committed: 30, raw: 20, ods: 30, last: 19, available: 0..<50, start: 19,
            proof: 19),
        Case(
            name: "ods lost its last commits", committed: 30, raw: 30, ods: 20, last: 29, available: 0..<50, start: 20),
        Case(
            name: "the group's offsets have expired", raw: 30, ods: 30, last: 29, available: 0..<50, start: 29,
            proof: 29),
        Case(
            name: "the group's offsets have expired and ods is behind", raw: 30, ods: 12, last: 29, available: 0..<50,
            start: 12),
        Case(
            name: "the group's offset was set forward: reading again is harmless, skipping is not", committed: 45,
            raw: 30, ods: 30, last: 29, available: 0..<50, start: 29, proof: 29),
        Case(
            name: "the group's offset was set back: a replay", committed: 0, raw: 30, ods: 30, last: 29,
            available: 0..<50, start: 0),
        Case(
            name: "only markers were read: nothing proves the log", committed: 3, raw: 3, ods: 3, available: 0..<3,
            start: 3),

        Case(
            name: "the group's offset lies behind the end of a topic that was cut off, the warehouse does not",
            committed: 90, raw: 30, ods: 30, last: 29, available: 0..<50, start: 29, proof: 29),
        Case(
            name: "a new warehouse, and the group's offset lies behind the end", committed: 90, available: 0..<50,
            start: 0),
        Case(
            name: "the group's offset lies before what Kafka has, and the warehouse lacks nothing", committed: 5,
            raw: 30, ods: 30, last: 29, available: 30..<50, start: 30, fromRaw: 5..<30),
        Case(
            name: "the group's offsets have expired, and so has what was not read", raw: 30, ods: 30, last: 29,
            available: 45..<50, start: 45, lost: 30..<45),
        Case(
            name: "the topic was cut off just behind what was read: the last record proves the rest", committed: 30,
            raw: 30, ods: 30, last: 29, available: 0..<30, start: 29, proof: 29),
        Case(
            name: "the topic was cut off by one record", committed: 30, raw: 30, ods: 30, last: 29, available: 0..<29,
            start: 0, isOtherLog: true),

        // Kafka has deleted records.
        Case(
            name: "Kafka begins where reading goes on", committed: 30, raw: 30, ods: 30, last: 29, available: 30..<50,
            start: 30),
        Case(
            name: "Kafka begins at the last record read", committed: 30, raw: 30, ods: 30, last: 29,
            available: 29..<50, start: 29, proof: 29),
        Case(
            name: "records were deleted before they were read", committed: 30, raw: 30, ods: 30, last: 29,
            available: 40..<50, start: 40, lost: 30..<40),
        Case(
            name: "all that was not read is deleted", committed: 30, raw: 30, ods: 30, last: 29, available: 50..<50,
            start: 50, lost: 30..<50),
        Case(
            name: "ods is behind, and raw has what Kafka deleted", committed: 30, raw: 30, ods: 10, last: 29,
            available: 20..<50, start: 20, fromRaw: 10..<20),
        Case(
            name: "ods is behind, raw has some of what Kafka deleted", committed: 30, raw: 30, ods: 10, last: 29,
            available: 40..<50, start: 40, fromRaw: 10..<30, lost: 30..<40),
        Case(
            name: "raw is behind, and Kafka deleted what it lacks", committed: 30, raw: 10, ods: 30, last: 9,
            available: 20..<50, start: 20, lost: 10..<20),
        Case(
            name: "a replay reaches before what Kafka has: raw gives it", committed: 0, raw: 30, ods: 30, last: 29,
            available: 20..<50, start: 20, fromRaw: 0..<20),

        // One of the two files is new.
        Case(name: "a new ods reads all of Kafka", committed: 30, raw: 30, last: 29, available: 0..<50, start: 0),
        Case(
            name: "a new ods reads from raw what Kafka deleted", committed: 30, raw: 30, last: 29, available: 20..<50,
            start: 20, fromRaw: 0..<20),
        Case(
            name: "a new ods: Kafka begins at raw's last record", committed: 30, raw: 30, last: 29, available: 29..<50,
            start: 29, proof: 29, fromRaw: 0..<29),
        Case(
            name: "a new ods: neither Kafka nor raw has all", committed: 30, raw: 30, last: 29, available: 40..<50,
            start: 40, fromRaw: 0..<30, lost: 30..<40),
        Case(name: "a new raw reads all of Kafka", committed: 30, ods: 30, available: 0..<50, start: 0),
        Case(
            name: "a new raw can't have what Kafka deleted, and ods has it", committed: 30, ods: 30,
            available: 20..<50, start: 20),
        Case(
            name: "a new raw does not hide that ods lacks what Kafka deleted", committed: 30, ods: 30,
            available: 40..<50, start: 40, lost: 30..<40),

        // The topic ends before what was read of it.
        Case(
            name: "the topic is shorter than it was", committed: 30, raw: 30, ods: 30, last: 29, available: 0..<20,
            start: 0, isOtherLog: true),
        Case(
            name: "the topic is empty and was not", committed: 30, raw: 30, ods: 30, last: 29, available: 0..<0,
            start: 0, isOtherLog: true),
        Case(name: "shorter than a new ods's raw", raw: 30, last: 29, available: 0..<20, start: 0, isOtherLog: true),
        Case(name: "shorter than a new raw's ods", ods: 30, available: 0..<20, start: 0, isOtherLog: true),
        Case(
            name: "only ods has read further than the topic goes", committed: 10, raw: 10, ods: 30, last: 9,
            available: 0..<20, start: 0, isOtherLog: true),
    ]

    // Catches a start that believes one of the three offsets alone, that jumps over what Kafka deleted without a word,
    // and that leaves a new ods without what only raw still has.
    @Test("Reading starts at the smallest offset that anybody knows, and never past a record", arguments: cases)
    func decides(_ given: Case) {
        let stored = StoredPosition(raw: given.raw, ods: given.ods, lastRawRecord: given.last)
        let isKnown = given.raw != nil || given.ods != nil
        let decision = StartDecision(
            committed: given.committed, stored: isKnown ? stored : nil, available: given.available)
        #expect(decision.start == given.start)
        #expect(decision.proof == given.proof)
        #expect(decision.fromRaw == given.fromRaw)
        #expect(decision.lost == given.lost)
        #expect(decision.isOtherLog == given.isOtherLog)
    }

    // Catches any gap between what is read and what was read before, whatever the three offsets are.
    @Test("Every offset that a layer lacks is read from Kafka or from raw, or told as lost")
    func nothingIsSkipped() {
        let offsets: [Int64?] = [nil] + (0...6).map { $0 }
        for low in 0...5 {
            for high in low...6 {
                for committed in offsets {
                    for raw in offsets {
                        for ods in offsets {
                            check(committed, raw, ods, Int64(low)..<Int64(high))
                        }
                    }
                }
            }
        }
    }

    private func check(_ committed: Int64?, _ raw: Int64?, _ ods: Int64?, _ available: Range<Int64>) {
        let stored = StoredPosition(raw: raw, ods: ods, lastRawRecord: raw.flatMap { $0 > 0 ? $0 - 1 : nil })
        let decision = StartDecision(
            committed: committed, stored: raw == nil && ods == nil ? nil : stored, available: available)
        let given: Comment = "committed \(committed) raw \(raw) ods \(ods) of \(available): \(decision)"
        if decision.isOtherLog {
            #expect(max(raw ?? 0, ods ?? 0) > available.upperBound, given)
            return
        }
        #expect(available.contains(decision.start) || decision.start == available.upperBound, given)
        if raw == nil, ods == nil {
            #expect(decision.start == available.lowerBound, given)
            return
        }
        func isAccounted(_ offset: Int64) -> Bool {
            offset >= decision.start || decision.fromRaw?.contains(offset) == true
                || decision.lost?.contains(offset) == true
        }
        for offset in 0..<available.upperBound {
            // A layer that is new can only lack what somebody has.
            if let raw, offset >= raw { #expect(isAccounted(offset), given) }
            if let ods, offset >= ods { #expect(isAccounted(offset), given) }
            if ods == nil, let raw, offset < raw { #expect(isAccounted(offset), given) }
            if let fromRaw = decision.fromRaw, fromRaw.contains(offset) { #expect(offset < raw ?? 0, given) }
            if let lost = decision.lost, lost.contains(offset) { #expect(offset < available.lowerBound, given) }
        }
    }
}
