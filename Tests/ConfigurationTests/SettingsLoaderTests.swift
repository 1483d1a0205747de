import Configuration
import Testing

@Suite("Settings")
struct SettingsLoaderTests {
    @Test("Without anything, every setting has its default")
    func defaults() throws {
        let settings = try SettingsLoader().load(file: nil, environment: [:], overrides: [])
        #expect(settings == Settings())
        #expect(settings.api.pageSize == 250)
        #expect(settings.kafka.bootstrapServers == .embedded)
        #expect(settings.kafka.group == "retailflow.ingest")
        #expect(settings.warehouse.url == .sqlite(directory: "./warehouse"))
        #expect(settings.ingest.batchRecords == 5_000)
        #expect(settings.extract.schedule == nil)
        #expect(settings.extract.resweepSchedule?.description == "30 3 * * *")
        #expect(settings.batch.martSchedule?.description == "0 * * * *")
        #expect(settings.batch.catalogueSchedule?.description == "0 0 * * *")
        #expect(settings.serve.address.description == "127.0.0.1:9464")
        #expect(settings.log.format == nil)
    }

    @Test("--set goes before the environment, the environment before the file, the file before the default")
    func precedence() throws {
        let yaml = "api:\n  page_size: 10\n  retries: 10\n  timeout_seconds: 10\n"
        let environment = ["RETAILFLOW_API_RETRIES": "20", "RETAILFLOW_API_TIMEOUT_SECONDS": "20"]
        let api = try settings(yaml: yaml, environment: environment, set: ["api.timeout_seconds=30.5"]).api
        #expect(api.pageSize == 10)
        #expect(api.retries == 20)
        #expect(api.timeoutMilliseconds == 30_500)
        #expect(api.backoffMilliseconds == 1_000)
    }

    @Test("Every key can be set by its variable and by --set to its own default", arguments: SettingKey.all.map(\.name))
    func everyKey(name: String) throws {
        let key = try #require(SettingKey.all.first { $0.name == name })
        guard let text = key.defaultText else { return }
        #expect(try settings(environment: [key.variable: text]) == Settings())
        #expect(try settings(set: ["\(name)=\(text)"]) == Settings())
    }

    @Test(
        "Each type of value is read",
        arguments: [
            ("api.base_url=https://retail.example/api/", \Settings.api.baseURL, "https://retail.example/api"),
            ("ingest.instance_id=one", \Settings.ingest.instanceID, "one"),
            ("extract.archive_directory=/tmp/pages", \Settings.extract.archiveDirectory, "/tmp/pages"),
        ] as [(String, any KeyPath<Settings, String?> & Sendable, String)])
    func texts(override: String, path: any KeyPath<Settings, String?> & Sendable, expected: String) throws {
        #expect(try settings(set: [override])[keyPath: path] == expected)
    }

    @Test("Values of their own kinds are read")
    func kinds() throws {
        let settings = try settings(
            yaml: """
                kafka:
                  bootstrap_servers: one.example:9092, two.example:9093
                warehouse:
                  url: postgresql://shop@db.example:5432/mart
                ingest:
                  max_reject_percent: 0.5
                extract:
                  schedule: 0 * * * *
                  resweep_schedule: none
                  start_sales_id: 2010-12-01
                batch:
                  allow_missing_customer: true
                serve:
                  address: "[::1]:0"
                log:
                  format: json
                  level: debug
                """)
        #expect(settings.kafka.bootstrapServers == .servers(["one.example:9092", "two.example:9093"]))
        #expect(settings.warehouse.url == .postgresql(Secret("postgresql://shop@db.example:5432/mart")))
        #expect(settings.ingest.rejectPercentMax == 0.5)
        #expect(settings.extract.schedule == CronSchedule("0 * * * *"))
        #expect(settings.extract.resweepSchedule == nil)
        #expect(settings.extract.start == .date("2010-12-01"))
        #expect(settings.batch.allowsMissingCustomer)
        #expect(settings.serve.address == HostPort(host: "::1", port: 0))
        #expect(settings.log.format == .json)
        #expect(settings.log.level == .debug)
    }

