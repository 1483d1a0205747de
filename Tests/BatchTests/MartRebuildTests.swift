import Dispatch
import Synchronization
import Testing
import Warehouse

@testable import Batch

@Suite("The rebuild of the mart", .timeLimit(.minutes(1)))
struct MartRebuildTests {
    private final class Store: MartStore {
        let allowed = Mutex<[Bool]>([])
        let steps: [Int64]
        let failure: WarehouseError?
        let betweenSteps: @Sendable (Int64) -> Void

        init(
            steps: [Int64], failure: WarehouseError? = nil, betweenSteps: @escaping @Sendable (Int64) -> Void = { _ in }
        ) {
            self.steps = steps
            self.failure = failure
            self.betweenSteps = betweenSteps
        }

        func rebuild(
            allowMissingCustomer: Bool, progress: (_ done: Int64, _ of: Int64) throws -> Void
        ) throws -> MartReport {
            allowed.withLock { $0.append(allowMissingCustomer) }
            for step in steps {
                betweenSteps(step)
                try progress(step, 100)
            }
            if let failure { throw failure }
            return MartReport(
                generation: 2, sales: 100, rows: 250, orphans: 3, orphansByReason: ["no_customer": 3],
                withoutDiscount: 1)
        }
    }

    @Test("Progress tells how many more were built, and the report is the store's")
    func progress() async throws {
        let store = Store(steps: [10, 10, 60, 100])
        let told = Mutex<[Int64]>([])
        let report = try await MartRebuild(store, allowMissingCustomer: true).run { more, total in
            #expect(total == 100)
            told.withLock { $0.append(more) }
        }
        #expect(told.withLock { $0 } == [10, 0, 50, 40])
        #expect(report.rows == 250)
        #expect(store.allowed.withLock { $0 } == [true])
    }

    @Test("A failed audit is its error")
    func failedAudit() async throws {
        let failure = WarehouseError(code: .auditFailed, what: "sums differ", place: "dmt", remedy: "look")
        let store = Store(steps: [100], failure: failure)
        await #expect(throws: failure) { try await MartRebuild(store, allowMissingCustomer: false).run { _, _ in } }
    }

    // Catches a rebuild that blocking work keeps from hearing of a cancellation: a shutdown would wait for the mart.
    @Test("Cancelled, it ends between two transactions")
    func cancelled() async throws {
        let (begun, isBegun) = AsyncStream.makeStream(of: Void.self)
        let mayGoOn = DispatchSemaphore(value: 0)
        let store = Store(steps: Array(1...100)) { step in
            guard step == 2 else { return }
            isBegun.yield()
            // The rebuild's own thread: it may block.
            mayGoOn.wait()
        }
        let steps = Mutex(0)
        let rebuilding = Task {
            try await MartRebuild(store, allowMissingCustomer: false).run { _, _ in steps.withLock { $0 += 1 } }
        }
        for await _ in begun { break }
        rebuilding.cancel()
        mayGoOn.signal()
        await #expect(throws: CancellationError.self) { try await rebuilding.value }
        #expect(steps.withLock { $0 } == 1)
    }
}
