import Foundation

/// The source API's pages to a topic: `retailflow extract` against a C program that does the same.
struct ExtractWorkload {
    let workplace: Workplace

    func run() throws {
        let options = workplace.options
        try workplace.startAPI()
        let grouping = try grouping()
        let comparison = try Comparison(
            pairs: options.repetitions,
            program: { pair in
                try measured("extract.program.\(pair)") { try extract(to: $0, by: nil) }
            },
            reference: { pair in
                try measured("extract.reference.\(pair)") { topic in
                    if let other = options.against { return try extract(to: topic, by: other) }
                    return try reference(topic: topic, pagesPerTransaction: grouping)
                }
            })
        comparison.report("extract (\(grouping) pages a transaction)", units: options.sales, unit: "sales")
    }

    private func extract(to topic: String, by program: String?) throws -> ChildProcess {
        let warehouse = try workplace.emptyWarehouse(topic, program: program)
        defer { try? workplace.remove(warehouse) }
        return try workplace.extractSales(to: topic, warehouse: warehouse, program: program)
    }

    /// How many pages the program puts into one transaction, which the reference does too; a run that warms up tells it.
    private func grouping() throws -> Int {
        struct Result: Decodable {
            let pages: Int
            let transactions: Int
        }
        let topic = "extract.warm-up"
        try workplace.createTopic(topic, partitions: 4)
        try workplace.createTopic("\(topic).state", partitions: 1)
        let warehouse = try workplace.emptyWarehouse(topic)
        defer { try? workplace.remove(warehouse) }
        let output = try workplace.extractSales(to: topic, warehouse: warehouse).output
        try workplace.deleteTopic(topic)
        let result = try JSONDecoder().decode(Result.self, from: Data(output.utf8))
        return max(1, (result.pages + result.transactions / 2) / max(1, result.transactions))
    }

    /// One run on topics of its own, which must hold every sale after it; the first pair's are counted.
    private func measured(_ topic: String, _ run: (String) throws -> ChildProcess) throws -> ChildProcess {
        try workplace.createTopic(topic, partitions: 4)
        try workplace.createTopic("\(topic).state", partitions: 1)
        let child = try run(topic)
        if topic.hasSuffix(".0") {
            let published = try workplace.countRecords(in: topic)
            guard published == workplace.options.sales else {
                throw BenchmarkError("\(topic) holds \(published) records of \(workplace.options.sales)")
            }
        }
        try workplace.deleteTopic(topic)
        return child
    }

    private func reference(topic: String, pagesPerTransaction: Int) throws -> ChildProcess {
        try workplace.reference(
            "ExtractReference",
            [
                workplace.servers, topic, "\(topic).state", "http://127.0.0.1:\(workplace.apiPort)", workplace.key,
                String(pagesPerTransaction),
            ])
    }
}

extension Workplace {
    /// `retailflow extract` of all sales to a topic.
    func extractSales(to topic: String, warehouse: String, program: String? = nil) throws -> ChildProcess {
        try retailflow(
            ["--json", "extract", "--endpoint", "sales", "--start_sales_id", "1"],
            settings: [
                "kafka.sales_topic": topic, "kafka.state_topic": "\(topic).state",
                "warehouse.url": "sqlite:\(warehouse)",
            ], program: program)
    }

    /// How many records of a topic a reader of committed records sees.
    func countRecords(in topic: String) throws -> Int {
        let output = try reference("IngestReference", [servers, topic, "count.\(topic)", emptyWarehouse("count")])
            .output
        try remove("\(directory)/count")
        return Int(output.trimmed) ?? 0
    }
}
