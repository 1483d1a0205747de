// swift-tools-version: 6.3
import PackageDescription

/// A plain C program that does the same work as a command of RetailFlow: what the command is measured against.
func reference(_ name: String, libraries: [String]) -> Target {
    .executableTarget(
        name: name, cSettings: [.define("_GNU_SOURCE")], linkerSettings: libraries.map { .linkedLibrary($0) })
}

let package = Package(
    name: "Benchmarks",
    targets: [
        .executableTarget(
            name: "Benchmarks",
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
            ]
        ),
        reference("IngestReference", libraries: ["rdkafka", "sqlite3"]),
        reference("ExtractReference", libraries: ["rdkafka", "curl"]),
    ]
)
