/// The source API's pages to a topic: `retailflow extract` against a C program that does the same.
struct ExtractWorkload {
    let workplace: Workplace

    func run() throws {
        let options = workplace.options
        try workplace.startAPI()
        try workplace.createTopic("warm-up", partitions: 4)
        try workplace.createTopic("warm-up.state", partitions: 1)
        _ = try reference(topic: "warm-up")
        let comparison = try Comparison(
            pairs: options.repetitions,
            program: { pair in
                try measured("extract.program.\(pair)") { topic in
                    let warehouse = try workplace.emptyWarehouse(topic)
                    defer { try? workplace.remove(warehouse) }
                    return try workplace.extractSales(to: topic, warehouse: warehouse)
                }
            },
            reference: { pair in try measured("extract.reference.\(pair)", reference) })
        comparison.report("extract", units: options.sales, unit: "sales")
    }

    /// One run on topics of its own, which must hold every sale after it.
    private func measured(_ topic: String, _ run: (String) throws -> ChildProcess) throws -> ChildProcess {
        try workplace.createTopic(topic, partitions: 4)
        try workplace.createTopic("\(topic).state", partitions: 1)
        let child = try run(topic)
        let published = try workplace.countRecords(in: topic)
        guard published == workplace.options.sales else {
            throw BenchmarkError("\(topic) holds \(published) records of \(workplace.options.sales)")
        }
        try workplace.deleteTopic(topic)
        return child
    }

    private func reference(topic: String) throws -> ChildProcess {
        try workplace.reference(
            "ExtractReference",
            [
                workplace.servers, topic, "\(topic).state", "http://127.0.0.1:\(workplace.apiPort)", workplace.key,
                String(workplace.options.pagesPerTransaction),
            ])
    }
}

extension Workplace {
    /// `retailflow extract` of all sales to a topic.
    func extractSales(to topic: String, warehouse: String) throws -> ChildProcess {
        try retailflow(
            ["extract", "--endpoint", "sales", "--start_sales_id", "1"],
            settings: [
                "kafka.sales_topic": topic, "kafka.state_topic": "\(topic).state",
                "warehouse.url": "sqlite:\(warehouse)",
            ])
    }

    /// How many records of a topic a reader of committed records sees.
    func countRecords(in topic: String) throws -> Int {
        let output = try reference("IngestReference", [servers, topic, "count.\(topic)", emptyWarehouse("count")])
            .output
        try remove("\(directory)/count")
        return Int(output.trimmed) ?? 0
    }
}
