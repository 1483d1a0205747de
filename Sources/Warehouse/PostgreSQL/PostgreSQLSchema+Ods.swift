extension PostgreSQLSchema {
    /// `ods`: the present state of each sale, product and customer, typed and checked. Money is in 1/10,000.
    static let ods =
        """
        COMMENT ON SCHEMA ods IS 'The present state of each sale, product and customer, typed and checked.';

        """
        + odsSales + odsRejects + odsCatalogues + odsHistory
        + PostgreSQLDefinition.view(
            "ods.sales_clean", "The sales with amounts as decimals.",
            [
                ("id", "", "The sale id."), ("datetime", "", "Local time in api.time_zone."),
                ("total_amount", "", "The total as served."), ("customer_id", "", "The customer."),
                ("version", "", "Of the record that decided the row."), ("revision", "", "Counts real changes."),
                ("SYS_FILE_NAME", "", "The page file."), ("SYS_DATE_CREATE", "", "When the sale was first written."),
                ("SYS_DATE_UPDATE", "", "When its content last changed."),
            ],
            as: """
                SELECT id, datetime, (total_amount / 10000.0)::numeric(23, 4), customer_id, version, revision,
                       SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE
                FROM ods.sales
                """)
        + PostgreSQLDefinition.view(
            "ods.products_clean", "The products with amounts as decimals.",
            [
                ("product_sku", "", "The product's key."), ("description", "", "What it is."),
                ("unit_amount", "", "The price of one piece."), ("supplier", "", "Who supplies it."),
                ("is_served", "", "Whether the last believed catalogue had it."),
            ],
            as: """
                SELECT product_sku, description, (unit_amount / 10000.0)::numeric(23, 4), supplier,
                       SYS_DATE_DELETE IS NULL
                FROM ods.products
                """)
        + PostgreSQLDefinition.view(
            "ods.customers_clean", "The customers.",
            [
                ("customer_id", "", "The customer's key."), ("emails", "", "A JSON array of strings."),
                ("phone_numbers", "", "A JSON array of strings."),
                ("is_served", "", "Whether the last believed catalogue had it."),
            ], as: "SELECT customer_id, emails, phone_numbers, SYS_DATE_DELETE IS NULL FROM ods.customers")

    private static let odsSales =
        PostgreSQLDefinition.table(
            "ods.sales", "Each sale as its newest valid record has it.",
            [
                ("id", "bigint PRIMARY KEY", "The sale id."),
                ("datetime", "timestamp NOT NULL", "Local time in api.time_zone."),
                ("instant", "bigint NOT NULL", "The same moment in seconds of UTC."),
                ("total_amount", "bigint", "The total as served, in 1/10,000; NULL when missing."),
                ("customer_id", "text COLLATE \"C\"", "The customer; NULL for none."),
                ("version", "bigint NOT NULL", "Of the record that decided the row."),
                ("revision", "bigint NOT NULL", "Counts real changes of the row's content, from 1."),
                ("content_hash", "bigint NOT NULL", "A hash of the sale's values and lines."),
                ("log", "bigint NOT NULL", "Where the record that decided the row lies: its log,"),
                ("partition", "bigint NOT NULL", "its partition,"),
                ("\"offset\"", "bigint NOT NULL", "its offset."),
                ("SYS_FILE_NAME", "text", "The page file that the content came in."),
                ("SYS_DATE_CREATE", "timestamptz NOT NULL", "When the sale was first written here."),
                ("SYS_DATE_UPDATE", "timestamptz NOT NULL", "When its content last changed."),
            ])
        + PostgreSQLDefinition.table(
            "ods.sales_items", "The lines of the sales.",
            [
                ("sale_id", "bigint NOT NULL", "The sale: always one of ods.sales, written in one transaction."),
                ("product_sku", "text COLLATE \"C\" NOT NULL", "The product's key, as served."),
                ("line", "bigint NOT NULL", "Counts from 0 in the order of the sale."),
                ("quantity", "bigint NOT NULL", "How many pieces; negative for a return."),
                ("amount", "bigint NOT NULL", "The line's total, in 1/10,000."),
            ], ["PRIMARY KEY (sale_id, product_sku, line)"])
        + PostgreSQLDefinition.table(
            "ods.withdrawn_sales",
            "Sales whose deciding record is refused now, with their revision: one that returns goes on counting there.",
            [
                ("sale_id", "bigint PRIMARY KEY", "The sale id."),
                ("revision", "bigint NOT NULL", "The last revision that the row had; 0 when it has returned."),
                ("is_searched", "boolean NOT NULL", "Whether raw was searched for something older and valid."),
            ])
        + PostgreSQLDefinition.table(
            "ods.offsets", "How far this layer has read each partition, kept in the transaction of its rows.",
            [
                ("log", "bigint NOT NULL", "Which incarnation of the topic."),
                ("topic", "text NOT NULL", "The topic's name."),
                ("partition", "bigint NOT NULL", "The partition of the topic."),
                ("next_offset", "bigint NOT NULL", "The offset of the next record to read."),
                ("highest_sale_id", "bigint", "The highest valid sale id seen there."),
            ], ["PRIMARY KEY (log, partition)"])
        + PostgreSQLDefinition.table(
            "ods.ingest_state", "What ingestion wants to find again after a restart.",
            [
                ("\"only\"", "integer PRIMARY KEY CHECK (\"only\" = 1)", "There is one row."),
                ("breaker", "text NOT NULL", "The state of the guard against floods of rejects (JSON)."),
            ])

    private static let odsRejects =
        PostgreSQLDefinition.table(
            "ods.sales_rejects", "Refused records of the sales topic: one row per distinct content.",
            [
                ("reject_id", "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "Its number."),
                ("content_hash", "bigint NOT NULL UNIQUE", "A hash of the record's bytes."),
                ("sale_id", "bigint", "The sale id, where the record has a usable one."),
                ("version", "bigint NOT NULL", "The highest version that came with this content."),
                (
                    "state",
                    "text NOT NULL CHECK (state IN ('open', 'pending_correction', 'superseded'))",
                    "open: no valid row; pending_correction: an older valid row; superseded: a newer record decides."
                ),
                ("reasons", "json NOT NULL", "Why it is refused: [{\"code\", \"field\", \"message\"}, …]."),
                ("payload", "bytea", "The record's value; NULL for a record without one."),
                ("code_version", "text NOT NULL", "Which program refused it last."),
                ("SYS_DATE_CREATE", "timestamptz NOT NULL", "When it was first refused."),
                ("tries", "bigint NOT NULL DEFAULT 0", "How many retries have refused it again."),
                ("last_tried", "timestamptz", "When the last of these retries began."),
                ("tried_version", "text", "Which program tried it last."),
            ])
        + "CREATE INDEX sales_rejects_sale ON ods.sales_rejects (sale_id) WHERE sale_id IS NOT NULL;\n"
        + PostgreSQLDefinition.table(
            "ods.sales_reject_positions", "The records that refused contents came in.",
            [
                ("log", "bigint NOT NULL", "Which incarnation of the topic."),
                ("partition", "bigint NOT NULL", "The partition of the topic."),
                ("\"offset\"", "bigint NOT NULL", "The place in the partition."),
                ("reject_id", "bigint NOT NULL REFERENCES ods.sales_rejects", "The content."),
                ("version", "bigint NOT NULL", "The record's version."),
                ("SYS_FILE_NAME", "text", "The page file that it came in; NULL from other producers."),
                ("SYS_DATE_CREATE", "timestamptz", "When it was written here."),
            ], ["PRIMARY KEY (log, partition, \"offset\")"])
        + "CREATE INDEX sales_reject_positions_reject ON ods.sales_reject_positions (reject_id);\n"

    private static let odsCatalogues =
        PostgreSQLDefinition.table(
            "ods.products", "Each product as its newest valid row has it.",
            [
                ("product_sku", "text COLLATE \"C\" PRIMARY KEY", "The product's key."),
                ("description", "text NOT NULL", "What it is."),
                ("unit_amount", "bigint NOT NULL", "The price of one piece, in 1/10,000."),
                ("supplier", "text", "Who supplies it."),
                ("updated_at", "bigint", "When the API says that it changed; microseconds of UTC."),
            ] + odsCatalogueColumns)
        + PostgreSQLDefinition.table(
            "ods.customers", "Each customer as its newest valid row has it.",
            [
                ("customer_id", "text COLLATE \"C\" PRIMARY KEY", "The customer's key."),
                ("emails", "text NOT NULL", "A JSON array of strings."),
                ("phone_numbers", "text NOT NULL", "A JSON array of strings."),
            ] + odsCatalogueColumns)
        + PostgreSQLDefinition.table(
            "ods.catalogue_rejects",
            "Rows of a catalogue that are not valid; the product or customer keeps its last valid version.",
            [
                ("endpoint", "text NOT NULL", "products or customers."),
                ("payload_hash", "bigint NOT NULL", "A hash of the row's bytes."),
                ("key", "text COLLATE \"C\"", "The row's own key; NULL when it has none that can be used."),
                ("reasons", "json NOT NULL", "Why it is refused."),
                ("code_version", "text NOT NULL", "Which program refused it."),
                ("snapshot_id", "bigint NOT NULL", "The snapshot that had it."),
                ("SYS_DATE_CREATE", "timestamptz NOT NULL", "When it was first refused."),
            ], ["PRIMARY KEY (endpoint, payload_hash)"])
        + PostgreSQLDefinition.table(
            "ods.catalogue_state", "The last snapshot of each catalogue that was merged.",
            [
                ("endpoint", "text PRIMARY KEY", "products or customers."),
                ("snapshot_id", "bigint NOT NULL", "The snapshot's number."),
            ])

    private static let odsCatalogueColumns: [PostgreSQLDefinition.Column] = [
        ("content_hash", "bigint NOT NULL", "A hash of the row's values."),
        ("snapshot_id", "bigint NOT NULL", "The snapshot that the content is of."),
        ("SYS_FILE_NAME", "text NOT NULL", "The page file that the content came in."),
        ("SYS_DATE_CREATE", "timestamptz NOT NULL", "When it was first written here."),
        ("SYS_DATE_UPDATE", "timestamptz NOT NULL", "When its content last changed."),
        ("SYS_DATE_DELETE", "timestamptz", "When a believed catalogue lacked it; NULL while it is served."),
    ]
}
