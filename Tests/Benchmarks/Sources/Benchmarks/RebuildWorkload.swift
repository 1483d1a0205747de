import Foundation

/// The mart from ods: `retailflow batch --only rebuild`, which audits and flips besides, against the bare SQL in the
/// sqlite3 shell.
struct RebuildWorkload {
    let workplace: Workplace

    func run() throws {
        let options = workplace.options
        try workplace.fill(IngestWorkload.topic)
        let warehouse = try workplace.emptyWarehouse("rebuild.program")
        let settings = ["warehouse.url": "sqlite:\(warehouse)"]
        _ = try workplace.ingestSales(from: IngestWorkload.topic, group: "rebuild", to: warehouse)
        _ = try workplace.retailflow(["extract", "--endpoint", "products"], settings: settings)
        _ = try workplace.retailflow(["extract", "--endpoint", "customers"], settings: settings)
        let copy = "\(workplace.directory)/rebuild.reference"
        try FileManager.default.copyItem(atPath: warehouse, toPath: copy)

        let comparison = try Comparison(
            pairs: options.repetitions,
            program: { _ in try workplace.retailflow(["batch", "--only", "rebuild"], settings: settings) },
            reference: { _ in try workplace.sqlite(rebuild(copy)) })
        try compare(warehouse, copy)
        comparison.report("rebuild", units: options.sales, unit: "sales")
        try workplace.remove(warehouse)
        try workplace.remove(copy)
    }

    private func compare(_ warehouse: String, _ copy: String) throws {
        let output = try workplace.sqlite(
            """
            ATTACH '\(warehouse)/dmt.db' AS program;
            ATTACH '\(copy)/dmt.db' AS reference;
            SELECT (SELECT count(*) FROM (SELECT * FROM program.sales_items EXCEPT SELECT * FROM reference.sales_items)),
                   (SELECT count(*) FROM program.sales_items) - (SELECT count(*) FROM reference.sales_items),
                   (SELECT count(*) FROM (SELECT * FROM program.orphans EXCEPT SELECT * FROM reference.orphans)),
                   (SELECT count(*) FROM program.orphans) - (SELECT count(*) FROM reference.orphans);
            """
        ).output.trimmed
        guard output == "0|0|0|0" else { throw BenchmarkError("the mart of the two programs differs: \(output)") }
    }

    /// Everything in one transaction, into the slot that is served.
    private func rebuild(_ warehouse: String) -> String {
        """
        ATTACH '\(warehouse)/ods.db' AS ods;
        ATTACH '\(warehouse)/dmt.db' AS dmt;
        PRAGMA dmt.synchronous = NORMAL;
        PRAGMA ods.cache_size = -16384;
        PRAGMA dmt.cache_size = -16384;
        PRAGMA temp_store = MEMORY;
        BEGIN;
        UPDATE dmt.generation SET slot = 0;
        DELETE FROM dmt.sales_items_0;
        DELETE FROM dmt.orphans_0;
        DELETE FROM dmt.generation_sales_0;
        INSERT INTO dmt.sales_items_0
        SELECT sale_id, product_sku, sales_datetime, item_amount, item_quantity, description,
               CASE WHEN base <> 0 THEN
                   (CASE WHEN (base < item_amount) = (base < 0) THEN 1 ELSE -1 END)
                   * (abs(10000 * (base - item_amount)) / abs(base)
                      + CASE WHEN abs(10000 * (base - item_amount)) % abs(base) * 2 >= abs(base) THEN 1 ELSE 0 END)
               END
        FROM (SELECT line.*, product.description,
                     CASE WHEN line.item_quantity = 0 OR abs(line.item_amount) > 400000000000000 THEN NULL
                          WHEN product.unit_amount > 400000000000000 / abs(line.item_quantity) THEN NULL
                          ELSE line.item_quantity * product.unit_amount END AS base
              FROM (\(lines)) AS line
              JOIN ods.products AS product ON product.product_sku = line.product_sku
              JOIN ods.customers AS customer ON customer.customer_id = line.customer_id);
        INSERT INTO dmt.orphans_0
        SELECT sale_id, product_sku, customer_id, reason, since, sales_datetime, item_amount, item_quantity
        FROM (SELECT line.*,
                     CASE WHEN line.customer_id IS NULL THEN 'no_customer'
                          WHEN customer.customer_id IS NULL THEN 'unknown_customer'
                          WHEN product.product_sku IS NULL THEN 'unknown_product' END AS reason
              FROM (\(lines)) AS line
              LEFT JOIN ods.products AS product ON product.product_sku = line.product_sku
              LEFT JOIN ods.customers AS customer ON customer.customer_id = line.customer_id)
        WHERE reason IS NOT NULL;
        INSERT INTO dmt.generation_sales_0 SELECT id, revision FROM ods.sales;
        COMMIT;
        """
    }

    private var lines: String {
        """
        SELECT sale.id AS sale_id, item.product_sku AS product_sku, sale.datetime AS sales_datetime,
               sale.customer_id AS customer_id, sale.SYS_DATE_CREATE AS since,
               sum(item.amount) AS item_amount, sum(item.quantity) AS item_quantity
        FROM ods.sales AS sale
        JOIN ods.sales_items AS item ON item.sale_id = sale.id
        GROUP BY sale.id, item.product_sku
        """
    }
}
