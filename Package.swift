// swift-tools-version: 6.3
import PackageDescription

/// The house rules of every target: the Swift 6 language mode, and no warning that is left standing.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A C library of the system: a module map and a shim, nothing of our own.
func system(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// What several test targets share.
func testKit(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "RetailFlow",
    products: [
        .executable(name: "retailflow", targets: ["retailflow"]),
        .library(name: "Kafka", targets: ["Kafka"]),
    ],
    // Listed from the top of the flow to its ground; a target may depend only on those below it.
    targets: [
        .executableTarget(
            name: "retailflow",
            dependencies: [
                "Serve", "Service", "Extract", "Ingest", "Batch", "RetailAPISimulator", "RetailAPI", "Warehouse",
                "Retail", "Kafka", "HTTPServer", "Configuration", "Telemetry", "FaultPoints",
            ],
            swiftSettings: strict),
        library("Serve", ["Service", "HTTPServer", "Telemetry"]),
        library("Service", ["Warehouse", "Retail", "Configuration", "Telemetry"]),
        library("Extract", ["RetailAPI", "Warehouse", "Retail", "Kafka", "Telemetry", "FaultPoints"]),
        library("Ingest", ["Warehouse", "Retail", "Kafka", "Telemetry", "FaultPoints"]),
        library("Batch", ["RetailAPI", "Warehouse", "Retail", "Telemetry", "FaultPoints"]),
        library("RetailAPISimulator", ["HTTPServer"]),
        library("RetailAPI", ["HTTPClient", "FaultPoints"]),
        library("Warehouse", ["SQLite", "PostgreSQL", "Retail", "FaultPoints"]),
        library("Retail", ["CSimdJSON"]),
        library("Kafka", ["CRdKafka"]),
        library("SQLite", ["CSQLite"]),
        library("PostgreSQL", ["CPostgreSQL"]),
        library("HTTPServer", ["CMicroHTTPD"]),
        library("HTTPClient", ["CCurl"]),
        library("Configuration", ["CYAML"]),
        library("Telemetry"),
        library("FaultPoints"),

        system("CRdKafka", pkgConfig: "rdkafka", debian: "librdkafka-dev"),
        system("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
        system("CPostgreSQL", pkgConfig: "libpq", debian: "libpq-dev"),
        system("CMicroHTTPD", pkgConfig: "libmicrohttpd", debian: "libmicrohttpd-dev"),
        system("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        testKit("KafkaTestKit", ["Kafka"]),
        testKit("PostgreSQLTestKit", ["PostgreSQL"]),
        testKit("RetailTestKit", ["Retail"]),
        testKit("FuzzKit", ["RetailAPI", "Retail", "RetailTestKit"]),
        testKit(
            "WarehouseTestKit",
            ["Warehouse", "SQLite", "PostgreSQL", "PostgreSQLTestKit", "Retail", "RetailTestKit"]),
        // Any bytes into a topic and out again; used by the checks from outside.
        .executableTarget(
            name: "RecordTool", dependencies: ["Kafka"], path: "Tests/RecordTool", swiftSettings: strict),
        .executableTarget(
            name: "Fuzzer", dependencies: ["FuzzKit"], path: "Tests/Fuzz", exclude: ["Corpus", "json.dict"],
            swiftSettings: strict),

        tests("KafkaTests", ["Kafka", "KafkaTestKit"]),
        tests("SQLiteTests", ["SQLite", "RetailTestKit"]),
        tests("PostgreSQLTests", ["PostgreSQL", "PostgreSQLTestKit"]),
        tests("HTTPTests", ["HTTPClient", "HTTPServer"]),
        tests("ConfigurationTests", ["Configuration"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("FaultPointsTests", ["FaultPoints"]),
        tests("RetailTests", ["Retail", "RetailTestKit", "CSQLite"]),
        tests("FuzzTests", ["FuzzKit"]),
        tests("WarehouseConformance", ["WarehouseTestKit", "RetailTestKit", "Warehouse", "Retail"]),
        tests(
            "WarehouseTests",
            [
                "WarehouseTestKit", "PostgreSQLTestKit", "RetailTestKit", "Warehouse", "SQLite", "PostgreSQL", "Retail",
            ]),
        tests("RetailAPITests", ["RetailAPI", "HTTPClient", "RetailTestKit"]),
        tests("RetailAPISimulatorTests", ["RetailAPISimulator", "RetailAPI"]),
        tests("BatchTests", ["Batch", "RetailAPISimulator", "RetailAPI", "Warehouse", "Retail", "Telemetry"]),
        tests(
            "IngestTests",
            [
                "Ingest", "WarehouseTestKit", "RetailTestKit", "Warehouse", "Retail", "Kafka", "KafkaTestKit", "SQLite",
                "Telemetry",
            ]),
        tests(
            "ExtractTests",
            [
                "Extract", "KafkaTestKit", "RetailTestKit", "RetailAPISimulator", "RetailAPI", "HTTPClient",
                "Warehouse", "Retail", "Kafka", "Telemetry",
            ]),
        tests("ServiceTests", ["Service", "Warehouse", "Retail", "Configuration", "Telemetry"]),
        tests("ServeTests", ["Serve", "Service", "HTTPServer", "HTTPClient", "Telemetry"]),
        tests("CommandLineTests", ["retailflow", "RetailAPISimulator", "Configuration", "Retail", "Telemetry"]),
        tests(
            "CommandTests",
            [
                "retailflow", "Batch", "Extract", "Ingest", "WarehouseTestKit", "Warehouse", "SQLite", "RetailAPI",
                "RetailAPISimulator", "Retail", "Kafka", "KafkaTestKit", "HTTPServer", "Configuration", "Telemetry",
            ]),
    ],
    cxxLanguageStandard: .cxx17
)
