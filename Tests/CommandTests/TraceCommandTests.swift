import Foundation
import Retail
import SQLite
import Testing
@testable import Warehouse
@testable import retailflow

/// `trace` on a warehouse that `demo` made.
@Suite(.timeLimit(.minutes(3)))
struct TraceCommandTests {
    // Catches a verdict that says more than the warehouse knows: a sale whose row was withdrawn was valid once.
    @Test("trace says of a refused sale what is so now, and what the mart still shows", arguments: [nil, 3])
    func refused(_ revision: Int64?) {
        let trace = SaleTrace(
            sale: 7, records: [], stored: nil,
            rejects: [
                SaleTrace.Reject(state: .open, reasons: [], places: [], codeVersion: "test", created: "2026-01-01")
            ], lines: [], generation: SaleTrace.Generation(number: 2, built: nil, revision: revision))
        let verdict = "sale 7: refused by the present program: not in ods"
        #expect(
            trace.text.hasPrefix(
                verdict + (revision == nil ? "\n" : "; still in the mart until the next batch\n")))
    }

    // Catches a trace that leaves a layer out, answers for another sale, or says done where nothing is known.
    @Test("trace tells page, place, raw, ods and mart of a sale, in text and as JSON; 1 when no layer knows it")
    func trace() async throws {
        let directory = try TemporaryDirectory()
        let shop = "\(directory.path)/shop"
        #expect(await Program.run(["demo", "--sales", "300", "--keep", shop]).code == .done)
        let settings = ["--set", "warehouse.url=sqlite:\(shop)"]
        let ods = try Database()
        try ods.attach("\(shop)/ods.db", as: "ods", access: .readOnly)
        try ods.attach("\(shop)/dmt.db", as: "dmt", access: .readOnly)
        let sale = try #require(
            try ods.integer(
                "SELECT min(sale_id) FROM dmt.mart_lines_1 WHERE orphan_reason IS NULL"))
        let place = try #require(
            try ods.text("SELECT '[' || partition || ']@' || offset FROM ods.sales WHERE id = \(sale)"))

        let run = await Program.run(["trace", "sale", "\(sale)"] + settings)
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.output.hasPrefix("sale \(sale): "))
        #expect(run.output.contains("in the mart"))
        #expect(run.output.contains("page sales_"))
        #expect(run.output.contains("retail.sales.v1\(place), log 1"))
        #expect(run.output.contains("bytes of JSON, from retail.sales.v1\(place)"))
        #expect(run.output.contains("generation 1, from revision 1"))
        #expect(run.output.contains("row \(sale)-"))

        let json = try await Program.run(["trace", "sale", "\(sale)", "--json"] + settings).json
        #expect(Set(json.keys) == ["sale", "known", "records", "ods", "rejects", "lines", "mart"])
        #expect(json["known"] as? Bool == true)
        let records = try #require(json["records"] as? [[String: Any]])
        #expect(records.count == 1)
        #expect((records[0]["file"] as? String)?.hasPrefix("sales_") == true)
        #expect((records[0]["raw"] as? [String: Any])?["is_json"] as? Bool == true)
        #expect((json["ods"] as? [String: Any])?["revision"] as? Int == 1)
        let lines = try #require(json["lines"] as? [[String: Any]])
        let rows = try ods.integer("SELECT count(*) FROM dmt.mart_lines_1 WHERE sale_id = \(sale)")
        #expect(Int64(lines.count) == rows)

        let unknown = await Program.run(["trace", "sale", "999999999"] + settings)
        #expect(unknown.code.rawValue == 1)
        #expect(unknown.output == "sale 999999999: no layer of this warehouse knows it\n")
        #expect(unknown.errors.isEmpty)
        let missing = await Program.run(["trace", "sale", "1", "--set", "warehouse.url=sqlite:\(directory.path)/none"])
        #expect(missing.code.rawValue == 74)
    }
}
