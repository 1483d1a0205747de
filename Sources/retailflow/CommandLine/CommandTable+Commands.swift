import Configuration
import RetailAPISimulator

extension CommandTable {
    static let demo = CommandDefinition(
        name: .demo,
        summary: "Show the whole pipeline in this one process",
        details: """
            Serves sales by a simulated API, carries them through a broker inside this process into a SQLite warehouse, \
            rebuilds the mart and prints it. Needs nothing installed or configured.
            """,
        options: [
            OptionDefinition("data", .directory("DIR"), help: "Serves the data in DIR instead of made-up sales."),
            OptionDefinition("keep", .directory("DIR"), help: "Leaves the warehouse in DIR, to look at with sqlite3."),
            OptionDefinition("sales", .text("N"), help: "How many sales flow."),
        ],
        examples: [
            .init("retailflow demo", "See it work."),
            .init("retailflow demo --sales 100000 --keep ./mart", "More sales; the warehouse stays in ./mart."),
        ],
        make: { (reader) throws(UsageError) in
            .demo(
                DemoOptions(
                    dataDirectory: try reader.text("data"), keepDirectory: try reader.text("keep"),
                    sales: try reader.integer("sales", 1...Int.max)))
        })

    static let extract = CommandDefinition(
        name: .extract,
        summary: "Fetch sales from the API into Kafka, or products and customers into the warehouse",
        details: """
            Sales go on where the last run ended. With --start_sales_id, the very first run begins there; once there \
            is a cursor, it is a backfill that runs beside the follower. Products and customers are always fetched \
            in full.
            """,
        options: [
            OptionDefinition(
                "endpoint", .choice("ENDPOINT", ExtractOptions.Endpoint.allCases.map(\.rawValue)),
                help: "What to fetch. Needed."),
            OptionDefinition(
                "start_sales_id", .text("ID|DATE"),
                help: "Begins at that sale, or at the first sale of a day, YYYY-MM-DD."),
            OptionDefinition("follow", help: "Goes on waiting for new sales, until SIGTERM or SIGINT."),
            OptionDefinition(
                "from-file", .file("PATH"),
                help: "Publishes a page of sales from a file, a failed one that was repaired, as of its first answer."),
        ],
        examples: [
            .init("retailflow extract --endpoint sales", "All sales since the last run."),
            .init(
                "retailflow extract --endpoint sales --start_sales_id 2010-12-01",
                "Sales from the first of December 2010 on."),
            .init("retailflow extract --endpoint sales --follow", "New sales as they come."),
            .init("retailflow extract --endpoint products", "The whole catalogue."),
            .init(
                "retailflow extract --endpoint sales --from-file pages/sales/failed/2010/12/01/08h/sales_….json",
                "A page that the API serves broken, repaired by hand."),
        ],
        make: { (reader) throws(UsageError) in
            guard let endpoint = try reader.choice("endpoint", ExtractOptions.Endpoint.self) else {
                throw UsageError(
                    "extract needs --endpoint",
                    advice: "write --endpoint sales, --endpoint products or --endpoint customers")
            }
            var options = ExtractOptions(endpoint: endpoint, follows: reader.has("follow"))
            options.file = try reader.text("from-file")
            if let text = try reader.text("start_sales_id") {
                guard let start = SalesStartPoint(text) else {
                    throw reader.wrong("start_sales_id", text, expected: "a sale id or a date YYYY-MM-DD")
                }
                options.start = start
            }
            if options.file != nil {
                guard endpoint == .sales else {
                    throw UsageError(
                        "--from-file does not go with --endpoint \(endpoint.rawValue)",
                        advice: "one page can't prove a whole catalogue; fetch it in full without --from-file")
                }
                guard options.start == nil && !options.follows else {
                    throw UsageError(
                        "--from-file does not ask the API",
                        advice: "leave --\(options.follows ? "follow" : "start_sales_id") away")
                }
            }
            if endpoint != .sales, options.start != nil || options.follows {
                let name = options.start != nil ? "start_sales_id" : "follow"
                throw UsageError(
                    "--\(name) does not go with --endpoint \(endpoint.rawValue)",
                    advice: "the API serves \(endpoint.rawValue) only in full; leave --\(name) away")
            }
            return .extract(options)
        })

