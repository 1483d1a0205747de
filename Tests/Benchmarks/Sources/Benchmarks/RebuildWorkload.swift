import Foundation

/// The mart from ods: `retailflow batch --only rebuild`, which audits and flips besides, against the bare SQL in the
/// sqlite3 shell.
struct RebuildWorkload {
    let workplace: Workplace

    func run() throws {
        let options = workplace.options
        try workplace.fill(IngestWorkload.topic)
        let warehouse = try filledWarehouse("rebuild.program")
        var copy = "\(workplace.directory)/rebuild.reference"
        if let other = options.against {
            copy = try filledWarehouse("rebuild.reference", program: other)
        } else {
            try FileManager.default.copyItem(atPath: warehouse, toPath: copy)
        }

        let comparison = try Comparison(
            pairs: options.repetitions,
            program: { _ in try rebuild(warehouse, by: nil) },
            reference: { _ in
                if let other = options.against { return try rebuild(copy, by: other) }
                return try workplace.sqlite(statements(copy))
            })
        try compare(warehouse, copy)
        comparison.report("rebuild", units: options.sales, unit: "sales")
        try workplace.remove(warehouse)
        try workplace.remove(copy)
    }

    private func filledWarehouse(_ name: String, program: String? = nil) throws -> String {
        let warehouse = try workplace.emptyWarehouse(name, program: program)
        let settings = ["warehouse.url": "sqlite:\(warehouse)"]
        _ = try workplace.ingestSales(from: IngestWorkload.topic, group: name, to: warehouse, program: program)
        for catalogue in ["products", "customers"] {
            _ = try workplace.retailflow(["extract", "--endpoint", catalogue], settings: settings, program: program)
        }
        return warehouse
    }

    private func rebuild(_ warehouse: String, by program: String?) throws -> ChildProcess {
        try workplace.retailflow(
            ["batch", "--only", "rebuild"], settings: ["warehouse.url": "sqlite:\(warehouse)"], program: program)
    }

    private func compare(_ warehouse: String, _ copy: String) throws {
        // Not since when: another build has ingested the same sales at another time.
        let orphan = "sale_id, product_sku, customer_id, reason"
        let output = try workplace.sqlite(
            """
            ATTACH '\(warehouse)/dmt.db' AS program;
            ATTACH '\(copy)/dmt.db' AS reference;
            SELECT (SELECT count(*) FROM (SELECT * FROM program.sales_items EXCEPT SELECT * FROM reference.sales_items)),
                   (SELECT count(*) FROM program.sales_items) - (SELECT count(*) FROM reference.sales_items),
                   (SELECT count(*) FROM (SELECT \(orphan) FROM program.orphans EXCEPT SELECT \(orphan) FROM reference.orphans)),
                   (SELECT count(*) FROM program.orphans) - (SELECT count(*) FROM reference.orphans);
            """
        ).output.trimmed
        guard output == "0|0|0|0" else { throw BenchmarkError("the mart of the two programs differs: \(output)") }
    }

    /// The program's own SQL (`MartSQL.swift` is a link to it) for all sales in one transaction, into the slot that is
    /// served.
    private func statements(_ warehouse: String) -> String {
        let lines = MartSQL.lines(allowMissingCustomer: false)
            .replacingOccurrences(of: "?1", with: "1").replacingOccurrences(of: "?2", with: "\(Int64.max)")
        return """
            ATTACH '\(warehouse)/ods.db' AS ods;
            ATTACH '\(warehouse)/dmt.db' AS dmt;
            PRAGMA dmt.synchronous = NORMAL;
            PRAGMA ods.cache_size = -16384;
            PRAGMA dmt.cache_size = -16384;
            PRAGMA temp_store = MEMORY;
            BEGIN;
            UPDATE dmt.generation SET slot = 0;
            DELETE FROM dmt.mart_lines_0;
            DELETE FROM dmt.generation_sales_0;
            INSERT INTO dmt.mart_lines_0 \(lines);
            INSERT INTO dmt.generation_sales_0 SELECT id, revision FROM ods.sales;
            COMMIT;
            """
    }
}
