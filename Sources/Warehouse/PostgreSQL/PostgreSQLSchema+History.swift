extension PostgreSQLSchema {
    /// Every version of a product and of a customer that was served, in microseconds of UTC.
    static let odsHistory =
        PostgreSQLDefinition.table(
            "ods.products_history",
            "Every version of a product that was served. Keyed by the end of its price, so that a new sale meets the "
                + "version it needs first.",
            [
                ("product_sku", "text COLLATE \"C\" NOT NULL", "The product's key."),
                ("price_to", "bigint NOT NULL", "Its price holds before; one that is closed holds on until the next."),
                ("price_from", "bigint NOT NULL", "From when its price holds; the earliest version reaches back."),
            ] + period + [
                ("description", "text NOT NULL", "What it is."),
                ("unit_amount", "bigint NOT NULL", "The price of one piece, in 1/10,000."),
                ("supplier", "text", "Who supplies it."),
                ("updated_at", "bigint", "When the API says that it changed; microseconds of UTC."),
            ] + origin, ["PRIMARY KEY (product_sku, price_to)"])
        + PostgreSQLDefinition.table(
            "ods.customers_history", "Every version of a customer that was served.",
            [("customer_id", "text COLLATE \"C\" NOT NULL", "The customer's key.")] + period + [
                ("emails", "text NOT NULL", "A JSON array of strings."),
                ("phone_numbers", "text NOT NULL", "A JSON array of strings."),
            ] + origin, ["PRIMARY KEY (customer_id, valid_from)"])
        + PostgreSQLDefinition.table(
            "ods.catalogue_version", "Which catalogues ods holds, in one number.",
            [
                ("\"only\"", "integer PRIMARY KEY CHECK (\"only\" = 1)", "There is one row."),
                ("version", "bigint NOT NULL", "Raised by each merge that changed anything in products or customers."),
            ])
        + "INSERT INTO ods.catalogue_version VALUES (1, 0);\n"

    private static let period: [PostgreSQLDefinition.Column] = [
        ("valid_from", "bigint NOT NULL", "From when it was served; microseconds of UTC."),
        ("valid_to", "bigint", "Until when; NULL while it is served."),
    ]

    private static let origin: [PostgreSQLDefinition.Column] = [
        ("content_hash", "bigint NOT NULL", "A hash of the row's values."),
        ("snapshot_id", "bigint NOT NULL", "The snapshot that began it."),
        ("catalogue_version", "bigint NOT NULL", "Of ods.catalogue_version, behind the merge that began it."),
        ("SYS_FILE_NAME", "text NOT NULL", "The page file that it came in."),
        ("SYS_DATE_CREATE", "timestamptz NOT NULL", "When it was written here."),
        ("SYS_DATE_UPDATE", "timestamptz NOT NULL", "When it was last changed: begun or ended."),
    ]
}