    @Test("An empty --set takes an optional value away, an empty variable counts as not set")
    func emptyValues() throws {
        let yaml = "ingest:\n  instance_id: one\n"
        #expect(try settings(yaml: yaml, set: ["ingest.instance_id="]).ingest.instanceID == nil)
        #expect(try settings(yaml: yaml, environment: ["RETAILFLOW_INGEST_INSTANCE_ID": ""]).ingest.instanceID == "one")
        #expect(try refusal(set: ["api.page_size="]).code == .missingValue)
        #expect(try refusal(set: ["api.page_size"]).code == .missingValue)
    }

    @Test(
        "A value of another type or out of range is refused with file, line and what was expected",
        arguments: [
            ("api:\n  page_size: 251\n", 2, "out_of_range", "api.page_size is 251", "an integer from 1 to 250"),
            ("api:\n  page_size: 0\n", 2, "out_of_range", "api.page_size is 0", "1 to 250"),
            ("api:\n\n  page_size: many\n", 3, "wrong_type", "api.page_size is many", "an integer"),
            ("api:\n  page_size: \"250\"\n", 2, "wrong_type", "is the text \"250\"", "an integer"),
            ("api:\n  page_size: 1_0\n", 2, "wrong_type", "1_0", "an integer"),
            ("api:\n  page_size: 99999999999999999999\n", 2, "out_of_range", "9999", "an integer"),
            ("api:\n  page_size: [1]\n", 2, "wrong_type", "api.page_size is a list", "single value"),
            ("api:\n  page_size:\n    a: 1\n", 3, "wrong_type", "api.page_size is a mapping", "single value"),
            ("api:\n  timeout_seconds: 0\n", 2, "out_of_range", "is 0", "from 0.1 to 3600"),
            ("api:\n  timeout_seconds: 1.0001\n", 2, "wrong_type", "1.0001", "3 decimals"),
            ("api:\n  base_url: ftp://x\n", 2, "wrong_type", "ftp://x", "http://"),
            ("api:\n  base_url: https://x?key=1\n", 2, "wrong_type", "https://x", "without user"),
            ("api:\n  key_header: \"X Key\"\n", 2, "wrong_type", "X Key", "HTTP header"),
            ("api:\n  time_zone: Mars/Olympus\n", 2, "wrong_type", "Mars/Olympus", "Europe/London"),
            ("kafka:\n  bootstrap_servers: kafka\n", 2, "wrong_type", "kafka", "host:port"),
            ("kafka:\n  sales_topic: a b\n", 2, "wrong_type", "a b", "topic name"),
            ("warehouse:\n  url: mysql:x\n", 2, "wrong_type", "warehouse.url", "sqlite:DIR or postgresql://"),
            ("warehouse:\n  url: sqlite://x\n", 2, "wrong_type", "warehouse.url", "sqlite:DIR"),
            ("ingest:\n  max_reject_percent: 101\n", 2, "out_of_range", "101", "from 0 to 100"),
            ("ingest:\n  max_reject_percent: nan\n", 2, "wrong_type", "nan", "a number"),
            ("extract:\n  schedule: hourly\n", 2, "wrong_type", "hourly", "cron line"),
            ("extract:\n  start_sales_id: 2010-02-30\n", 2, "wrong_type", "2010-02-30", "YYYY-MM-DD"),
            ("batch:\n  allow_missing_customer: yes\n", 2, "wrong_type", "is yes", "true or false"),
            ("serve:\n  address: :9464\n", 2, "wrong_type", ":9464", "host:port"),
            ("log:\n  format: xml\n", 2, "wrong_type", "xml", "text or json"),
        ])
    func wrongValues(yaml: String, line: Int, code: String, problem: String, advice: String) throws {
        let error = try refusal(yaml: yaml)
        #expect(error.code.rawValue == code)
        #expect(error.origin == .file("c.yaml", line: line))
        #expect(error.problem.contains(problem))
        #expect(error.advice.contains(advice))
        #expect(error.description == "\(error.problem); c.yaml:\(line); \(error.advice)")
    }

