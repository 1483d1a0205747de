internal import SQLite

/// What an audit compares: how many lines there are by (sale, sku), and what they sum up to on each day.
struct MartSums: Sendable {
    /// The lines of one day. Whole units and fractions of amounts are added apart, because their sum may pass 64 bits.
    struct Day: Sendable, Equatable {
        var units: Int64
        /// In 1/10,000, from 0 to 9,999.
        var fraction: Int64
        var quantity: Int64

        init(units: Int64, fractions: Int64, quantity: Int64) {
            let rest = (fractions % 10_000 + 10_000) % 10_000
            self.units = units + (fractions - rest) / 10_000
            self.fraction = rest
            self.quantity = quantity
        }
    }

    private(set) var lines: Int64 = 0
    private(set) var sales: Int64 = 0
    private(set) var days: [String: Day] = [:]
    /// Of a built slot: rows of the mart whose discount can't be computed. Not compared.
    private(set) var withoutDiscount: Int64 = 0

    /// As ods has them.
    static func sold(_ database: Database) throws -> MartSums {
        var sums = MartSums()
        sums.sales = try database.integer("SELECT count(*) FROM ods.sales") ?? 0
        sums.lines =
            try database.integer(
                "SELECT count(*) FROM (SELECT DISTINCT sale_id, product_sku FROM ods.sales_items)") ?? 0
        try sums.read(
            database,
            """
            SELECT substr(sale.datetime, 1, 10) AS day, sum(item.amount / 10000), sum(item.amount % 10000),
                   sum(item.quantity)
            FROM ods.sales AS sale JOIN ods.sales_items AS item ON item.sale_id = sale.id GROUP BY day
            """)
        return sums
    }

    /// As a slot of the mart has them, orphans included: of the sales with ids within a range.
    static func built(_ database: Database, slot: Int64, sales: ClosedRange<Int64>) throws -> MartSums {
        let range = "sale_id BETWEEN \(sales.lowerBound) AND \(sales.upperBound)"
        var sums = MartSums()
        sums.sales = try database.integer("SELECT count(*) FROM dmt.generation_sales_\(slot) WHERE \(range)") ?? 0
        try sums.read(
            database,
            """
            SELECT substr(sales_datetime, 1, 10) AS day, sum(item_amount / 10000), sum(item_amount % 10000),
                   sum(item_quantity), count(*),
                   count(CASE WHEN discount_perc IS NULL AND orphan_reason IS NULL THEN 1 END)
            FROM dmt.mart_lines_\(slot) WHERE \(range) GROUP BY day
            """)
        return sums
    }

    /// The sums of sales apart, together.
    static func + (left: MartSums, right: MartSums) -> MartSums {
        var sums = left
        sums.sales += right.sales
        sums.lines += right.lines
        sums.withoutDiscount += right.withoutDiscount
        sums.days.merge(right.days) { first, second in
            Day(
                units: first.units + second.units, fractions: first.fraction + second.fraction,
                quantity: first.quantity + second.quantity)
        }
        return sums
    }

    private mutating func read(_ database: Database, _ sql: String) throws {
        let rows = try database.prepare(sql)
        while try rows.step() {
            days[rows.text(at: 0)] = Day(
                units: rows.integer(at: 1), fractions: rows.integer(at: 2), quantity: rows.integer(at: 3))
            guard rows.columnCount > 4 else { continue }
            lines += rows.integer(at: 4)
            withoutDiscount += rows.integer(at: 5)
        }
    }

    /// The first thing in which a built slot differs from what was sold, in words; nil when they are equal.
    static func difference(sold: MartSums, built: MartSums) -> String? {
        if sold.sales != built.sales { return "sales: \(sold.sales) in ods, \(built.sales) in the new generation" }
        if sold.lines != built.lines {
            return "(sale, sku) pairs: \(sold.lines) in ods, \(built.lines) in mart and orphans"
        }
        let days = Set(sold.days.keys).union(built.days.keys).sorted()
        return days.first { sold.days[$0] != built.days[$0] }.map {
            "sums of \($0) differ between ods and the mart with its orphans"
        }
    }
}
