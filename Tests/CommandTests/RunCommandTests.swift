import Foundation
import HTTPServer
import KafkaTestKit
import Synchronization
import Testing
import Warehouse

@testable import retailflow

/// `run`, as far as it needs no Kafka.
@Suite("run", .timeLimit(.minutes(2)))
struct RunCommandTests {
    private func start(
        _ directory: TemporaryDirectory, _ words: String..., until event: String
    ) async -> Program {
        let (lines, line) = AsyncStream<Void>.makeStream()
        let running = Task {
            await Program.run(
                [
                    "run", "--log-format", "text", "--set", "serve.address=127.0.0.1:0", "--set",
                    "warehouse.url=sqlite:\(directory.path)/shop",
                ] + words, environment: ["RETAILFLOW_API_KEY": "k"],
                onError: { if $0.contains(event) { line.yield() } })
        }
        for await _ in lines { break }
        running.cancel()
        return await running.value
    }

    // Catches batches that never begin, and a service that a signal ends with a failure.
    @Test("Batches run at once where none ever ran, and a signal ends the service with 0")
    func batch() async throws {
        let directory = try TemporaryDirectory()
        let words = ["--only", "batch,serve", "--set", "batch.catalogue_schedule=none"]
        let run = await start(directory, words[0], words[1], words[2], words[3], until: "batch done")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.output.isEmpty && run.words.isEmpty)
        #expect(run.errors.contains("scheduled run begins job=mart"))
        let warehouse = try SQLiteWarehouse(directory: "\(directory.path)/shop", clock: { 0 })
        #expect(try SQLiteRunLedger(warehouse).lastStart(of: "rebuild") != nil)
    }

    // To see it fail: let the batch command take no lock.
    @Test("Who holds the lock keeps batches out: by hand they are told to try again, by schedule they wait")
    func lock() async throws {
        let directory = try TemporaryDirectory()
        let warehouse = try SQLiteWarehouse(directory: "\(directory.path)/shop", clock: { 0 })
        let lock = try SQLiteBatchLock(warehouse)
        let batch = await Program.run([
            "batch", "--only", "rebuild", "--set", "warehouse.url=sqlite:\(directory.path)/shop",
        ])
        #expect(batch.code == .tryAgain)
        let words = ["--only", "batch", "--set", "batch.catalogue_schedule=none"]
        let run = await start(directory, words[0], words[1], words[2], words[3], until: "waiting for another batch")
        #expect(run.code == .done)
        #expect(!run.errors.contains("scheduled run begins"))
        withExtendedLifetime(lock) {}
    }

    @Test("A port that is taken is told before anything begins")
    func port() async throws {
        let other = try HTTPServer { _ in .text("") }
        let directory = try TemporaryDirectory()
        let run = await Program.run([
            "run", "--only", "serve", "--set", "serve.address=127.0.0.1:\(other.port)", "--set",
            "warehouse.url=sqlite:\(directory.path)/shop",
        ])
        #expect(run.code == .unavailable)
        #expect(run.words.count == 1)
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/shop"))
    }

    @Test("An outage is waited for, the rest is not")
    func outages() {
        func warehouse(_ code: WarehouseError.Code) -> WarehouseError {
            WarehouseError(code: code, what: "w", place: "p", remedy: "r")
        }
        #expect(isOutage(MissingTopic(name: "t", servers: "s")))
        let waitedFor: [WarehouseError.Code] = [
            .busy, .full, .readOnly, .cannotOpen, .inputOutput, .unreachable, .notPermitted,
        ]
        for code in waitedFor {
            #expect(isOutage(warehouse(code)))
        }
        let notWaitedFor: [WarehouseError.Code] = [
            .bug, .auditFailed, .damaged, .newerSchema, .otherLog, .notAWarehouse, .configuration, .notSupported,
        ]
        for code in notWaitedFor {
            #expect(!isOutage(warehouse(code)))
        }
    }
}