    @Test("A wrong value names its variable or its --set")
    func wrongElsewhere() throws {
        let variable = try refusal(environment: ["RETAILFLOW_API_PAGE_SIZE": "x"])
        #expect(variable.origin == .variable("RETAILFLOW_API_PAGE_SIZE"))
        #expect(variable.description.contains("environment variable RETAILFLOW_API_PAGE_SIZE"))
        let override = try refusal(set: ["api.page_size=x"])
        #expect(override.description.contains("--set api.page_size"))
    }

    @Test(
        "An unknown key is refused with its line and the nearest known one",
        arguments: [
            ("api:\n  page_sise: 1\n", 2, "did you mean api.page_size?"),
            ("# x\napii:\n  page_size: 1\n", 2, "did you mean api?"),
            ("extract:\n  page_size: 1\n", 2, "did you mean api.page_size?"),
            ("api.page_size: 1\n", 1, "write page_size indented beneath api:"),
            ("page_size: 1\n", 1, "did you mean api.page_size?"),
            ("kafka:\n  propertys:\n    a: 1\n", 2, "did you mean kafka.properties?"),
            ("serve:\n  colour: red\n", 2, "the keys of serve are address"),
            ("<<: 1\n", 1, "the sections are"),
        ])
    func unknownKeys(yaml: String, line: Int, advice: String) throws {
        let error = try refusal(yaml: yaml)
        #expect(error.code == .unknownKey)
        #expect(error.origin == .file("c.yaml", line: line))
        #expect(error.advice.contains(advice))
    }

    @Test("An unknown variable or --set is refused with the nearest known one")
    func unknownElsewhere() throws {
        let variable = try refusal(environment: ["RETAILFLOW_API_PAGESIZE": "1"])
        #expect(variable.code == .unknownKey)
        #expect(variable.advice == "did you mean RETAILFLOW_API_PAGE_SIZE?")
        #expect(try refusal(set: ["api.pagesize=1"]).advice == "did you mean api.page_size?")
        #expect(try refusal(set: ["=1"]).code == .unknownKey)
    }

    @Test(
        "Variables that Kubernetes and Docker make for a service named retailflow are nobody's settings",
        arguments: [
            "RETAILFLOW_SERVICE_HOST", "RETAILFLOW_SERVICE_PORT", "RETAILFLOW_SERVICE_PORT_METRICS", "RETAILFLOW_PORT",
            "RETAILFLOW_PORT_9464_TCP", "RETAILFLOW_PORT_9464_TCP_ADDR", "RETAILFLOW_PORT_9464_TCP_PORT",
            "RETAILFLOW_PORT_9464_TCP_PROTO", "RETAILFLOW_API_SERVICE_HOST", "RETAILFLOW_API_PORT_80_TCP_PORT",
        ])
    func serviceLinks(variable: String) throws {
        #expect(try settings(environment: [variable: "tcp://10.0.0.1:9464"]) == Settings())
    }

    @Test("The topics of sales and cursor must differ")
    func topicsDiffer() throws {
        #expect(try refusal(set: ["kafka.sales_topic=retail.extract.state.v1"]).code == .conflict)
    }

    @Test("A file that is not there, a directory and an endless file are refused by name")
    func files() throws {
        for (path, reason) in [("/nowhere/c.yaml", "No such file"), ("/tmp", "directory"), ("/dev/zero", "longer")] {
            let error = try #require(throws: ConfigurationError.self) {
                try SettingsLoader().load(file: path, environment: [:], overrides: [])
            }
            #expect(error.code == .unreadableFile)
            #expect(error.description.contains(path))
            #expect(error.description.contains(reason))
        }
    }
}
