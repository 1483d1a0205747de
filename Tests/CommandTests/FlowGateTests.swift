import Synchronization
import Testing
@testable import retailflow

@Suite(.timeLimit(.minutes(1)))
struct FlowGateTests {
    // Catches a gate that lets through more than the broker keeps, and one that loses a wake-up and stands still.
    @Test("Extraction is never further ahead than the limit, and comes to its end", arguments: 0..<10)
    func neverAhead(_ seed: UInt64) async throws {
        let gate = FlowGate(bytesMax: 1_000)
        let (pages, published) = AsyncStream<Int>.makeStream()
        let ahead = Ahead()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var random = SeededRandom(seed: seed)
                for _ in 0..<2_000 {
                    let bytes = random.number(1...400)
                    try await gate.willPublish(bytes)
                    ahead.add(bytes)
                    published.yield(bytes)
                }
                published.finish()
                try await gate.drained()
                #expect(ahead.now == 0)
            }
            group.addTask {
                for await bytes in pages {
                    ahead.add(-bytes)
                    gate.didIngest(bytes)
                    if bytes % 7 == 0 { await Task.yield() }
                }
            }
            try await group.waitForAll()
        }
        let most = ahead.most
        #expect(most <= 1_000, "seed \(seed)")
        #expect(most > 600, "seed \(seed)")
    }

    // Catches a gate that waits for ever for room that there can't be.
    @Test("A page larger than the limit passes when nothing else is on its way")
    func largePage() async throws {
        let gate = FlowGate(bytesMax: 100)
        try await gate.willPublish(500)
        gate.didIngest(500)
        try await gate.drained()
        // Records that nobody announced, such as those of an aborted transaction, came on top.
        gate.didIngest(40)
        try await gate.willPublish(500)
        gate.didIngest(460)
        try await gate.drained()
    }

    // Catches a wait that a signal does not end.
    @Test("A wait ends when its task is cancelled, before and while it waits", arguments: [false, true])
    func cancelled(_ isWaiting: Bool) async throws {
        let gate = FlowGate(bytesMax: 100)
        try await gate.willPublish(100)
        for _ in 0..<200 {
            let (started, begin) = AsyncStream<Void>.makeStream()
            let task = Task {
                begin.finish()
                try await gate.willPublish(1)
            }
            if isWaiting {
                for await _ in started {}
                await Task.yield()
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        gate.didIngest(100)
        try await gate.willPublish(100)
    }

    @Test("When nobody ingests any more, everybody passes")
    func opened() async throws {
        let gate = FlowGate(bytesMax: 100)
        try await gate.willPublish(100)
        async let waiting: Void = gate.willPublish(100)
        gate.open()
        try await waiting
        try await gate.drained()
        try await gate.willPublish(10_000)
    }
}

/// How many bytes are published and not ingested.
private final class Ahead: Sendable {
    private let bytes = Mutex((now: 0, most: 0))

    var now: Int { bytes.withLock { $0.now } }
    var most: Int { bytes.withLock { $0.most } }

    func add(_ more: Int) {
        bytes.withLock { bytes in
            bytes.now += more
            bytes.most = max(bytes.most, bytes.now)
        }
    }
}

/// Random numbers that a seed decides.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return range.lowerBound + Int(state % UInt64(range.count))
    }
}