    static let ingest = CommandDefinition(
        name: .ingest,
        summary: "Carry sales from Kafka into the warehouse",
        details: """
            Writes micro-batches and then commits their offsets, so that a stop at any moment loses and doubles \
            nothing. Without options it stops at the end of the topic as it was at the start.
            """,
        options: [
            OptionDefinition("until-end", help: "Stops at the end as it was at the start. The default."),
            OptionDefinition("follow", help: "Goes on with what comes, until SIGTERM or SIGINT."),
            OptionDefinition(
                "accept-loss", help: "Records a range of offsets that Kafka has lost, and goes on behind it."),
            OptionDefinition("accept-rejects", help: "Goes on after too many rejects stopped ingestion."),
            OptionDefinition("new-log", help: "Goes on with a topic that was deleted and created anew."),
        ],
        examples: [
            .init("retailflow ingest", "All that is there now."),
            .init("retailflow ingest --follow", "Sales as they come, seconds fresh."),
            .init("retailflow ingest --follow --set ingest.batch_records=20000", "With larger batches."),
        ],
        make: { (reader) throws(UsageError) in
            guard !(reader.has("until-end") && reader.has("follow")) else {
                throw UsageError("--until-end and --follow exclude each other", advice: "leave one of them away")
            }
            return .ingest(
                IngestOptions(
                    follows: reader.has("follow"), acceptsLoss: reader.has("accept-loss"),
                    acceptsRejects: reader.has("accept-rejects"), acceptsNewLog: reader.has("new-log")))
        })

    static let batch = CommandDefinition(
        name: .batch,
        summary: "Fetch products and customers in full, rebuild the mart, audit it, flip to it, and balance",
        details: """
            The new mart is built beside the old one, and readers see it only after its audit. The stream goes on \
            meanwhile. Products and customers are believed when they are proven complete and not absurd: empty, shrunk by \
            more than batch.max_shrink_percent, most prices changed at once. What is not believed is kept in raw and not \
            applied; the mart is built without it, and the command ends with 65. At the end each hour that is over is balanced: what extraction published against what raw, ods \
            and the rejects really hold. A difference ends the command with 65.
            """,
        options: [
            OptionDefinition(
                "only", .list("PARTS", BatchOptions.Part.allCases.map(\.rawValue)),
                help: "Does only these parts: reconcile (products and customers), rebuild (the mart), balance."),
            OptionDefinition(
                "accept-catalogue",
                help: "Applies what is held back, as status shows it, and notes that; where nothing is held back, "
                    + "whatever this run fetches."),
            OptionDefinition(
                "accept-balance", help: "Notes hours whose balance does not come out as accepted, and goes on."),
        ],
        examples: [
            .init("retailflow batch", "Everything, as every night."),
            .init("retailflow batch --only rebuild,balance", "The mart alone, as every hour."),
            .init("retailflow batch --accept-catalogue", "Half of the products are really gone."),
        ],
        make: { (reader) throws(UsageError) in
            let parts = try reader.choices("only") ?? Set(BatchOptions.Part.allCases)
            guard parts.contains(.balance) || !reader.has("accept-balance") else {
                throw UsageError("--accept-balance needs the part balance", advice: "write --only balance")
            }
            guard parts.contains(.reconcile) || !reader.has("accept-catalogue") else {
                throw UsageError(
                    "--accept-catalogue needs the part reconcile", advice: "write --only reconcile,rebuild")
            }
            return .batch(
                BatchOptions(
                    parts: parts, acceptsBalance: reader.has("accept-balance"),
                    acceptsCatalogue: reader.has("accept-catalogue")))
        })

    static let status = CommandDefinition(
        name: .status,
        summary: "Tell offsets, lag, counts, freshness, the last runs and the balance",
        details: "Reads only. With --json, for scripts.",
        examples: [
            .init("retailflow status", "How things stand."),
            .init("retailflow status --json", "The same for a script."),
        ],
        make: { (_) throws(UsageError) in .status })

    static let trace = CommandDefinition(
        name: .trace,
        summary: "Tell where one sale is: page, offset, raw, ods, mart, or why not",
        details: """
            Every record of the sale with its page file and its place in the topic, what raw and ods made of it, its \
            rows in the mart or the reason why a line is not there. Reads only, and all of raw: about a second for a \
            million records. Ends with 1 when no layer knows the sale.
            """,
        argument: .init(
            placeholder: "SUBJECT", words: TraceOptions.Subject.allCases.map(\.rawValue), isRequired: true,
            following: "ID"),
        examples: [
            .init("retailflow trace sale 536365", "Everything about sale 536365."),
            .init("retailflow trace sale 536365 --json", "The same for a script."),
        ],
        make: { (reader) throws(UsageError) in
            _ = try reader.argument("SUBJECT", TraceOptions.Subject.self)
            guard let text = reader.arguments.dropFirst().first else {
                throw UsageError("trace sale needs an id", advice: "write retailflow trace sale 536365")
            }
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let sale = Int64(text), sale > 0 else {
                throw UsageError("ID is \(text)", advice: "expected an integer from 1 to \(Int64.max)")
            }
            return .trace(TraceOptions(sale: sale))
        })

