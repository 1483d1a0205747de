import Configuration
import Foundation
import KafkaTestKit
import SQLite
import Testing
import Warehouse
@testable import retailflow

/// Commands without a real Kafka: what they refuse, and `demo`, which brings its own.
@Suite(.timeLimit(.minutes(3)))
struct CommandTests {
    private let key = ["RETAILFLOW_API_KEY": "secret-17"]

    // Catches a command that starts a broker of its own which nobody else can reach, and calls that done.
    @Test(
        "Commands that need a Kafka for all explain themselves when it is embedded",
        arguments: [
            ["extract", "--endpoint", "sales"], ["ingest"], ["replay", "--to=earliest"], ["topics", "plan"],
            ["topics", "apply"],
        ])
    func embedded(_ words: [String]) async throws {
        let directory = try TemporaryDirectory()
        let topics = try topicsDirectory()
        let run = await Program.run(
            words + (words[0] == "topics" ? ["--directory", topics] : []) + [
                "--set", "api.base_url=http://127.0.0.1:1", "--set", "warehouse.url=sqlite:\(directory.path)/shop",
            ], environment: key)
        #expect(run.code.rawValue == 78, "\(run.errors)")
        #expect(run.words.count == 1)
        #expect(run.errors.contains("\(words[0]) would talk to a broker inside its own process"))
        #expect(run.errors.contains("--set kafka.bootstrap_servers=HOST:PORT"))
        #expect(run.errors.contains("retailflow demo"))
        #expect(run.output.isEmpty)
        // It was told before anything was made.
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/shop"))
    }

    @Test("A broker that does not answer is unavailable, and the line names it")
    func noBroker() async throws {
        let port = try FreePorts.take(1)[0]
        let run = await Program.run(["ingest", "--set", "kafka.bootstrap_servers=127.0.0.1:\(port)"])
        #expect(run.code.rawValue == 69, "\(run.errors)")
        #expect(run.words.count == 1)
        #expect(run.errors.contains("127.0.0.1:\(port)"))
    }

    @Test("An API that does not answer is unavailable; its key is in no line")
    func noAPI() async throws {
        let directory = try TemporaryDirectory()
        let port = try FreePorts.take(1)[0]
        let run = await Program.run(
            [
                "batch", "--only", "reconcile", "--set", "api.base_url=http://127.0.0.1:\(port)",
                "--set", "api.backoff_seconds=0.001", "--set", "warehouse.url=sqlite:\(directory.path)",
            ], environment: key)
        #expect(run.code.rawValue == 69, "\(run.errors)")
        #expect(run.words.count == 1)
        #expect(run.errors.contains("127.0.0.1:\(port)"))
        #expect(!run.errors.contains("secret-17"))
        // The book tells how the run ended.
        let status = try await Program.run(
            ["status", "--json", "--set", "warehouse.url=sqlite:\(directory.path)"]
        ).json
        let warehouse = try #require(status["warehouse"] as? [String: Any])
        let last = try #require((warehouse["lastRuns"] as? [[String: Any]])?.first)
        #expect(last["run"] as? String == "reconcile")
        #expect(last["outcome"] as? String == "unavailable")
        #expect((last["error"] as? String)?.contains("unreachable") == false)
        #expect((last["error"] as? String)?.contains("API") == true)
    }

    @Test("A key that is not given is a matter of configuration")
    func noKey() async throws {
        let run = await Program.run(["batch", "--set", "api.base_url=http://127.0.0.1:1"])
        #expect(run.code.rawValue == 78)
        #expect(run.errors.contains("RETAILFLOW_API_KEY"))
    }

