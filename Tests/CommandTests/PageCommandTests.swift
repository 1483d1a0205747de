import Foundation
import Kafka
import KafkaTestKit
import RetailAPISimulator
import SQLite
import Testing
@testable import retailflow

/// The archive of pages, failed pages and their repair, and sales of any size, by the commands against a real Kafka.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct PageCommandTests {
    private struct Place: Sendable {
        let kafka: KafkaPlace
        let simulator: RetailAPISimulator

        init(_ rows: [String], bytesMax: Int = 1_048_588, faults: [Fault] = []) async throws {
            kafka = try await KafkaPlace()
            var configuration = SimulatorConfiguration(
                data: .rows(
                    sales: rows, products: [#"{"product_sku": "A", "description": "a", "unit_amount": 1}"#],
                    customers: [#"{"customer_id": "7"}"#]))
            configuration.faults = faults
            simulator = try RetailAPISimulator(configuration)
            try await kafka.makeTopics(partitions: 2, settings: ["max.message.bytes": String(bytesMax)])
        }

        var pages: String { "\(kafka.directory.path)/pages" }

        func run(_ words: String..., settings: [String] = []) async -> Program {
            await kafka.run(
                words,
                settings: [
                    "api.base_url=\(simulator.baseURL)", "api.retries=0", "extract.start_sales_id=1",
                    "extract.archive_directory=\(pages)",
                ] + settings)
        }

        func files(_ below: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: "\(pages)/\(below)").filter { $0.hasSuffix(".json") }
        }

        @BlockingActor
        func rows(_ file: String, _ query: String) throws -> [String] {
            let database = try Database()
            try database.attach("\(kafka.warehouse)/\(file).db", as: file, access: .readOnly)
            let statement = try database.prepare(query)
            var rows: [String] = []
            while try statement.step() { rows.append(statement.text(at: 0)) }
            return rows
        }
    }

    private static func sale(_ id: Int, note: String = "", quantity: String = "1") -> String {
        #"{"id": \#(id), "datetime": "2026-01-01T08:00:00", "note": "\#(note)", "#
            + #""items": [{"product_sku": "A", "quantity": \#(quantity), "amount": 1}]}"#
    }

    // Catches a listing that is not kept, and records that no page file has.
    @Test("Every record's page is in the archive; products and customers are there too")
    func archive() async throws {
        let place = try await Place((1...300).map { Self.sale($0) })
        for endpoint in ["sales", "products", "customers"] {
            let run = await place.run("extract", "--endpoint", endpoint)
            #expect(run.code == .done, "\(run.errors)")
            let pages = try place.files("\(endpoint)/archive")
            #expect(pages.count >= 2)
            for page in pages {
                #expect(page.split(separator: "/").last?.hasPrefix("\(endpoint)_\(page.prefix(8))_") == true)
            }
        }
        #expect(await place.run("ingest").code == .done)
        let named = try await place.rows("raw", "SELECT DISTINCT SYS_FILE_NAME FROM raw.sales")
        #expect(named.count == 2)
        let kept = Set(try place.files("sales/archive").compactMap { $0.split(separator: "/").last.map(String.init) })
        #expect(kept.isSuperset(of: named))
    }

    @Test("An archive that can't be made ends the program with 73 and the path, and nothing is published")
    func noArchive() async throws {
        let place = try await Place([Self.sale(1)])
        try place.kafka.directory.write("pages", "a file where a directory should be")
        let run = await place.run("extract", "--endpoint", "sales")
        #expect(run.code.rawValue == 73, "\(run.errors)")
        #expect(run.errors.contains("\(place.pages)/sales/archive/"))
        #expect(run.errors.contains("can't be created: Not a directory"))
        try FileManager.default.removeItem(atPath: place.pages)
        let again = await place.run("--json", "extract", "--endpoint", "sales")
        #expect(try again.json["records"] as? Int == 1, "\(again.errors)")
    }

    // Catches a reject that stays open because its correction counts as older.
    @Test("A page that can't be read: 69 and its file; repaired from there, its sales and what follows arrive")
    func repair() async throws {
        let place = try await Place((1...40).map { Self.sale($0) }, faults: [Fault(.badRow(.unbalanced), .every(23))])
        let stopped = await place.run("extract", "--endpoint", "sales")
        #expect(stopped.code.rawValue == 69)
        #expect(stopped.words.count == 1)
        let failed = try place.files("sales/failed").filter { !$0.hasSuffix(".error.json") }
        let file = "\(place.pages)/sales/failed/\(try #require(failed.first))"
        #expect(failed.count == 1)
        #expect(stopped.errors.contains("retailflow extract --endpoint sales --from-file \(file)"), "\(stopped.errors)")
        let refused = await place.run("extract", "--endpoint", "sales", "--from-file", file)
        #expect(refused.code.rawValue == 65, "\(refused.errors)")
        let missing = await place.run("extract", "--endpoint", "sales", "--from-file", "\(file)x")
        #expect(missing.code.rawValue == 74, "\(missing.errors)")

        // At first badly repaired, then well.
        for (quantity, clean, rejects) in [("1.5", "39", "1"), ("2", "40", "0")] {
            try Data("[\(Self.sale(23, quantity: quantity))]".utf8).write(to: URL(fileURLWithPath: file))
            let repaired = await place.run("--json", "extract", "--endpoint", "sales", "--from-file", file)
            #expect(repaired.code == .done, "\(repaired.errors)")
            #expect(try repaired.json["records"] as? Int == 1)
            let rest = await place.run("extract", "--endpoint", "sales")
            #expect(rest.code == .done, "\(rest.errors)")
            #expect(await place.run("ingest").code == .done)
            #expect(try await place.rows("ods", "SELECT count(*) FROM ods.sales") == [clean])
            #expect(
                try await place.rows("ods", "SELECT count(*) FROM ods.sales_rejects WHERE state = 'open'") == [rejects])
        }
        let versions = try await place.rows(
            "raw", "SELECT DISTINCT version FROM raw.sales WHERE CAST(payload AS TEXT) LIKE '%\"id\": 23,%'")
        #expect(versions.count == 1)
    }

    // Catches a producer that refuses what the topic takes.
    @Test("Sales of 5 and of 15 MB go through: a valid one to ods, a broken one to the rejects")
    func large() async throws {
        let note = String(repeating: "x", count: 5_000_000)
        let place = try await Place(
            [
                Self.sale(1), Self.sale(2, note: note), Self.sale(3, note: note, quantity: "1.5"), Self.sale(4),
                Self.sale(5, note: note + note + note), Self.sale(6),
            ], bytesMax: 16 << 20)
        let extract = await place.run("extract", "--endpoint", "sales")
        #expect(extract.code == .done, "\(extract.errors)")
        let ingest = await place.run("ingest")
        #expect(ingest.code == .done, "\(ingest.errors)")
        #expect(try await place.rows("ods", "SELECT id FROM ods.sales ORDER BY id") == ["1", "2", "4", "5", "6"])
        #expect(try await place.rows("ods", "SELECT sale_id FROM ods.sales_rejects") == ["3"])
        let lengths = try await place.rows("raw", "SELECT length(payload) FROM raw.sales ORDER BY length(payload) DESC")
        #expect(Int(lengths[0]) ?? 0 > 15_000_000)
    }

    // Catches a row that ends in an error of Kafka after rows before it were lost.
    @Test(
        "A sale larger than the topic takes is an unreadable page: kept, told with what to raise, and then it goes on")
    func tooLarge() async throws {
        let place = try await Place(
            [Self.sale(1), Self.sale(2, note: String(repeating: "x", count: 1_100_000)), Self.sale(3)])
        let stopped = await place.run("extract", "--endpoint", "sales")
        #expect(stopped.code.rawValue == 69, "\(stopped.errors)")
        #expect(stopped.errors.contains("raise max.message.bytes of the topic"))
        #expect(try place.files("sales/failed").count == 2)
        try await raiseLimit(place)
        let rest = await place.run("--json", "extract", "--endpoint", "sales")
        #expect(rest.code == .done, "\(rest.errors)")
        #expect(try rest.json["last_id"] as? Int == 3)
    }

    @BlockingActor
    private func raiseLimit(_ place: Place) throws {
        try AdminClient(place.kafka.cluster.configuration).alterTopicSettings(
            of: place.kafka.sales, ["max.message.bytes": "2000000"], timeoutMilliseconds: 30_000)
    }
}
