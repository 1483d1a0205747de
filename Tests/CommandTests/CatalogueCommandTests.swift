import Foundation
import Retail
import RetailAPISimulator
import SQLite
import Testing
@testable import retailflow

/// Catalogues that are proven complete and absurd, by the commands against a simulated API. No Kafka.
@Suite(.timeLimit(.minutes(1)))
struct CatalogueCommandTests {
    private let simulator: RetailAPISimulator
    private let directory: TemporaryDirectory
    /// In 1/10,000.
    private static let prices: [Int64] = [25500, 4200, 125000, 33900, 10000, 199500, 70000, 8500, 42500, 1650000]

    init() throws {
        directory = try TemporaryDirectory()
        simulator = try RetailAPISimulator(
            SimulatorConfiguration(
                data: .rows(sales: [], products: Self.products(), customers: [#"{"customer_id": "7"}"#]),
                pageRowsMax: 4))
    }

    /// With prices so many hundredths of what is right.
    private static func products(_ percent: Int64 = 100) -> [String] {
        prices.enumerated().map {
            #"{"product_sku": "P\#($0)", "description": "p", "unit_amount": \#(Money(units: $1 * percent / 100))}"#
        }
    }

    private static let absurd: [(String, [String])] = [
        ("it is empty", []), ("50 % less", Array(products().prefix(5))),
        ("10 of 10 prices changed by the same factor, 10.0", products(1_000)),
        ("10 of 10 prices changed by the same factor, 0.01", products(1)),
    ]

    private func run(_ words: String...) async -> Program {
        await Program.run(
            words + [
                "--set", "api.base_url=\(simulator.baseURL)", "--set", "warehouse.url=sqlite:\(directory.path)/shop",
                "--set", "api.retries=0",
            ], environment: ["RETAILFLOW_API_KEY": "key"])
    }

    private func rows(_ file: String, _ query: String) throws -> [String] {
        let database = try Database()
        try database.attach("\(directory.path)/shop/\(file).db", as: file, access: .readOnly)
        let statement = try database.prepare(query)
        var rows: [String] = []
        while try statement.step() { rows.append(statement.text(at: 0)) }
        return rows
    }

    private func ods() throws -> [[String]] {
        [
            try rows("ods", "SELECT product_sku || unit_amount || ifnull(SYS_DATE_DELETE, '-') FROM ods.products"),
            try rows("ods", "SELECT product_sku || valid_from || ifnull(valid_to, '-') FROM ods.products_history"),
            try rows("ods", "SELECT endpoint || snapshot_id FROM ods.catalogue_state"),
            try rows("ods", "SELECT version FROM ods.catalogue_version"),
        ]
    }

    // Catches an absurd catalogue that gets into the warehouse by itself, at once or with the next batch, and one that
    // nobody is told of.
    @Test("Held back it is told everywhere and applied nowhere, until it is accepted", arguments: absurd.indices)
    func heldBack(index: Int) async throws {
        let (reason, rows) = Self.absurd[index]
        #expect(await run("batch", "--only", "reconcile,rebuild").code == .done)
        let before = try ods()
        simulator.replace(.products, with: rows)
        for words in [
            ["batch", "--only", "reconcile,rebuild"], ["batch", "--only", "reconcile"],
            ["extract", "--endpoint", "products"],
        ] {
            let run = await run(words[0], words[1], words[2])
            #expect(run.code.rawValue == 65)
            #expect(run.words.count == 1)
            let words = run.words.first ?? ""
            #expect(words.contains("is held back") && words.contains(reason), "\(run.errors)")
            #expect(words.contains("retailflow batch --accept-catalogue"))
            #expect(run.errors.contains("catalogue held back"))
            #expect(try ods() == before)
        }
        // The mart was built all the same.
        #expect(try self.rows("dmt", "SELECT number FROM dmt.generation") == ["2"])
        let runs = try self.rows("ops", "SELECT error FROM ops.runs WHERE outcome = 'failed'")
        #expect(runs.count == 3)
        #expect(runs.allSatisfy { $0.contains(reason) })
        let held = try #require(
            try Int(self.rows("raw", "SELECT max(snapshot_id) FROM raw.snapshots WHERE endpoint = 'products'")[0]))
        let status = await run("status")
        #expect(status.code == .done)
        #expect(status.output.contains("HELD BACK: products, snapshot \(held) of "), "\(status.output)")
        #expect(status.output.contains(reason))

        let accepted = await run("--json", "batch", "--only", "reconcile", "--accept-catalogue")
        #expect(accepted.code == .done, "\(accepted.errors)")
        let reports = try #require(try accepted.json["reconcile"] as? [[String: Any]])
        #expect(reports.map { $0["snapshot"] as? Int } == [held, held + 1])
        #expect((reports.first?["accepted"] as? String)?.contains(reason) == true)
        #expect(reports.last?["accepted"] == nil)
        #expect(try self.rows("raw", "SELECT snapshot_id FROM raw.accepted_snapshots") == [String(held)])
        #expect(try self.rows("ops", "SELECT counts FROM ops.runs ORDER BY run_id DESC")[0].contains("accepted"))
        #expect(try ods() != before)
        #expect(try self.rows("ods", "SELECT 1 FROM ods.products WHERE SYS_DATE_DELETE IS NULL").count == rows.count)
        let after = await run("status")
        #expect(!after.output.contains("HELD BACK"))
        // From now on it is what the next one is compared with.
        #expect(await run("batch", "--only", "reconcile").code == .done)
    }

    // Catches a held catalogue that is applied by a later batch, or that keeps a right one out.
    @Test("A right one ends it; the absurd one leaves no trace in ods")
    func rightAgain() async throws {
        #expect(await run("batch", "--only", "reconcile").code == .done)
        let before = try ods()
        for (_, rows) in Self.absurd {
            simulator.replace(.products, with: rows)
            #expect(await run("batch", "--only", "reconcile").code.rawValue == 65)
            simulator.replace(.products, with: Self.products())
            #expect(await run("batch", "--only", "reconcile").code == .done)
            #expect(try ods() == before)
            #expect(!(await run("status").output.contains("HELD BACK")))
        }
    }

    @Test("With the flag an absurd one is applied at the first try too; the very first may be anything but empty")
    func atOnce() async throws {
        simulator.replace(.products, with: [])
        let empty = await run("batch", "--only", "reconcile")
        #expect(empty.code.rawValue == 65)
        #expect(try rows("ods", "SELECT product_sku FROM ods.products") == [])
        simulator.replace(.products, with: Self.products())
        #expect(await run("batch", "--only", "reconcile").code == .done)
        simulator.replace(.products, with: Self.products(10_000))
        let accepted = await run("batch", "--only", "reconcile", "--accept-catalogue")
        #expect(accepted.code == .done)
        #expect(accepted.output.contains("was accepted though 10 of 10 prices changed by the same factor, 100.0"))
        #expect(try rows("ods", "SELECT unit_amount FROM ods.products WHERE product_sku = 'P1'") == ["420000"])
    }

    // Catches a truncated or drifting listing that is believed, or one right sweep that is not.
    @Test(
        "What the API gets wrong on its way is refused or read again, never applied",
        arguments: [
            ("catalogue-truncated", 65), ("catalogue-duplicated", 65), ("catalogue-drift", 65),
            ("catalogue-halved", 65),
            ("catalogue-empty", 65), ("catalogue-repriced", 65), ("catalogue-truncated@every:2", 65),
            ("catalogue-truncated@first:1", 0), ("catalogue-drift@first:1", 0), ("catalogue-halved@first:1", 0),
            ("empty@first:1", 0), ("repeat@first:3", 0),
        ])
    func faults(name: String, code: Int) async throws {
        #expect(await run("batch", "--only", "reconcile").code == .done)
        let before = try ods()
        simulator.setFaults([try Fault(parsing: "products/\(name)")])
        let run = await run("batch", "--only", "reconcile")
        #expect(run.code.rawValue == Int32(code), "\(run.output) \(run.errors)")
        #expect(try ods() == before)
        guard code != 0 else { return }
        let accepted = await self.run("--json", "batch", "--only", "reconcile", "--accept-catalogue")
        #expect(accepted.code == .done, "\(accepted.errors)")
        let reports = try #require(try accepted.json["reconcile"] as? [[String: Any]])
        #expect(reports.count { $0["accepted"] != nil } == 1)
        #expect(try rows("raw", "SELECT 1 FROM raw.accepted_snapshots").count == 1)
        // Of a row that comes twice the first one counts.
        #expect(try (ods() == before) == ["catalogue-duplicated", "catalogue-drift"].contains(name))
    }
}
