internal import SQLite

/// Compares a built slot of the mart with ods, by ways other than those that built it.
struct MartAudit {
    private let database: Database
    private let slot: Int64
    private let place: String

    init(_ database: Database, slot: Int64, place: String) {
        self.database = database
        self.slot = slot
        self.place = place
    }

    /// - Throws: `WarehouseError.auditFailed` with the first difference.
    func run() throws {
        try equal(
            "sales", "SELECT count(*) FROM ods.sales", "SELECT count(*) FROM dmt.generation_sales_\(slot)")
        try equal(
            "(sale, sku) pairs",
            "SELECT count(*) FROM (SELECT DISTINCT sale_id, product_sku FROM ods.sales_items)",
            "SELECT count(*) FROM dmt.mart_lines_\(slot)")
        try equalSumsPerDay()
    }

    private func equal(_ what: String, _ expected: String, _ built: String) throws {
        let expected = try database.integer(expected) ?? 0
        let built = try database.integer(built) ?? 0
        if expected != built { throw failure("\(what): \(expected) in ods, \(built) in mart and orphans") }
    }

    /// Amounts and quantities of each day. Whole units and fractions are added apart: their sum may pass 64 bits.
    private func equalSumsPerDay() throws {
        let differences = try database.prepare(
            """
            WITH sold AS (
                SELECT substr(sale.datetime, 1, 10) AS day, sum(item.amount / 10000) AS units,
                       sum(item.amount % 10000) AS fractions, sum(item.quantity) AS quantity
                FROM ods.sales AS sale JOIN ods.sales_items AS item ON item.sale_id = sale.id GROUP BY day),
            built AS (
                SELECT substr(sales_datetime, 1, 10) AS day, sum(item_amount / 10000) AS units,
                       sum(item_amount % 10000) AS fractions, sum(item_quantity) AS quantity
                FROM dmt.mart_lines_\(slot) GROUP BY day)
            SELECT sold.day FROM sold LEFT JOIN built ON built.day = sold.day
            WHERE sold.quantity IS NOT built.quantity
               OR sold.units + (sold.fractions - built.fractions) / 10000 IS NOT built.units
               OR (sold.fractions - built.fractions) % 10000 <> 0
            UNION ALL
            SELECT built.day FROM built LEFT JOIN sold ON sold.day = built.day WHERE sold.day IS NULL
            LIMIT 1
            """)
        if try differences.step() {
            throw failure("sums of \(differences.text(at: 0)) differ between ods and the mart with its orphans")
        }
    }

    private func failure(_ what: String) -> WarehouseError {
        WarehouseError(
            code: .auditFailed, what: "the new generation of the mart failed its audit: \(what)", place: place,
            remedy: "the old generation is still served; report this with the figures above")
    }
}
