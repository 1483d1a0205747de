extension PostgreSQLSchema {
    /// `dmt`: what analysts read.
    ///
    /// The mart exists in two slots, 0 and 1; `generation` points at the one that is served, the other is built aside. A
    /// flip is one update of that row, so that readers never see a change of schema or a half-built mart.
    static let dmt =
        """
        COMMENT ON SCHEMA dmt IS 'The data mart: what analysts read.';

        """
        + PostgreSQLDefinition.table(
            "dmt.generation", "Which slot is served, in figures.",
            [
                ("\"only\"", "integer PRIMARY KEY CHECK (\"only\" = 1)", "There is one row."),
                ("slot", "bigint NOT NULL CHECK (slot IN (0, 1))", "The slot that is served."),
                ("number", "bigint NOT NULL", "Counts the generations; 0 before the first."),
                ("sales", "bigint NOT NULL", "The sales that it was built from."),
                ("rows", "bigint NOT NULL", "Its rows in the mart."),
                ("orphans", "bigint NOT NULL", "Its lines that stay out."),
                ("SYS_DATE_CREATE", "timestamptz", "When it was built; NULL before the first."),
            ])
        + "INSERT INTO dmt.generation VALUES (1, 0, 0, 0, 0, 0, NULL);\n"
        + [0, 1].map(slot).joined()
        + PostgreSQLDefinition.view(
            "dmt.sales_items", "The mart: one row per sale and product.", items,
            as: [0, 1].map(servedItems).joined(separator: "\nUNION ALL\n"))
        + PostgreSQLDefinition.view(
            "dmt.sales_final", "The same as dmt.sales_items.", items, as: "SELECT * FROM dmt.sales_items")
        + PostgreSQLDefinition.view(
            "dmt.orphans", "Lines that are not in the mart: one row per sale and product.",
            [
                ("sale_id", "", "The sale id."), ("product_sku", "", "The product's key."),
                ("customer_id", "", "The sale's customer."),
                ("reason", "", "The first that holds of no_customer, unknown_customer, unknown_product."),
                ("since", "", "When the sale was first ingested."),
            ], as: [0, 1].map(servedOrphans).joined(separator: "\nUNION ALL\n"))

    private static let items: [PostgreSQLDefinition.Column] = [
        ("id", "", "sale id-product key."), ("sales_datetime", "", "Local time of the sale."),
        ("item_amount", "", "What was paid for all pieces."), ("product_sku", "", "The product's key."),
        ("item_quantity", "", "How many pieces."), ("product_description", "", "What the product is."),
        ("discount_perc", "", "100 × (1 − amount ÷ (quantity × price)); NULL where that can't be computed."),
    ]

    private static func slot(_ slot: Int) -> String {
        PostgreSQLDefinition.table(
            "dmt.mart_lines_\(slot)",
            "Every line of every sale in slot \(slot), by (sale, product). A row with an orphan_reason is no row of the mart.",
            [
                ("sale_id", "bigint NOT NULL", "The sale id."),
                ("product_sku", "text COLLATE \"C\" NOT NULL", "The product's key."),
                ("sales_datetime", "timestamp NOT NULL", "Local time of the sale."),
                ("item_amount", "bigint NOT NULL", "The sum of the lines' amounts, in 1/10,000."),
                ("item_quantity", "bigint NOT NULL", "The sum of the lines' quantities."),
                ("product_description", "text", "What the product is."),
                ("discount_perc", "bigint", "In 1/100 of a percent."),
                ("orphan_reason", "text", "Why it is not in the mart; NULL when it is."),
                ("customer_id", "text COLLATE \"C\"", "Of an orphan: the sale's customer."),
                ("since", "timestamptz", "Of an orphan: when the sale was first ingested."),
            ], ["PRIMARY KEY (sale_id, product_sku)"])
                + """
                CREATE INDEX mart_lines_\(slot)_orphans ON dmt.mart_lines_\(slot) (orphan_reason)
                    WHERE orphan_reason IS NOT NULL;

                """
            + PostgreSQLDefinition.table(
                "dmt.generation_sales_\(slot)",
                "The revision of every sale that slot \(slot) was built from, also of one without lines.",
                [
                    ("sale_id", "bigint PRIMARY KEY", "The sale id."),
                    ("revision", "bigint NOT NULL", "The revision of its row in ods.sales."),
                ])
    }

    private static func servedItems(_ slot: Int) -> String {
        """
        SELECT sale_id || '-' || product_sku, sales_datetime, (item_amount / 10000.0)::numeric(23, 4), product_sku,
               item_quantity, product_description, (discount_perc / 100.0)::numeric(23, 2)
        FROM dmt.mart_lines_\(slot)
        WHERE orphan_reason IS NULL AND (SELECT generation.slot FROM dmt.generation) = \(slot)
        """
    }

    private static func servedOrphans(_ slot: Int) -> String {
        """
        SELECT sale_id, product_sku, customer_id, orphan_reason, since FROM dmt.mart_lines_\(slot)
        WHERE orphan_reason IS NOT NULL AND (SELECT generation.slot FROM dmt.generation) = \(slot)
        """
    }
}