    static let topics = CommandDefinition(
        name: .topics,
        summary: "Compare the declared topics with the cluster, and create what is missing",
        details: """
            plan tells what apply would do: topics to create, partitions to add, configs to change. Nothing is ever \
            deleted.
            """,
        argument: .init(placeholder: "ACTION", words: TopicsOptions.Action.allCases.map(\.rawValue), isRequired: true),
        options: [
            OptionDefinition("directory", .directory("DIR"), help: "Where the declarations are (topics).")
        ],
        examples: [
            .init("retailflow topics plan", "What would change."),
            .init("retailflow topics apply", "Change it."),
        ],
        make: { (reader) throws(UsageError) in
            guard let action = try reader.argument("ACTION", TopicsOptions.Action.self) else {
                throw UsageError("topics needs plan or apply", advice: "write retailflow topics plan")
            }
            return .topics(TopicsOptions(action: action, directory: try reader.text("directory") ?? "topics"))
        })

    static let simulate = CommandDefinition(
        name: .simulate,
        summary: "Serve the source API on this machine, for development",
        details: "Listens on the loopback interface until SIGTERM or SIGINT, and misbehaves as --fault says.",
        options: [
            OptionDefinition("data", .directory("DIR"), help: "Serves the data in DIR instead of made-up sales."),
            OptionDefinition("port", .text("N"), help: "Where to listen (8080); 0 takes any free port."),
            OptionDefinition("sales", .text("N"), help: "How many sales there are."),
            OptionDefinition("seed", .text("N"), help: "The same seed gives the same sales and the same faults."),
            OptionDefinition(
                "rate", .text("N"), help: "So many sales become visible a second; without it all at once."),
            OptionDefinition(
                "shape", .choice("SHAPE", PageShape.allCases.map(\.rawValue)),
                help: "How a page's rows are wrapped (array), and whether it tells how many there are in all."),
            OptionDefinition(
                "start", .choice("START", SimulatorConfiguration.Start.allCases.map(\.rawValue)),
                help: "Whether a page begins with the sale named by start_sales_id (inclusive) or behind it."),
            OptionDefinition("fault", .text("FAULT"), isRepeatable: true, help: "A way to misbehave."),
            OptionDefinition("key-file", .file("FILE"), help: "Refuses requests without the key in FILE."),
        ],
        examples: [
            .init("retailflow simulate", "Made-up sales on port 8080."),
            .init("retailflow simulate --sales 100000 --rate 500 --port 9000", "Sales that come at 500 a second."),
        ],
        make: { (reader) throws(UsageError) in
            .simulate(
                SimulateOptions(
                    dataDirectory: try reader.text("data"), port: try reader.integer("port", 0...65_535) ?? 8_080,
                    sales: try reader.integer("sales", 1...Int.max), seed: try reader.integer("seed", 0...UInt64.max),
                    salesPerSecond: try reader.positiveNumber("rate"), shape: try reader.choice("shape"),
                    start: try reader.choice("start"), faults: reader.texts("fault"),
                    keyFile: try reader.text("key-file")))
        })

    static let completions = CommandDefinition(
        name: .completions,
        summary: "Print the completions for a shell",
        details: "",
        argument: .init(
            placeholder: "SHELL", words: CompletionsOptions.Shell.allCases.map(\.rawValue), isRequired: true),
        examples: [
            .init("source <(retailflow completions bash)", "In this bash."),
            .init("retailflow completions zsh > ~/.zfunc/_retailflow", "In every zsh, if ~/.zfunc is in its fpath."),
            .init("retailflow completions fish > ~/.config/fish/completions/retailflow.fish", "In every fish."),
        ],
        make: { (reader) throws(UsageError) in
            guard let shell = try reader.argument("SHELL", CompletionsOptions.Shell.self) else {
                throw UsageError("completions needs a shell", advice: "write retailflow completions bash")
            }
            return .completions(CompletionsOptions(shell: shell))
        })

    static let help = CommandDefinition(
        name: .help,
        summary: "Explain RetailFlow, or one command",
        details: "",
        argument: .init(
            placeholder: "COMMAND",
            words: CommandName.allCases.map(\.rawValue), isRequired: false),
        examples: [.init("retailflow help completions", "Explain one command.")],
        make: { (reader) throws(UsageError) in
            guard let word = reader.arguments.first else { return .help(HelpOptions()) }
            guard let name = CommandName(rawValue: word) else {
                let names = CommandName.allCases.map(\.rawValue)
                throw UsageError(
                    "\"\(word)\" is not a command",
                    advice: Hint.didYouMean(word, names) ?? "retailflow help lists the commands")
            }
            return .help(HelpOptions(command: name))
        })
}
