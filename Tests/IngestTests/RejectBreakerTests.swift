import Ingest
import RetailTestKit
import Testing

/// The breaker as a value: batches in, a reason to stop or none out.
struct RejectBreakerTests {
    /// A batch: how many records, which of them are refused anew.
    struct Batch: Sendable {
        var records: Int
        var refused: [Int]

        static func good(_ records: Int) -> Batch { Batch(records: records, refused: []) }
        static func bad(_ records: Int) -> Batch { Batch(records: records, refused: Array(0..<records)) }
        /// Every `step`th record, the first one not among them.
        static func every(_ step: Int, of records: Int) -> Batch {
            Batch(records: records, refused: Array(stride(from: step - 1, to: records, by: step)))
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let batches: [Batch]
        /// The batch that trips it; nil: none does.
        let trips: Int?
        var words = ""

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "good records", batches: [.good(5_000), .good(5_000), .good(5_000)], trips: nil),
        Case(name: "few records say nothing about a share", batches: [.bad(500), .good(499)], trips: nil),
        Case(
            name: "six percent of the first thousand", batches: [.every(16, of: 1_000)], trips: 0,
            words: "62 of the last 1000"),
        Case(name: "five percent is allowed", batches: [.every(20, of: 1_000), .every(20, of: 1_000)], trips: nil),
        Case(
            name: "the share is of the last ten thousand: a bad hour long ago is forgotten",
            batches: [.every(21, of: 5_000), .good(5_000), .good(5_000), .every(21, of: 5_000)], trips: nil),
        Case(
            name: "a slow rise", batches: [.good(5_000), .every(10, of: 5_000), .every(9, of: 5_000)], trips: 2,
            words: "1055 of the last 10000"),
        Case(name: "a thousand in a row", batches: [.good(20_000), .bad(1_000), .good(10)], trips: nil),
        Case(
            name: "more than a thousand in a row, over batches",
            batches: [.good(40_000), .bad(400), .bad(400), .bad(201)], trips: 3, words: "1001 records in a row"),
        Case(
            name: "one good record between ends the run",
            batches: [.good(40_000), .bad(400), .good(1), .bad(400), .bad(400)], trips: nil),
        Case(
            name: "a good batch after a flood does not stop again", batches: [.good(9_000), .bad(500), .good(1_000)],
            trips: 1, words: "500 of the last 9500"),
    ]

    /// - Parameter firstOffset: where the batch begins: all records lie in one partition without gaps.
    private func take(
        _ batch: Batch, _ breaker: inout RejectBreaker, firstOffset: Int = 0
    ) -> RejectBreaker.Trip? {
        breaker.take(
            records: batch.records, rejects: batch.refused.count,
            runs: RejectBreaker.RunLengths(refused: batch.refused, records: batch.records), percentMax: 5,
            consecutiveMax: 1_000,
            position: { RecordPosition(partition: 7, offset: Int64(firstOffset + $0)) })
    }

