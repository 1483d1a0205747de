extension SQLiteSchema {
    /// `ops`: what the pipeline knows about itself.
    static let ops = SQLiteSchema(
        name: "ops",
        migrations: [
            """
            -- One incarnation of a topic. cluster is Kafka's cluster id; a topic made anew gets another row.
            CREATE TABLE ops.logs (
                log INTEGER PRIMARY KEY,
                topic TEXT NOT NULL,
                cluster TEXT NOT NULL,
                reason TEXT NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL
            );
            -- Each extract, ingest and batch: when, how it ended, its counts (JSON), its error.
            CREATE TABLE ops.runs (
                run_id INTEGER PRIMARY KEY,
                run TEXT NOT NULL,
                started TEXT NOT NULL,
                ended TEXT,
                outcome TEXT NOT NULL,
                counts TEXT NOT NULL,
                error TEXT
            );
            -- Ranges of offsets that were given up with --accept-loss: [first_offset, end_offset).
            CREATE TABLE ops.accepted_losses (
                log INTEGER NOT NULL,
                partition INTEGER NOT NULL,
                first_offset INTEGER NOT NULL,
                end_offset INTEGER NOT NULL,
                SYS_DATE_CREATE TEXT NOT NULL,
                PRIMARY KEY (log, partition, first_offset)
            ) WITHOUT ROWID;
            """
        ])
}
