import Configuration
import RetailAPISimulator
import Testing

@testable import retailflow

@Suite("The command line")
struct ArgumentParserTests {
    @Test("Each command's options become its own type")
    func commands() throws {
        #expect(try parse("demo").command == .demo(DemoOptions()))
        #expect(
            try parse("demo", "--data", "d", "--keep", "k", "--sales", "10").command
                == .demo(DemoOptions(dataDirectory: "d", keepDirectory: "k", sales: 10)))
        #expect(
            try parse("extract", "--endpoint", "sales", "--start_sales_id", "2010-12-01", "--follow").command
                == .extract(ExtractOptions(endpoint: .sales, start: .date("2010-12-01"), follows: true)))
        #expect(
            try parse("extract", "--endpoint", "sales", "--from-file", "a b.json").command
                == .extract(ExtractOptions(endpoint: .sales, file: "a b.json")))
        #expect(try parse("ingest").command == .ingest(IngestOptions()))
        #expect(try parse("ingest", "--until-end").command == .ingest(IngestOptions()))
        #expect(
            try parse("ingest", "--follow", "--accept-loss", "--accept-rejects", "--new-log").command
                == .ingest(
                    IngestOptions(follows: true, acceptsLoss: true, acceptsRejects: true, acceptsNewLog: true)))
        #expect(try parse("batch").command == .batch(BatchOptions(parts: [.reconcile, .rebuild, .balance])))
        #expect(try parse("batch", "--only", "rebuild").command == .batch(BatchOptions(parts: [.rebuild])))
        #expect(try parse("batch", "--only", "rebuild,balance,reconcile").command == .batch(BatchOptions()))
        #expect(
            try parse("batch", "--only", "balance", "--accept-balance").command
                == .batch(BatchOptions(parts: [.balance], acceptsBalance: true)))
        #expect(try parse("batch", "--accept-catalogue").command == .batch(BatchOptions(acceptsCatalogue: true)))
        #expect(try parse("status").command == .status)
        #expect(try parse("trace", "sale", "536365").command == .trace(TraceOptions(sale: 536_365)))
        #expect(try parse("warehouse", "init").command == .warehouse(WarehouseOptions(action: .initialize)))
        #expect(try parse("topics", "plan").command == .topics(TopicsOptions(action: .plan)))
        #expect(
            try parse("topics", "--directory", "t", "apply").command
                == .topics(TopicsOptions(action: .apply, directory: "t")))
        #expect(
            try parse(
                "simulate", "--data", "d", "--port", "0", "--sales", "9", "--seed", "7", "--rate", "2.5",
                "--shape", "items+total", "--start=exclusive", "--fault", "a", "--fault=b", "--key-file", "k"
            ).command
                == .simulate(
                    SimulateOptions(
                        dataDirectory: "d", port: 0, sales: 9, seed: 7, salesPerSecond: 2.5,
                        shape: .items(total: true), start: .exclusive, faults: ["a", "b"], keyFile: "k")))
        #expect(try parse("completions", "fish").command == .completions(CompletionsOptions(shell: .fish)))
        #expect(try parse("help").command == .help(HelpOptions()))
    }

    @Test(
        "An option's value stands behind it or behind an equals sign, hyphens and underscores are the same",
        arguments: [
            ["--start_sales_id", "7"], ["--start_sales_id=7"], ["--start-sales-id", "7"], ["--start-sales-id=7"],
        ])
    func spellings(words: [String]) throws {
        let invocation = try ArgumentParser(CommandTable.all).parse(["extract", "--endpoint=sales"] + words)
        #expect(invocation.command == .extract(ExtractOptions(endpoint: .sales, start: .id(7))))
    }

    @Test("Global options stand before the command or behind it")
    func globalOptions() throws {
        let expected = GlobalOptions(
            configurationFile: "c.yaml", overrides: ["api.retries=1", "kafka.properties.a=b=c"], logLevel: .debug,
            logFormat: .json, isJSON: true)
        let options = [
            "--config", "c.yaml", "--set", "api.retries=1", "--set=kafka.properties.a=b=c", "--log-level=debug",
            "--log-format", "json", "--json",
        ]
        let parser = ArgumentParser(CommandTable.all)
        #expect(try parser.parse(options + ["status"]) == Invocation(global: expected, command: .status))
        #expect(try parser.parse(["status"] + options) == Invocation(global: expected, command: .status))
        #expect(
            try parser.parse(options.prefix(4) + ["status"] + options.dropFirst(4))
                == Invocation(global: expected, command: .status))
    }

    @Test("Of an option given twice the last counts")
    func twice() throws {
        #expect(try parse("demo", "--sales", "1", "--sales", "2").command == .demo(DemoOptions(sales: 2)))
    }

    @Test("Help is given for what was typed so far, even where something is missing")
    func help() throws {
        for words in [
            ["extract", "--help"], ["--help", "extract"], ["extract", "-h"], ["-h", "extract", "--follow"],
        ] {
            #expect(
                try ArgumentParser(CommandTable.all).parse(words).command == .help(HelpOptions(command: .extract)))
        }
        #expect(try parse("--help").command == .help(HelpOptions()))
        #expect(try parse("--version").command == .version)
    }

    @Test("Behind -- a word is no option")
    func dashes() throws {
        #expect(try parse("completions", "--", "bash").command == .completions(CompletionsOptions(shell: .bash)))
        #expect(try usageError("completions", "--", "--help").problem == "SHELL is --help")
        #expect(try usageError("status", "--", "--json").problem.contains("does not take"))
        #expect(try usageError("status", "-").problem.contains("does not take"))
    }

    @Test("Letters of options can be joined, with each other and with a value")
    func letters() throws {
        let definition = CommandDefinition(
            name: .status, summary: "", details: "",
            options: [
                OptionDefinition("all", letter: "a", help: ""), OptionDefinition("big", letter: "b", help: ""),
                OptionDefinition("out", .file("FILE"), letter: "o", help: ""),
            ], examples: [],
            make: { (reader) throws(UsageError) in
                .demo(
                    DemoOptions(
                        dataDirectory: reader.has("all") && reader.has("big") ? "both" : nil,
                        keepDirectory: try reader.text("out")))
            })
        let parser = ArgumentParser([definition])
        for words in [["-abo", "x"], ["-abox"], ["-ab", "-o=x"], ["-a", "-b", "-o", "x"]] {
            #expect(
                try parser.parse(["status"] + words).command
                    == .demo(DemoOptions(dataDirectory: "both", keepDirectory: "x")))
        }
        #expect(throws: UsageError.self) { try parser.parse(["status", "-ax"]) }
        #expect(throws: UsageError.self) { try parser.parse(["status", "-o"]) }
    }

    @Test(
        "A mistyped word is answered with the nearest one",
        arguments: [
            (["extarct"], "did you mean extract?"),
            (["stauts"], "did you mean status?"),
            (["simul"], "did you mean simulate?"),
            (["extract", "--endpiont", "sales"], "did you mean --endpoint?"),
            (["extract", "--start-sale-id", "1"], "did you mean --start_sales_id?"),
            (["ingest", "--until_and"], "did you mean --until-end?"),
            (["--jsno", "status"], "did you mean --json?"),
            (["extract", "--endpoint", "sale"], "did you mean sales?"),
            (["topics", "aply"], "did you mean apply?"),
            (["batch", "--only", "reconcile,rebiuld"], "did you mean rebuild?"),
            (["--log-level", "warn", "status"], "did you mean warning?"),
            (["frobnicate"], "retailflow help lists the commands"),
            (["status", "--frobnicate"], "retailflow status --help lists the options"),
            (["--endpoint", "sales", "extract"], "write it behind, as in retailflow extract --endpoint"),
        ])
    func hints(words: [String], advice: String) throws {
        let error = try #require(throws: UsageError.self) { try ArgumentParser(CommandTable.all).parse(words) }
        #expect(error.advice == advice)
    }

    @Test(
        "What does not fit is refused with what would",
        arguments: [
            ([], "no command"),
            (["extract"], "needs --endpoint"),
            (
                ["extract", "--endpoint", "products", "--from-file", "a"],
                "--from-file does not go with --endpoint products"
            ),
            (["extract", "--endpoint", "sales", "--from-file", "a", "--follow"], "--from-file does not ask the API"),
            (
                ["extract", "--endpoint", "sales", "--from-file", "a", "--start_sales_id", "1"],
                "--from-file does not ask the API"
            ),
            (["extract", "--endpoint"], "--endpoint needs a value"),
            (["--config", "--json", "status"], "--config needs a value"),
            (["extract", "--endpoint=", "--follow"], "--endpoint is empty"),
            (["status", "--json=yes"], "--json takes no value"),
            (["extract", "--endpoint", "products", "--follow"], "--follow does not go with --endpoint products"),
            (["extract", "--endpoint", "customers", "--start_sales_id", "1"], "does not go with"),
            (["extract", "--endpoint", "sales", "--start_sales_id", "yesterday"], "--start_sales_id is yesterday"),
            (["ingest", "--follow", "--until-end"], "exclude each other"),
            (["demo", "--sales", "0"], "--sales is 0"),
            (["demo", "--sales", "ten"], "--sales is ten"),
            (["demo", "--sales=-1"], "--sales is -1"),
            (["demo", "--keep="], "--keep is empty"),
            (["simulate", "--port", "65536"], "--port is 65536"),
            (["simulate", "--shape", "object"], "--shape is object"),
            (["simulate", "--start", "5"], "--start is 5"),
            (["simulate", "--rate", "0"], "--rate is 0"),
            (["simulate", "--rate", "nan"], "--rate is nan"),
            (["simulate", "--seed", "18446744073709551616"], "--seed is 1844"),
            (["batch", "--only", ""], "--only is empty"),
            (["batch", "--only", "rebuild", "--accept-balance"], "--accept-balance needs the part balance"),
            (["batch", "--only", "rebuild", "--accept-catalogue"], "--accept-catalogue needs the part reconcile"),
            (["warehouse"], "warehouse needs"), (["topics"], "topics needs one of plan, apply"),
            (["topics", "plan", "apply"], "does not take \"apply\""),
            (["trace"], "trace needs one of sale"),
            (["trace", "sale"], "trace sale needs an id"),
            (["trace", "sale", "first"], "ID is first"),
            (["trace", "sale", "0"], "ID is 0"),
            (["trace", "sale", "9223372036854775808"], "ID is 9223372036854775808"),
            (["trace", "product", "1"], "SUBJECT is product"),
            (["trace", "sale", "1", "2"], "does not take \"2\""),
            (["status", "now"], "does not take \"now\""),
            (["--set", "api.retries", "status"], "--set api.retries has no value"),
            (["status", "-x"], "-x is not an option of status"),
        ] as [([String], String)])
    func refusals(words: [String], problem: String) throws {
        let error = try #require(throws: UsageError.self) { try ArgumentParser(CommandTable.all).parse(words) }
        #expect(error.problem.contains(problem), "\(error)")
        #expect(!error.advice.isEmpty)
    }

    @Test("Commands that there are not are unknown words")
    func unknown() throws {
        for word in ["warehouse", "customer", "doctor"] {
            #expect(throws: UsageError.self) { try ArgumentParser().parse([word]) }
        }
    }
}
