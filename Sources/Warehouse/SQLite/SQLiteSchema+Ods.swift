extension SQLiteSchema {
    /// `ods`: the present state of each sale, product and customer, typed and checked. Money is in 1/10,000.
    static let ods = SQLiteSchema(
        name: "ods",
        migrations: [
            """
            -- datetime is local time in api.time_zone, instant the same moment in seconds of UTC. (version, log,
            -- partition, offset) is the record that decided the row; revision counts real changes of its content.
            CREATE TABLE ods.sales (
                id INTEGER PRIMARY KEY,
                datetime TEXT NOT NULL,
                instant INTEGER NOT NULL,
                total_amount INTEGER,
                customer_id TEXT,
                version INTEGER NOT NULL,
                revision INTEGER NOT NULL,
                content_hash INTEGER NOT NULL,
                log INTEGER NOT NULL,
                partition INTEGER NOT NULL,
                offset INTEGER NOT NULL,
                SYS_FILE_NAME TEXT,
                SYS_DATE_CREATE TEXT NOT NULL,
                SYS_DATE_UPDATE TEXT NOT NULL
            );
            -- line counts from 0 in the order of the sale. Keyed by sku first, so that the mart reads it in order.
            CREATE TABLE ods.sales_items (
                sale_id INTEGER NOT NULL REFERENCES sales(id),
                product_sku TEXT NOT NULL,
                line INTEGER NOT NULL,
                quantity INTEGER NOT NULL,
                amount INTEGER NOT NULL,
                PRIMARY KEY (sale_id, product_sku, line)
            ) WITHOUT ROWID;

            -- One row per distinct refused content. state: open, pending_correction, superseded. reasons: a JSON array.
            CREATE TABLE ods.sales_rejects (
                reject_id INTEGER PRIMARY KEY,
                content_hash INTEGER NOT NULL UNIQUE,
                sale_id INTEGER,
                version INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'pending_correction', 'superseded')),
                reasons TEXT NOT NULL,
                payload BLOB,
                code_version TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL
            );
            CREATE INDEX ods.sales_rejects_sale ON sales_rejects(sale_id) WHERE sale_id IS NOT NULL;
            CREATE TABLE ods.sales_reject_positions (
                log INTEGER NOT NULL,
                partition INTEGER NOT NULL,
                offset INTEGER NOT NULL,
                reject_id INTEGER NOT NULL REFERENCES sales_rejects(reject_id),
                version INTEGER NOT NULL,
                SYS_FILE_NAME TEXT,
                PRIMARY KEY (log, partition, offset)
            ) WITHOUT ROWID;
            CREATE INDEX ods.sales_reject_positions_reject ON sales_reject_positions(reject_id);

            -- How far this file has read each partition, and the highest sale id seen there.
            CREATE TABLE ods.offsets (
                log INTEGER NOT NULL,
                topic TEXT NOT NULL,
                partition INTEGER NOT NULL,
                next_offset INTEGER NOT NULL,
                highest_sale_id INTEGER,
                PRIMARY KEY (log, partition)
            ) WITHOUT ROWID;

            -- The state of the guard against floods of rejects (JSON).
            CREATE TABLE ods.ingest_state (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                breaker TEXT NOT NULL
            );

            -- SYS_DATE_DELETE: when the row was missing from a believed catalogue; NULL while it is served.
            CREATE TABLE ods.products (
                product_sku TEXT PRIMARY KEY,
                description TEXT NOT NULL,
                unit_amount INTEGER NOT NULL,
                supplier TEXT,
                updated_at INTEGER,
                content_hash INTEGER NOT NULL,
                snapshot_id INTEGER NOT NULL,
                SYS_FILE_NAME TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL,
                SYS_DATE_UPDATE TEXT NOT NULL,
                SYS_DATE_DELETE TEXT
            ) WITHOUT ROWID;
            -- emails and phone_numbers: JSON arrays of strings.
            CREATE TABLE ods.customers (
                customer_id TEXT PRIMARY KEY,
                emails TEXT NOT NULL,
                phone_numbers TEXT NOT NULL,
                content_hash INTEGER NOT NULL,
                snapshot_id INTEGER NOT NULL,
                SYS_FILE_NAME TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL,
                SYS_DATE_UPDATE TEXT NOT NULL,
                SYS_DATE_DELETE TEXT
            ) WITHOUT ROWID;
            -- Rows of a catalogue that are not valid; the product or customer keeps its last valid version.
            CREATE TABLE ods.catalogue_rejects (
                endpoint TEXT NOT NULL,
                payload_hash INTEGER NOT NULL,
                key TEXT,
                reasons TEXT NOT NULL,
                code_version TEXT NOT NULL,
                snapshot_id INTEGER NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL,
                PRIMARY KEY (endpoint, payload_hash)
            ) WITHOUT ROWID;
            -- The last snapshot of each endpoint that was merged into this file.
            CREATE TABLE ods.catalogue_state (
                endpoint TEXT PRIMARY KEY,
                snapshot_id INTEGER NOT NULL
            ) WITHOUT ROWID;

            CREATE VIEW ods.sales_clean AS
            SELECT id, datetime, total_amount / 10000.0 AS total_amount, customer_id, version, revision,
                   SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE
            FROM sales;
            CREATE VIEW ods.products_clean AS
            SELECT product_sku, description, unit_amount / 10000.0 AS unit_amount, supplier, SYS_DATE_DELETE IS NULL
                   AS is_served
            FROM products;
            CREATE VIEW ods.customers_clean AS
            SELECT customer_id, emails, phone_numbers, SYS_DATE_DELETE IS NULL AS is_served FROM customers;
            """,
            """
            -- What retries made of a refused content: how many refused it again, the last one and its program. And when
            -- each record of it was written; NULL where it was before this was noted.
            ALTER TABLE ods.sales_rejects ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE ods.sales_rejects ADD COLUMN last_tried TEXT;
            ALTER TABLE ods.sales_rejects ADD COLUMN tried_version TEXT;
            ALTER TABLE ods.sales_reject_positions ADD COLUMN SYS_DATE_CREATE TEXT;
            -- Rows whose deciding record is refused now, with their revision: one that returns goes on counting from
            -- there. is_searched: nothing older and valid was found in raw.
            CREATE TABLE ods.withdrawn_sales (
                sale_id INTEGER PRIMARY KEY,
                revision INTEGER NOT NULL,
                is_searched INTEGER NOT NULL
            );
            """,
            """
            -- Every version of a product and of a customer that was served, in microseconds of UTC: from valid_from until
            -- valid_to, NULL while it is served. price_from and price_to leave no moment without a price: the earliest
            -- version reaches back, one that is closed holds on until the next one. Keyed by their end, so that a new
            -- sale meets the version it needs first.
            CREATE TABLE ods.products_history (
                product_sku TEXT NOT NULL,
                price_to INTEGER NOT NULL,
                price_from INTEGER NOT NULL,
                valid_from INTEGER NOT NULL,
                valid_to INTEGER,
                description TEXT NOT NULL,
                unit_amount INTEGER NOT NULL,
                supplier TEXT,
                updated_at INTEGER,
                content_hash INTEGER NOT NULL,
                snapshot_id INTEGER NOT NULL,
                catalogue_version INTEGER NOT NULL,
                SYS_FILE_NAME TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL,
                SYS_DATE_UPDATE TEXT NOT NULL,
                PRIMARY KEY (product_sku, price_to)
            ) WITHOUT ROWID;
            CREATE TABLE ods.customers_history (
                customer_id TEXT NOT NULL,
                valid_from INTEGER NOT NULL,
                valid_to INTEGER,
                emails TEXT NOT NULL,
                phone_numbers TEXT NOT NULL,
                content_hash INTEGER NOT NULL,
                snapshot_id INTEGER NOT NULL,
                catalogue_version INTEGER NOT NULL,
                SYS_FILE_NAME TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL,
                SYS_DATE_UPDATE TEXT NOT NULL,
                PRIMARY KEY (customer_id, valid_from)
            ) WITHOUT ROWID;
            -- Raised by each merge that changed anything in products or customers; noted with the versions that it began.
            CREATE TABLE ods.catalogue_version (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                version INTEGER NOT NULL
            );
            INSERT INTO ods.catalogue_version VALUES (1, 0);
            -- What is there already is the first version of each row.
            INSERT INTO ods.products_history
            SELECT product_sku, 9223372036854775807, -9223372036854775808, valid_from, max(valid_from + 1, valid_to),
                   description, unit_amount, supplier, updated_at, content_hash, snapshot_id, 0, SYS_FILE_NAME,
                   SYS_DATE_CREATE, SYS_DATE_UPDATE
            FROM (SELECT *, min(\(microseconds("SYS_DATE_UPDATE")),
                                ifnull(updated_at, \(microseconds("SYS_DATE_UPDATE")))) AS valid_from,
                         \(microseconds("SYS_DATE_DELETE")) AS valid_to FROM ods.products);
            INSERT INTO ods.customers_history
            SELECT customer_id, valid_from, max(valid_from + 1, valid_to), emails, phone_numbers, content_hash,
                   snapshot_id, 0, SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE
            FROM (SELECT *, \(microseconds("SYS_DATE_UPDATE")) AS valid_from,
                         \(microseconds("SYS_DATE_DELETE")) AS valid_to FROM ods.customers);
            """,
        ])

    /// The microseconds of a time that was written as text; NULL of NULL.
    private static func microseconds(_ column: String) -> String {
        "(strftime('%s', substr(\(column), 1, 19)) * 1000000 + substr(\(column), 21, 3) * 1000)"
    }
}
