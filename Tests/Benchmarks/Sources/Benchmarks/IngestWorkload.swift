/// A topic of 4 partitions to raw and ods: `retailflow ingest` against a C program that writes the same rows.
struct IngestWorkload {
    let workplace: Workplace
    static let topic = "ingest.sales"

    func run() throws {
        let options = workplace.options
        try workplace.fill(IngestWorkload.topic)
        let warmUp = try workplace.emptyWarehouse("warm-up", program: options.against)
        _ = try reference(group: "warm-up", warehouse: warmUp)
        try workplace.remove(warmUp)
        var checked = false
        var stored: String?
        let comparison = try Comparison(
            pairs: options.repetitions,
            program: { pair in
                let warehouse = try workplace.emptyWarehouse("ingest.program.\(pair)")
                let child = try workplace.ingestSales(
                    from: IngestWorkload.topic, group: "program.\(pair)", to: warehouse)
                try finish(warehouse, &stored, &checked)
                return child
            },
            reference: { pair in
                let warehouse = try workplace.emptyWarehouse("ingest.reference.\(pair)", program: options.against)
                let child = try reference(group: "reference.\(pair)", warehouse: warehouse)
                try finish(warehouse, &stored, &checked)
                return child
            })
        comparison.report("ingest", units: options.sales, unit: "sales")
    }

    private func reference(group: String, warehouse: String) throws -> ChildProcess {
        if let other = workplace.options.against {
            return try workplace.ingestSales(from: IngestWorkload.topic, group: group, to: warehouse, program: other)
        }
        return try workplace.reference("IngestReference", [workplace.servers, IngestWorkload.topic, group, warehouse])
    }

    /// The first two warehouses, one of each program, are compared row for row; none is kept.
    private func finish(_ warehouse: String, _ stored: inout String?, _ checked: inout Bool) throws {
        if let other = stored {
            if !checked { try compare(warehouse, other) }
            checked = true
            try workplace.remove(other)
        }
        stored = warehouse
        if checked {
            try workplace.remove(warehouse)
            stored = nil
        }
    }

    private func compare(_ one: String, _ other: String) throws {
        let columns = [
            "raw.sales": "topic, partition, offset, version, timestamp, payload, is_json, SYS_FILE_NAME",
            "ods.sales": """
            id, datetime, instant, total_amount, customer_id, version, revision, partition, offset, SYS_FILE_NAME
            """,
            "ods.sales_items": "sale_id, line, product_sku, quantity, amount",
        ]
        for (name, list) in columns {
            let parts = name.split(separator: ".")
            let output = try workplace.sqlite(
                """
                ATTACH '\(one)/\(parts[0]).db' AS one;
                ATTACH '\(other)/\(parts[0]).db' AS other;
                SELECT (SELECT count(*) FROM one.\(parts[1])) - (SELECT count(*) FROM other.\(parts[1])),
                       (SELECT count(*) FROM (SELECT \(list) FROM one.\(parts[1]) EXCEPT SELECT \(list) FROM other.\(parts[1])));
                """
            ).output.trimmed
            guard output == "0|0" else { throw BenchmarkError("\(name) of the two programs differs: \(output)") }
        }
    }
}

extension Workplace {
    /// Fills a topic with all sales, once.
    func fill(_ topic: String) throws {
        guard !filled.contains(topic) else { return }
        try startAPI()
        try createTopic(topic, partitions: 4)
        try createTopic("\(topic).state", partitions: 1)
        let warehouse = try emptyWarehouse("fill")
        _ = try extractSales(to: topic, warehouse: warehouse)
        try remove(warehouse)
        filled.insert(topic)
    }

    func ingestSales(
        from topic: String, group: String, to warehouse: String, program: String? = nil
    ) throws -> ChildProcess {
        try retailflow(
            ["ingest", "--until-end"],
            settings: ["kafka.sales_topic": topic, "kafka.group": group, "warehouse.url": "sqlite:\(warehouse)"],
            program: program)
    }
}
