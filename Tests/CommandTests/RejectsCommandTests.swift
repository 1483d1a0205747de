import Foundation
import Retail
import SQLite
import Testing
import Warehouse
import WarehouseTestKit
@testable import retailflow

/// `rejects list` and `rejects retry` on a warehouse of a directory, without any Kafka.
@Suite(.timeLimit(.minutes(2)))
struct RejectsCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func run(_ words: String...) async -> Program {
        await Program.run(words + ["--set", "warehouse.url=sqlite:\(directory.path)/shop"])
    }

    /// In `Etc/GMT-1` the last hour of the year 9999 is not in the calendar, in `Etc/GMT+1` it is.
    private static func sale(_ id: Int, quantity: String = "1") -> String {
        "{\"id\": \(id), \"datetime\": \"9999-12-31T23:30:00Z\", \"customer_id\": \"anna\", \"items\": "
            + "[{\"product_sku\": \"secret-sku\", \"quantity\": \(quantity), \"amount\": 1}]}"
    }

    private func writer() throws -> SQLiteSalesWriter {
        try SQLiteSalesWriter(
            SQLiteWarehouse(directory: "\(directory.path)/shop", clock: { 1_700_000_000_000_000 }), codeVersion: "old")
    }

    /// Three sales that only the zone decides about, two with a wrong quantity.
    private func fill() throws {
        let drafts =
            (1...3).map { RecordDraft(Self.sale($0), version: 1, offset: Int64($0)) }
            + (4...5).map { RecordDraft(Self.sale($0, quantity: "1.5"), version: 1, offset: Int64($0)) }
        try writer().ingest(drafts, timeZone: try #require(RetailTimeZone(identifier: "Etc/GMT-1")))
    }

    private func count(_ table: String) throws -> Int64 {
        let database = try Database()
        for schema in ["ods", "ops"] {
            try database.attach("\(directory.path)/shop/\(schema).db", as: schema, access: .readOnly)
        }
        return try database.integer("SELECT count(*) FROM \(table)") ?? -1
    }

    // Catches a list that shows what a record holds, and groups or counts that a script can't rely on.
    @Test("list counts by field and kind of fault, names a record of each, and shows no content")
    func list() async throws {
        try fill()
        let text = await run("rejects", "list")
        #expect(text.code == .done, "\(text.errors)")
        #expect(text.output.hasPrefix("5 rejects: 5 open\n"))
        #expect(text.output.contains("retail.sales.v1[0]@"))
        let json = await run("rejects", "list", "--json")
        for secret in ["anna", "secret-sku", "9999"] {
            #expect(!text.output.contains(secret))
            #expect(!json.output.contains(secret))
        }
        let list = try json.json
        #expect(Set(list.keys) == ["rejects", "states", "groups", "groups_left_out"])
        #expect(list["rejects"] as? Int == 5)
        #expect(list["states"] as? [String: Int] == ["open": 5, "pending_correction": 0, "superseded": 0])
        let groups = try #require(list["groups"] as? [[String: Any]])
        #expect(groups.map { $0["reason"] as? String } == ["no_such_datetime", "not_an_integer"])
        #expect(groups.map { $0["field"] as? String } == ["datetime", "items[].quantity"])
        #expect(groups.map { $0["rejects"] as? Int } == [5, 2])
        #expect((groups[1]["example"] as? [String: Any])?["sale_id"] as? Int == 5)
        for key in ["records", "tried_in_vain", "first_seen", "last_seen"] { #expect(groups[0][key] != nil, "\(key)") }

        let one = try await run("rejects", "list", "--json", "--state", "all", "--reason", "not_an_integer").json
        #expect(one["rejects"] as? Int == 2)
        let short = try await run("rejects", "list", "--json", "--limit", "1").json
        #expect((short["groups"] as? [Any])?.count == 1)
        #expect(short["groups_left_out"] as? Int == 1)
        #expect(await run("rejects", "list", "--state", "superseded").output == "no rejects\n")
    }

    // Catches a dry run that writes, a retry that does something else than it told, one that nobody finds in the book,
    // and a setting that makes no difference.
    @Test("retry moves what the changed setting lets pass, as the dry run told, and is in the book of runs")
    func retry() async throws {
        try fill()
        let zone = ["--set", "api.time_zone=Etc/GMT+1"]
        let dry = await run("rejects", "retry", "--dry-run", zone[0], zone[1])
        #expect(dry.code == .done, "\(dry.errors)")
        #expect(dry.output.contains("3 would pass now"))
        #expect(dry.output.contains("2 would be refused again\n    items[].quantity not_an_integer ×2\n"))
        #expect(dry.output.contains("nothing was changed"))
        let dryJSON = try await run("--json", "rejects", "retry", "--dry-run", zone[0], zone[1]).json
        #expect(dryJSON["dry_run"] as? Bool == true)
        #expect(dryJSON["passed"] as? Int == 3)
        #expect(dryJSON["sales_new"] as? Int == 0)
        #expect(try count("ods.sales") == 0)
        #expect(try count("ops.runs") == 0)

        // Without the change nothing moves.
        let same = try await run("--json", "rejects", "retry", "--set", "api.time_zone=Etc/GMT-1").json
        #expect(same["passed"] as? Int == 0)
        #expect(same["refused"] as? Int == 5)

        let json = try await run("--json", "rejects", "retry", zone[0], zone[1]).json
        #expect(json["dry_run"] as? Bool == false)
        #expect(json["passed"] as? Int == 3)
        #expect(json["refused"] as? Int == 2)
        #expect(json["sales_new"] as? Int == 3)
        #expect(json["gone_records"] as? Int == 0)
        #expect((json["reasons"] as? [[String: Any]])?.first?["rejects"] as? Int == 2)
        #expect(
            (json["passed_examples"] as? [[String: Any]])?.compactMap { $0["sale_id"] as? Int } == [1, 2, 3])
        #expect(try count("ods.sales") == 3)
        #expect(try count("ods.sales_rejects") == 2)
        #expect(
            try count("ops.runs WHERE run = 'rejects retry' AND outcome = 'done' AND counts LIKE '%\"sales_new\":3%'")
                == 1)
        #expect(await run("rejects", "retry", zone[0], zone[1]).output.contains("2 are refused again"))
    }

    @Test("The words of a retry say what to do next")
    func words() async throws {
        #expect(await run("rejects", "retry").code.rawValue == 74)
        try fill()
        let text = await run("rejects", "retry", "--set", "api.time_zone=Etc/GMT+1").output
        #expect(text.hasPrefix("5 rejects of 5 records read again from raw\n3 pass now: 3 new sales, 0 changed\n"))
        #expect(text.contains("    sale 1, retail.sales.v1[0]@1\n"))
        #expect(text.hasSuffix("the mart gets them with the next: retailflow batch\n"))
        for secret in ["anna", "secret-sku"] { #expect(!text.contains(secret)) }
    }

    // Catches two writers of one warehouse, and a look that has to wait for a writer.
    @Test("Beside an ingest retry says try again; list and a dry run need not wait")
    func busy() async throws {
        try fill()
        let ingest = try writer()
        let retry = await run("rejects", "retry")
        #expect(retry.code.rawValue == 75)
        #expect(retry.words.count == 1)
        #expect(retry.errors.contains("another process ingests into this warehouse"))
        #expect(try count("ops.runs") == 0)
        #expect(await run("rejects", "retry", "--dry-run").code == .done)
        #expect(await run("rejects", "list").code == .done)
        withExtendedLifetime(ingest) {}
    }

    @Test(
        "Words that do not go together are told",
        arguments: [
            (["rejects"], "list, retry"), (["rejects", "lost"], "did you mean list"),
            (["rejects", "list", "--dry-run"], "--dry-run does not go with rejects list"),
            (["rejects", "retry", "--limit", "3"], "--limit does not go with rejects retry"),
            (["rejects", "list", "--reason", "mising"], "did you mean missing"),
            (["rejects", "list", "--state", "shut"], "expected open or pending or superseded or all"),
            (["rejects", "list", "--limit", "0"], "--limit"),
        ])
    func usage(words: [String], message: String) async {
        let run = await Program.run(words)
        #expect(run.code.rawValue == 64)
        #expect(run.errors.contains(message), "\(run.errors)")
    }
}
