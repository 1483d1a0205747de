import Foundation
import RetailTestKit
import Synchronization
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("The lock of a SQLite warehouse", .timeLimit(.minutes(2)))
struct ProcessLockTests {
    @Test("lets one writer in at a time, and the next one when it has gone")
    func oneWriter() throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        do {
            let writer = try warehouse.salesWriter()
            let error = try #require(throws: WarehouseError.self) { try warehouse.salesWriter() }
            #expect(error.code == .busy)
            #expect(error.isRetriable)
            #expect(error.what == "another process ingests into this warehouse")
            try writer.ingest([SaleDraft(id: 1)])
        }
        try warehouse.salesWriter().ingest([SaleDraft(id: 2)], firstOffset: 1)
    }

    @Test("lets one rebuild in at a time, beside the writer")
    func oneRebuild() throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1)])
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in
            let error = try #require(throws: WarehouseError.self) {
                try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
            }
            #expect(error.code == .busy)
        }
        #expect(try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }.generation == 2)
    }

    @Test("is free at once when its holder lets go, also while processes are being started")
    func whileStartingProcesses() throws {
        let directory = try TemporaryDirectory()
        let isDone = Completion()
        let starter = SerialWorker(label: "test.starter", state: ())
        let started = starter.submit { _ in
            defer { isDone.set() }
            for _ in 0..<100 {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/bin/true")
                try process.run()
                process.waitUntilExit()
            }
        }
        var taken = 0
        repeat {
            let lock = try ProcessLock(path: directory.file("lock"), purpose: "holds this lock")
            withExtendedLifetime(lock) { taken += 1 }
        } while !isDone.isSet
        try started.wait()
        #expect(taken > 1)
    }

    /// Told by one thread, asked by another.
    private final class Completion: Sendable {
        private let flag = Atomic<Bool>(false)
        var isSet: Bool { flag.load(ordering: .acquiring) }
        func set() { flag.store(true, ordering: .releasing) }
    }

    @Test("keeps a second process out")
    func secondProcess() async throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        let path = warehouse.directory.path
        await #expect(processExitsWith: .exitCode(75)) { [path = path as String] in
            let second = try SQLiteWarehouse(directory: path, clock: TestClock().wallClock)
            do {
                _ = try SQLiteSalesWriter(second, codeVersion: "1")
            } catch let error as WarehouseError where error.code == .busy {
                exit(75)
            }
        }
        try writer.ingest([SaleDraft(id: 1)])
    }

    // Catches a child that keeps the lock when its parent was killed. To see it fail: open it without `O_CLOEXEC`.
    @Test("is handed on to no child")
    func child() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("lock")
        let lock = try ProcessLock(path: path, purpose: "holds this lock")
        let name = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
            .filter { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == name }
        #expect(descriptors.count == 1)
        for descriptor in descriptors { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        withExtendedLifetime(lock) {}
    }

    @Test("goes with a process that is killed while it writes, and what it wrote heals")
    func killed() async throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        let path = warehouse.directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let mine = try SQLiteWarehouse(directory: path, clock: TestClock().wallClock)
            let writer = try SQLiteSalesWriter(mine, codeVersion: "1")
            var pending: [BatchWrite] = []
            for batch in ProcessLockTests.batches {
                pending.append(writer.write(.of(batch)))
                if pending.count == 6 {
                    // Batch 3 is on the disk, and some of the next ones are on their way.
                    _ = try pending[2].wait()
                    kill(getpid(), SIGKILL)
                }
            }
        }
        let writer = try warehouse.salesWriter()
        let stored = try #require(try writer.storedPositions(log: 1)[0])
        let (raw, ods) = (try #require(stored.raw), try #require(stored.ods))
        #expect(raw >= 60 && ods >= 60)
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == raw)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == ods)
        let start = Int(min(raw, ods))
        for batch in Self.batches {
            let rest = batch.filter { $0.offset >= start }
            if !rest.isEmpty { try writer.ingest(rest) }
        }
        let all = Self.batches.reduce(0) { $0 + $1.count }
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == Int64(all))
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == Int64(all))
        #expect(
            try writer.storedPositions(log: 1)[0]
                == StoredPosition(raw: Int64(all), ods: Int64(all), lastRawRecord: Int64(all - 1)))
    }

    /// Ten batches of twenty sales.
    private static let batches: [[RecordDraft]] = (0..<10).map { batch in
        (0..<20).map { number in
            let offset = Int64(20 * batch + number)
            return RecordDraft(SaleDraft(id: offset + 1), version: 1, offset: offset)
        }
    }
}
