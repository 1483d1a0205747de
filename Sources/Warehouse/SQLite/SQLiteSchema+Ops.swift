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
            """,
            """
            -- The balance of each hour (UTC, YYYY-MM-DDTHH) of what was published: what extraction counted, and what the
            -- layers hold. state: balanced, different, accepted, open, not_counted. missing: the first sales that are
            -- neither in ods nor among the rejects. The counts of the layers are NULL while they were not counted.
            CREATE TABLE ops.balance (
                topic TEXT NOT NULL,
                cluster TEXT NOT NULL,
                hour TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('balanced', 'different', 'accepted', 'open', 'not_counted')),
                published INTEGER NOT NULL,
                records INTEGER,
                foreign_records INTEGER,
                sales INTEGER,
                stored INTEGER,
                refused INTEGER,
                missing TEXT,
                reason TEXT,
                SYS_DATE_CREATE TEXT NOT NULL,
                SYS_DATE_UPDATE TEXT NOT NULL,
                PRIMARY KEY (topic, cluster, hour)
            ) WITHOUT ROWID;
            """,
        ])
}
