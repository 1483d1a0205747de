import Synchronization
import Telemetry
import Testing

@testable import Service

@Suite("The parts of a service", .timeLimit(.minutes(1)))
final class SupervisorTests: Sendable {
    struct Outage: Error {}
    struct Bug: Error {}

    /// Something that a test waits for, cancelled or not.
    final class Gate: Sendable {
        private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

        func open() { continuation.finish() }

        func wait() async { await Task { [stream] in for await _ in stream {} }.value }
    }

    private let board = PartBoard(["a", "b"], clock: { 0 })
    private let slept = Mutex<[Int]>([])
    private let later = Mutex<(@Sendable () -> Void)?>(nil)
    private let overdue = Mutex<[(parts: [String], cause: (any Error)?)]>([])

    private func run(_ parts: [ServicePart], sleep: @escaping @Sendable (Int) async throws -> Void = { _ in })
        async throws
    {
        let clock = ServiceClock(
            now: { 0 },
            sleep: { milliseconds in
                self.slept.withLock { $0.append(milliseconds) }
                try await sleep(milliseconds)
            }, runLater: { _, body in self.later.withLock { $0 = body } })
        try await Supervisor(
            board: board, clock: clock, logger: .silent, isOutage: { $0 is Outage }, graceMilliseconds: 9_500,
            isOverdue: { parts, cause in self.overdue.withLock { $0.append((parts, cause)) } }
        ).run(parts)
    }

    private func state(_ part: String) -> PartBoard.State? { board.entries.first { $0.part == part }?.state }

    /// Works until it is asked to end, and then finishes what it has in hand.
    private func worker(_ name: String, _ starts: Counts, began: Gate = Gate()) -> ServicePart {
        ServicePart(name) { status in
            starts.add("begun \(name)")
            status.set(.works)
            began.open()
            try? await untilCancelled()
            starts.add("finished \(name)")
        }
    }

    /// What happened how often.
    final class Counts: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func add(_ what: String) { counts.withLock { $0[what, default: 0] += 1 } }

