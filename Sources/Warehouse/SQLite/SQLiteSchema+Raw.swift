internal import Retail

extension SQLiteSchema {
    /// `raw`: the master dataset, every record's bytes unchanged. Nothing here is ever updated.
    static let raw = SQLiteSchema(
        name: "raw",
        migrations: [
            """
            -- A record of the sales topic. (log, partition, offset) is its place; version orders records of one sale;
            -- timestamp is Kafka's, in milliseconds. payload is NULL for a record without a value.
            CREATE TABLE raw.sales (
                log INTEGER NOT NULL,
                topic TEXT NOT NULL,
                partition INTEGER NOT NULL,
                offset INTEGER NOT NULL,
                version INTEGER NOT NULL,
                timestamp INTEGER NOT NULL,
                payload BLOB,
                is_json INTEGER NOT NULL,
                SYS_FILE_NAME TEXT,
                SYS_DATE_CREATE TEXT NOT NULL,
                PRIMARY KEY (log, partition, offset)
            ) WITHOUT ROWID;

            -- How far this file has read each partition, kept in the transaction of its rows.
            CREATE TABLE raw.offsets (
                log INTEGER NOT NULL,
                partition INTEGER NOT NULL,
                next_offset INTEGER NOT NULL,
                PRIMARY KEY (log, partition)
            ) WITHOUT ROWID;

            -- One full refresh of a catalogue: its proof, and the keys it held. keys is a JSON array in key order;
            -- NULL when they are those of snapshot keys_as.
            CREATE TABLE raw.snapshots (
                snapshot_id INTEGER PRIMARY KEY,
                endpoint TEXT NOT NULL,
                pages INTEGER NOT NULL,
                row_count INTEGER NOT NULL,
                declared_total INTEGER,
                sweeps INTEGER NOT NULL,
                proof TEXT NOT NULL,
                keys_digest INTEGER NOT NULL,
                keys TEXT,
                keys_as INTEGER REFERENCES snapshots(snapshot_id),
                answered_at INTEGER NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL
            );

            -- The catalogue's rows as served; a row that did not change since the last snapshot is not kept again.
            -- key is NULL when the row has none that can be used.
            CREATE TABLE raw.products (
                record_id INTEGER PRIMARY KEY,
                snapshot_id INTEGER NOT NULL REFERENCES snapshots(snapshot_id),
                key TEXT,
                payload BLOB NOT NULL,
                payload_hash INTEGER NOT NULL,
                is_json INTEGER NOT NULL,
                SYS_FILE_NAME TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL
            );
            CREATE INDEX raw.products_key ON products(key, record_id);
            CREATE TABLE raw.customers (
                record_id INTEGER PRIMARY KEY,
                snapshot_id INTEGER NOT NULL REFERENCES snapshots(snapshot_id),
                key TEXT,
                payload BLOB NOT NULL,
                payload_hash INTEGER NOT NULL,
                is_json INTEGER NOT NULL,
                SYS_FILE_NAME TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL
            );
            CREATE INDEX raw.customers_key ON customers(key, record_id);

            \(apiView("sales", columns: ["log", "topic", "partition", "offset", "version"],
                fields: ["id", "datetime", "total_amount", "customer_id", "items"]))
            \(apiView("products", columns: ["snapshot_id"],
                fields: ["product_sku", "description", "unit_amount", "supplier"]))
            \(apiView("customers", columns: ["snapshot_id"], fields: ["customer_id", "emails", "phone_numbers"]))
            """,
            """
            -- Where the records of an hour (of their versions, since 1970) lie: between these offsets, others among them.
            -- It tells where to count, never how many there are.
            CREATE TABLE raw.hours (
                log INTEGER NOT NULL,
                partition INTEGER NOT NULL,
                hour INTEGER NOT NULL,
                first_offset INTEGER NOT NULL,
                last_offset INTEGER NOT NULL,
                PRIMARY KEY (hour, log, partition)
            ) WITHOUT ROWID;
            INSERT INTO raw.hours
            SELECT log, partition, version / \(RecordHour.microseconds), min(offset), max(offset)
            FROM raw.sales GROUP BY 1, 2, 3;
            """,
            """
            -- Why a snapshot was not believed; NULL when it was.
            ALTER TABLE raw.snapshots ADD COLUMN objection TEXT;
            -- Those that somebody believed all the same.
            CREATE TABLE raw.accepted_snapshots (
                snapshot_id INTEGER PRIMARY KEY REFERENCES snapshots(snapshot_id),
                SYS_DATE_CREATE TEXT NOT NULL
            );
            """,
        ])

    /// A view that shows the payload's fields as strings, numbers in their exact text, and NULLs for a bad row.
    private static func apiView(_ table: String, columns: [String], fields: [String]) -> String {
        let shown = fields.map { field in
            """
            CASE WHEN json_type(document, '$.\(field)') = 'text' THEN document ->> '$.\(field)'
                 ELSE nullif(document -> '$.\(field)', 'null') END AS \(field)
            """
        }
        let kept = (columns + ["SYS_FILE_NAME", "SYS_DATE_CREATE"]).joined(separator: ", ")
        return """
            CREATE VIEW raw.\(table)_api AS
            SELECT \(columns.joined(separator: ", ")),
                   \(shown.joined(separator: ",\n       ")),
                   SYS_FILE_NAME, SYS_DATE_CREATE
            FROM (SELECT \(kept),
                         CASE WHEN is_json AND json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) END
                             AS document
                  FROM \(table));
            """
    }
}