    @Test("A warehouse that is not there, of another kind, or not one at all")
    func warehouses() async throws {
        let directory = try TemporaryDirectory()
        let missing = await Program.run(["status", "--set", "warehouse.url=sqlite:\(directory.path)/none"])
        #expect(missing.code.rawValue == 74)
        #expect(missing.errors.contains("there is no warehouse; \(directory.path)/none"))
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/none"))

        let server = "postgresql://ada:hidden-word@127.0.0.1:1/d"
        for (url, code) in [(server, 69), (server + "?no_such_parameter=1", 78)] {
            for command in [["status"], ["warehouse", "init"], ["batch", "--only", "reconcile"]] {
                let run = await Program.run(
                    command + ["--set", "api.base_url=http://127.0.0.1:1"],
                    environment: ["RETAILFLOW_WAREHOUSE_URL": url, "RETAILFLOW_API_KEY": "k"])
                #expect(run.code.rawValue == code, "\(command)")
                #expect(run.errors.contains("postgresql://"))
                #expect(!run.errors.contains("hidden") && !run.errors.contains("ada"))
            }
        }

        for file in ["raw", "ods", "dmt", "ops"] { try directory.write("\(file).db", "this is no database at all\n") }
        let other = await Program.run(["batch", "--only", "rebuild", "--set", "warehouse.url=sqlite:\(directory.path)"])
        #expect(other.code.rawValue == 73, "\(other.errors)")
        #expect(other.words.count == 1)
    }

    @Test("Words that are not understood end with 64 and a hint")
    func usage() async {
        let unknown = await Program.run(["ingets"])
        #expect(unknown.code.rawValue == 64)
        #expect(unknown.errors.contains("did you mean ingest?"))
        let fault = await Program.run(["simulate", "--sales", "10", "--fault", "nonsense"])
        #expect(fault.code.rawValue == 64, "\(fault.errors)")
        let data = await Program.run(["demo", "--data", "/no/such/directory"])
        #expect(data.code.rawValue == 74, "\(data.errors)")
        #expect(data.words.count == 1)
    }

    // Catches a demo that loses sales on its way, that leaves nothing behind, or whose view does not open by itself.
    @Test("demo --keep leaves a warehouse whose mart can be read, by itself and through status")
    func demo() async throws {
        let directory = try TemporaryDirectory()
        let shop = "\(directory.path)/shop"
        let run = await Program.run(["demo", "--sales", "1500", "--keep", shop])
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.output.contains("dmt.sales_items, the first rows:"))
        #expect(run.output.contains("sqlite3 \(shop)/dmt.db"))

        let mart = try Database()
        try mart.attach("\(shop)/dmt.db", as: "dmt", access: .readOnly)
        let rows = try #require(try mart.integer("SELECT count(*) FROM dmt.sales_items"))
        #expect(rows > 1_000)
        let columns = try mart.text("SELECT group_concat(name, ' ') FROM pragma_table_info('sales_items', 'dmt')")
        #expect(
            columns == "id sales_datetime item_amount product_sku item_quantity product_description discount_perc")
        #expect(try mart.integer("SELECT count(*) FROM dmt.sales_final") == rows)

        let status = await Program.run(["status", "--json", "--set", "warehouse.url=sqlite:\(shop)"])
        #expect(status.code == .done)
        let json = try status.json
        #expect(Set(json.keys) == ["warehouse", "kafka", "partitions"])
        #expect((json["kafka"] as? String)?.hasPrefix("embedded") == true)
        let warehouse = try #require(json["warehouse"] as? [String: Any])
        #expect(warehouse["sales"] as? Int == 1_500)
        #expect(warehouse["rawSales"] as? Int == 1_500)
        #expect(warehouse["martRows"] as? Int == Int(rows))
        for name in ["lines", "products", "customers", "rejects", "martGeneration", "orphans", "fileBytes"] {
            #expect(warehouse[name] != nil, "\(name)")
        }
        let partitions = try #require(json["partitions"] as? [[String: Any]])
        #expect(partitions.count == 4)
        for partition in partitions {
            #expect(
                Set(partition.keys) == ["partition", "committed", "end", "lag", "raw_next", "ods_next"])
            #expect(partition["raw_next"] as? Int == partition["ods_next"] as? Int)
            #expect(partition["lag"] is NSNull)
        }
    }

    @Test("demo without --keep leaves nothing behind; with --json its result is one object")
    func demoJSON() async throws {
        let run = await Program.run(["--json", "demo", "--sales", "50"])
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.output.count { $0 == "\n" } == 1)
        let json = try run.json
        #expect(Set(json.keys) == ["mart", "summary"])
        let summary = try #require(json["summary"] as? [String: Any])
        #expect((summary["rows"] as? Int ?? 0) > 10)
        #expect((summary["firstRows"] as? [[String: Any]])?.count == 10)
    }

    private func topicsDirectory() throws -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "topics").path
    }
}