        subscript(_ what: String) -> Int { counts.withLock { $0[what] ?? 0 } }
    }

    // To see it fail: let an outage end the part, or cancel the group.
    @Test("A part that meets an outage waits and begins anew, while the others go on")
    func outage() async throws {
        let counts = Counts()
        let works = Gate()
        let flaky = ServicePart("a") { status in
            counts.add("begun a")
            if counts["begun a"] < 4 {
                if counts["begun a"] == 3 { #expect(self.board.entries[0].state.word == "waiting") }
                throw Outage()
            }
            status.set(.works)
            works.open()
            try? await untilCancelled()
        }
        let running = Task { try await run([flaky, worker("b", counts)]) }
        await works.wait()
        #expect(state("a") == .working)
        running.cancel()
        try await running.value
        #expect(slept.withLock { $0 } == [1_000, 2_000, 4_000])
        #expect(counts["begun b"] == 1 && counts["finished b"] == 1)
        #expect(board.entries.map(\.state) == [.ended, .ended])
    }

    @Test("A part that has worked meanwhile waits as short as at first")
    func reset() async throws {
        let counts = Counts()
        let works = Gate()
        let part = ServicePart("a") { status in
            counts.add("begun")
            switch counts["begun"] {
            case 1, 2, 4: throw Outage()
            case 3:
                status.set(.works)
                throw Outage()
            default: works.open()
            }
            try? await untilCancelled()
        }
        let running = Task { try await run([part]) }
        await works.wait()
        running.cancel()
        try await running.value
        #expect(slept.withLock { $0 } == [1_000, 2_000, 1_000, 2_000])
    }

    // To see it fail: throw before the group has ended, or do not cancel it.
    @Test("A part that can't go on ends the service with its error, when the others have finished")
    func stop() async throws {
        let counts = Counts()
        let began = Gate()
        let failing = ServicePart("a") { _ in
            await began.wait()
            throw Bug()
        }
        await #expect(throws: Bug.self) { try await run([failing, worker("b", counts, began: began)]) }
        #expect(counts["finished b"] == 1)
        #expect(state("a")?.word == "stopped" && state("a")?.reason == "Bug()")
        #expect(state("b") == .ended)
    }

    @Test("A part that returns although nobody asked it to is a fault")
    func endedByItself() async throws {
        await #expect(throws: EndedByItself(part: "a")) { try await run([ServicePart("a") { _ in }]) }
    }

    @Test("A part that waits ends at once when it is asked to; an outage at the end is no failure, a bug is")
    func endWhileWaiting() async throws {
        let waiting = Gate()
        let part = ServicePart("a") { _ in throw Outage() }
        let running = Task {
            try await run([part]) { _ in
                waiting.open()
                try await untilCancelled()
            }
        }
        await waiting.wait()
        running.cancel()
        try await running.value
        #expect(state("a") == .ended)
        for error in [Outage() as any Error, Bug(), CancellationError()] {
            let began = Gate()
            let ending = ServicePart("b") { _ in
                began.open()
                try? await untilCancelled()
                throw error
            }
            let running = Task { try await SupervisorTests().run([ending]) }
            await began.wait()
            running.cancel()
            let result = await running.result
            #expect(((try? result.get()) == nil) == (error is Bug), "\(error)")
        }
    }

    // To see it fail: do not ask who is late.
    @Test("Parts that have not ended in time are named; nobody is when all have")
    func overdue() async throws {
        let counts = Counts()
        let (began, release) = (Gate(), Gate())
        let stuck = ServicePart("a") { _ in
            began.open()
            await release.wait()
        }
        let running = Task { try await run([stuck, worker("b", counts)]) }
        await began.wait()
        running.cancel()
        while state("b") != .ended { await Task.yield() }
        #expect(state("a") == .stopping)
        let ask = try #require(later.withLock { $0 })
        ask()
        #expect(overdue.withLock { $0.map(\.parts) } == [["a"]])
        #expect(overdue.withLock { $0[0].cause } == nil)
        release.open()
        try await running.value
        ask()
        #expect(overdue.withLock { $0 }.count == 1)
    }

    @Test("A service that a part has stopped names that part's error, even when another one is late")
    func overdueAfterStop() async throws {
        let release = Gate()
        let stuck = ServicePart("a") { _ in await release.wait() }
        let failing = ServicePart("b") { _ in throw Bug() }
        let running = Task { try await run([stuck, failing]) }
        while later.withLock({ $0 }) == nil { await Task.yield() }
        later.withLock { $0 }?()
        #expect(overdue.withLock { $0.map(\.parts) } == [["a"]])
        #expect(overdue.withLock { $0[0].cause } is Bug)
        release.open()
        await #expect(throws: Bug.self) { try await running.value }
    }

    @Test("The board tells since when a part is as it is, and is ready only when all work")
    func states() {
        let time = Mutex<Int64>(0)
        let board = PartBoard(["a", "b"], clock: { time.withLock { $0 } })
        func set(_ part: String, _ state: PartBoard.State, at moment: Int64) {
            time.withLock { $0 = moment }
            board.set(part, state)
        }
        #expect(!board.isReady)
        set("a", .working, at: 1)
        set("b", .working, at: 2)
        #expect(board.isReady)
        set("a", .waiting(reason: "x"), at: 3)
        set("a", .waiting(reason: "y"), at: 4)
        #expect(!board.isReady)
        #expect(board.entries[0] == .init(part: "a", state: .waiting(reason: "y"), since: 3))
        set("a", .working, at: 5)
        set("a", .working, at: 6)
        #expect(board.isReady && board.entries.map(\.since) == [5, 2])
        time.withLock { $0 = 7 }
        board.stopAll()
        set("a", .working, at: 8)
        #expect(!board.isReady && board.entries[0] == .init(part: "a", state: .stopping, since: 7))
        set("a", .ended, at: 9)
        set("a", .working, at: 10)
        #expect(board.entries[0] == .init(part: "a", state: .ended, since: 9))
    }
}
