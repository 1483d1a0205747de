extension SettingKey {
    /// Every key, in the order of the reference file.
    ///
    /// Not among them: `kafka.properties.*`, whose names are librdkafka's, and the API's key, which only the
    /// environment variable `RETAILFLOW_API_KEY` may hold.
    package static let all: [SettingKey] = [
        SettingKey(
            optional: "api.base_url", \.api.baseURL, .httpURL,
            help: "Where the source API is, such as https://retail.example/api/v1."),
        SettingKey(
            optional: "api.key_file", \.api.keyFile, .path,
            help: "A file that holds the API's key and nothing else. The environment variable RETAILFLOW_API_KEY, "
                + "which holds the key itself, goes before it. The key cannot be written here."),
        SettingKey("api.key_header", \.api.keyHeader, .headerName, help: "The header that carries the key."),
        SettingKey(
            "api.page_size", \.api.pageSize, .integer(1...250),
            help: "Rows asked for at once. The API may give fewer."),
        SettingKey(
            "api.timeout_seconds", \.api.timeoutMilliseconds, .seconds(100...3_600_000),
            help: "How long one request may take, from the connection to the last byte."),
        SettingKey(
            "api.retries", \.api.retries, .integer(0...100),
            help: "How often a failed request is tried again before a command gives up."),
        SettingKey(
            "api.backoff_seconds", \.api.backoffMilliseconds, .seconds(0...300_000),
            help: "The wait before the first retry; it doubles with each one and varies a little."),
        SettingKey(
            "api.time_zone", \.api.timeZone, .timeZone,
            help: "The zone of the API's times of sale, which come without one."),

        SettingKey(
            "kafka.bootstrap_servers", \.kafka.bootstrapServers,
            .parsed("host:port separated by commas, or embedded", { BootstrapServers($0) }, write: \.description),
            help: "Brokers of the Kafka cluster, or embedded: a broker inside this process, which forgets all when "
                + "it ends. Good for a first look, not for data that matters."),
        SettingKey(
            "kafka.group", \.kafka.group, .identifier,
            help: "The consumer group of ingestion. Its offsets say what was read; resetting them replays."),
        SettingKey("kafka.sales_topic", \.kafka.salesTopic, .topicName, help: "The topic of the sales."),
        SettingKey(
            "kafka.state_topic", \.kafka.stateTopic, .topicName,
            help: "The compacted topic in which extraction keeps its cursor."),

        SettingKey(
            "warehouse.url", \.warehouse.url,
            .parsed(
                "sqlite:DIR or postgresql://…", isSensitive: true, { WarehouseURL($0) }, write: \.description),
            help: "sqlite:DIR keeps raw.db, ods.db, dmt.db and ops.db in DIR; postgresql://… is a database. A "
                + "password belongs into the environment variable RETAILFLOW_WAREHOUSE_URL, or in libpq's own "
                + "password file."),

        SettingKey(
            "ingest.batch_records", \.ingest.batchRecords, .integer(1...1_000_000),
            help: "A batch is written when it has so many records,"),
        SettingKey(
            "ingest.batch_milliseconds", \.ingest.batchMilliseconds, .integer(1...60_000),
            help: "or after so long,"),
        SettingKey(
            "ingest.idle_milliseconds", \.ingest.idleMilliseconds, .integer(0...60_000),
            help: "or when nothing more came for so long."),
        SettingKey(
            optional: "ingest.instance_id", \.ingest.instanceID, .identifier,
            help: "A name for this process in the consumer group, unique there: after a quick restart it gets its "
                + "partitions back without a rebalance."),
        SettingKey(
            "ingest.max_reject_percent", \.ingest.rejectPercentMax, .percent(0...100),
            help: "Ingestion stops when more than this share of the last 10,000 records is newly rejected."),
        SettingKey(
            "ingest.max_consecutive_rejects", \.ingest.consecutiveRejectsMax, .integer(1...1_000_000),
            help: "Ingestion stops after so many rejected records in a row."),

        SettingKey(
            "extract.poll_seconds", \.extract.pollMilliseconds, .seconds(10...3_600_000),
            help: "While following, the wait after a page that was not full."),
        SettingKey(
            "extract.schedule", \.extract.schedule, .cron,
            help:
                "When extraction runs in retailflow run, as a cron line such as 0 * * * * for every hour, in the time of "
                + "api.time_zone. none: it follows, always."
        ),
        SettingKey(
            optional: "extract.start_sales_id", \.extract.start,
            .parsed("a sale id or a date YYYY-MM-DD", { SalesStartPoint($0) }, write: \.description),
            help: "Where the very first extraction begins: a sale id, or a date for the first sale of that day. Not "
                + "set: the current date. Later runs go on where the last one ended."),
        SettingKey(
            "extract.overlap_sales", \.extract.overlapSales, .integer(0...1_000_000),
            help: "So many of the last sales are asked again, every minute and at the end of a run, for those that "
                + "became visible late or changed."),
        SettingKey(
            "extract.resweep_days", \.extract.resweepDays, .integer(0...3_650),
            help: "So many of the last days are listed again by the resweep and compared with the warehouse: what is "
                + "new or changed is published, what the API no longer serves is reported. 0: none."),
        SettingKey(
            "extract.resweep_schedule", \.extract.resweepSchedule, .cron,
            help: "When the resweep runs, as a cron line in the time of api.time_zone. One that was missed, and that "
                + "of a program that runs now and then, is done by the next extraction of sales. none: never."),
        SettingKey(
            optional: "extract.archive_directory", \.extract.archiveDirectory, .path,
            help: "A directory that keeps every page of the API as a file, exactly as served, and those that can't be "
                + "read with the reason beside them. Not set: none is kept."),

        SettingKey(
            "batch.mart_schedule", \.batch.martSchedule, .cron,
            help:
                "When the mart is rebuilt by retailflow run, as a cron line in the time of api.time_zone. One that was "
                + "missed is made up for once. none: never by itself."),
        SettingKey(
            "batch.catalogue_schedule", \.batch.catalogueSchedule, .cron,
            help:
                "When all products and customers are fetched, and the mart is rebuilt with them, by retailflow run, as a "
                + "cron line in the time of api.time_zone. One that was missed is made up for once. none: never by "
                + "itself."
        ),
        SettingKey(
            "batch.max_shrink_percent", \.batch.shrinkPercentMax, .percent(0...100),
            help:
                "A catalogue that shrank by more than this, against the last one or the largest of 7 days, is kept but "
                + "not applied until batch --accept-catalogue does."),
        SettingKey(
            "batch.allow_missing_customer", \.batch.allowsMissingCustomer, .boolean,
            help: "Whether sales without a customer are in the mart. false: they are listed as orphans."),

        SettingKey(
            "serve.address", \.serve.address,
            .parsed("host:port", { HostPort($0) }, write: \.description),
            help:
                "Where retailflow run serves /metrics, /healthz and /readyz, the address in numbers. Whoever reaches it "
                + "may read them."),

        SettingKey(
            optional: "log.format", \.log.format, .word,
            help: "How log lines look. Not set: text on a terminal, else json. --log-format goes before it."),
        SettingKey(
            "log.level", \.log.level, .word,
            help: "The least level that is logged. --log-level goes before it."),
    ]
}
