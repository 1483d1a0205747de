extension CommandTable {
    static let run = CommandDefinition(
        name: .run,
        summary: "Run the service: extraction, ingestion, batches by schedule, health and metrics",
        details: """
            Goes on until SIGTERM or SIGINT; then it finishes what it has in hand, within 10 seconds. What does not \
            answer is waited for. A part that can't go on stops the whole, and the exit code says why; restart on any \
            but 64, 78 and 80. --only splits the parts over processes.
            """,
        options: [
            OptionDefinition(
                "only", .list("PARTS", RunOptions.Part.allCases.map(\.rawValue)),
                help: "Runs only these parts: extract, ingest, batch, serve.")
        ],
        examples: [
            .init("retailflow run", "Everything in one process."),
            .init("retailflow run --only extract,serve", "One of several processes."),
            .init(
                "retailflow run --only ingest,serve --set serve.address=127.0.0.1:9465",
                "Another one on the same machine."),
        ],
        make: { (reader) throws(UsageError) in
            .run(RunOptions(parts: try reader.choices("only") ?? Set(RunOptions.Part.allCases)))
        })
}