    // Catches a share over other records than the last 10,000, a run that ends with its batch, and limits that are
    // reached one record too early or too late.
    @Test("The breaker stops at a share of new rejects and at a run of them, and not before", arguments: cases)
    func table(_ given: Case) {
        var breaker = RejectBreaker()
        var first: Int?
        var reason: String?
        for (index, batch) in given.batches.enumerated() where first == nil {
            reason = take(batch, &breaker)?.reason
            if reason != nil { first = index }
        }
        #expect(first == given.trips)
        if given.trips != nil { #expect(reason?.contains(given.words) == true, "\(reason ?? "none")") }
    }

    @Test(
        "Runs within a batch",
        arguments: [
            ([Int](), 5, 0, 0, 0), ([0], 5, 1, 0, 1), ([4], 5, 0, 1, 1), ([0, 1, 2, 3, 4], 5, 5, 5, 5),
            ([0, 1, 3, 4], 5, 2, 2, 2), ([1, 2, 3], 5, 0, 0, 3), ([0, 2, 3, 4], 5, 1, 3, 3), ([], 0, 0, 0, 0),
        ])
    func runs(_ refused: [Int], _ records: Int, _ leading: Int, _ trailing: Int, _ longest: Int) {
        let runs = RejectBreaker.RunLengths(refused: refused, records: records)
        #expect(runs.leading == leading)
        #expect(runs.trailing == trailing)
        #expect(runs.longest == longest)
    }

    // Catches every difference between the breaker's bookkeeping and a plain count over all records that ever came,
    // also over a restart in the middle; and a first bad record that is only the first of its batch.
    @Test(
        "However records are cut into batches and whenever it restarts, it decides as a count over all of them does",
        arguments: 0..<40)
    func property(_ seed: UInt64) {
        var random = SeededGenerator(seed: 4_711 + seed)
        var breaker = RejectBreaker()
        var all: [[Bool]] = []
        for number in 0..<60 {
            let records = Int.random(in: Bool.random(using: &random) ? 1...60 : 1...2_000, using: &random)
            let shares: [Double] = [0, 0, 0.02, 0.05, 0.2, 1]
            let share = shares.randomElement(using: &random) ?? 0
            let bits = (0..<records).map { _ in Double.random(in: 0..<1, using: &random) < share }
            all.append(bits)
            let refused = bits.indices.filter { bits[$0] }
            let first = all.dropLast().reduce(0) { $0 + $1.count }
            let trip = take(Batch(records: records, refused: refused), &breaker, firstOffset: first)
            #expect(trip?.first.offset == expected(all), "seed \(seed), batch \(number)")
            #expect(trip?.first.partition ?? 7 == 7)
            if Bool.random(using: &random) {
                let again = RejectBreaker(json: breaker.json)
                #expect(again == breaker)
                #expect(again.json == breaker.json)
                breaker = again
            }
        }
    }

    /// The same decision, by counting from scratch: the first bad record of what stops it; nil when nothing does.
    private func expected(_ batches: [[Bool]]) -> Int64? {
        guard let last = batches.last, last.contains(true) else { return nil }
        // The longest run that has a part in the last batch.
        let flat = batches.flatMap { $0 }
        var run = 0
        var longest = 0
        var longestStart = 0
        for (index, isRefused) in flat.enumerated() {
            run = isRefused ? run + 1 : 0
            if index >= flat.count - last.count, run > longest {
                longest = run
                longestStart = index + 1 - run
            }
        }
        if longest > 1_000 { return Int64(longestStart) }
        // Batches that have 100 records at most together count as one.
        var steps: [[Bool]] = []
        for batch in batches {
            if let last = steps.last, last.count + batch.count <= 100 {
                steps[steps.count - 1] += batch
            } else {
                steps.append(batch)
            }
        }
        // The smallest number of them at the end that hold 10,000 records.
        var window: [Bool] = []
        for step in steps.reversed() where window.count < 10_000 { window = step + window }
        guard window.count >= 1_000, window.count(where: { $0 }) * 20 > window.count else { return nil }
        return window.firstIndex(of: true).map { Int64(flat.count - window.count + $0) }
    }

    // Catches a state that grows with the number of batches: it is written with every one of them.
    @Test("Its state is small however small the batches are")
    func size() {
        var breaker = RejectBreaker()
        for number in 0..<20_000 {
            _ = take(number % 50 == 49 ? .bad(1) : .good(1), &breaker, firstOffset: number)
        }
        #expect(breaker.json.utf8.count < 20_000)
    }

    @Test("A state of a release that did not keep positions still counts, and the first known bad record is told")
    func olderState() {
        var breaker = RejectBreaker(json: "{\"run\":1000,\"window\":[{\"records\":40000,\"rejects\":1000}]}")
        let trip = take(.bad(5), &breaker, firstOffset: 90)
        #expect(trip?.reason == "1005 records in a row were refused")
        #expect(trip?.first == RecordPosition(partition: 7, offset: 90))
    }

    @Test(
        "A state that can't be read counts as none", arguments: [nil, "", "{}", "[1]", "{\"run\":\"x\",\"window\":[]}"])
    func unreadableState(_ json: String?) {
        #expect(RejectBreaker(json: json) == RejectBreaker())
    }
}
