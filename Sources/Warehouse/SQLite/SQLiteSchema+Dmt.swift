extension SQLiteSchema {
    /// `dmt`: what analysts read. All that its views need is in this one file.
    ///
    /// The mart exists in two slots, 0 and 1; `generation` points at the one that is served, the other is built aside.
    /// A flip is one update of that row, so that readers never see a change of schema or a half-built mart.
    static let dmt = SQLiteSchema(
        name: "dmt",
        migrations: [
            """
            CREATE TABLE dmt.generation (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                slot INTEGER NOT NULL CHECK (slot IN (0, 1)),
                number INTEGER NOT NULL,
                sales INTEGER NOT NULL,
                rows INTEGER NOT NULL,
                orphans INTEGER NOT NULL,
                SYS_DATE_CREATE TEXT
            );
            INSERT INTO dmt.generation VALUES (1, 0, 0, 0, 0, 0, NULL);
            \([0, 1].map(slot).joined(separator: "\n"))

            -- One row per (sale, sku). Decimals are the nearest REAL of the exact integers beneath.
            CREATE VIEW dmt.sales_items AS
            \([0, 1].map(servedItems).joined(separator: "\nUNION ALL\n"));
            CREATE VIEW dmt.sales_final AS SELECT * FROM sales_items;

            -- One row per (sale, sku) that is not in the mart, with the first reason that holds.
            CREATE VIEW dmt.orphans AS
            \([0, 1].map(servedOrphans).joined(separator: "\nUNION ALL\n"));
            """
        ])

    /// The tables of one slot: every line of every sale, by (sale, sku). A row with an orphan_reason is no row of the
    /// mart; only such a row has customer_id and since. Amounts in 1/10,000, discount_perc in 1/100 of a percent.
    /// generation_sales names the revision of every sale that the generation was built from, also of one without lines.
    private static func slot(_ slot: Int) -> String {
        """
        CREATE TABLE dmt.mart_lines_\(slot) (
            sale_id INTEGER NOT NULL,
            product_sku TEXT NOT NULL,
            sales_datetime TEXT NOT NULL,
            item_amount INTEGER NOT NULL,
            item_quantity INTEGER NOT NULL,
            product_description TEXT,
            discount_perc INTEGER,
            orphan_reason TEXT,
            customer_id TEXT,
            since TEXT,
            PRIMARY KEY (sale_id, product_sku)
        ) WITHOUT ROWID;
        CREATE INDEX dmt.mart_lines_\(slot)_orphans ON mart_lines_\(slot)(orphan_reason)
            WHERE orphan_reason IS NOT NULL;
        CREATE TABLE dmt.generation_sales_\(slot) (
            sale_id INTEGER PRIMARY KEY,
            revision INTEGER NOT NULL
        );
        """
    }

    private static func servedItems(_ slot: Int) -> String {
        """
        SELECT sale_id || '-' || product_sku AS id, sales_datetime, item_amount / 10000.0 AS item_amount, product_sku,
               item_quantity, product_description, discount_perc / 100.0 AS discount_perc
        FROM mart_lines_\(slot) WHERE orphan_reason IS NULL AND (SELECT slot FROM generation) = \(slot)
        """
    }

    private static func servedOrphans(_ slot: Int) -> String {
        """
        SELECT sale_id, product_sku, customer_id, orphan_reason AS reason, since
        FROM mart_lines_\(slot) WHERE orphan_reason IS NOT NULL AND (SELECT slot FROM generation) = \(slot)
        """
    }
}
