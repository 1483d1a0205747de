import Foundation

/// The repository around this package: its scripts, and the program that is measured.
let repository = URL(fileURLWithPath: #filePath).pathComponents.dropLast(5).joined(separator: "/")
    .replacingOccurrences(of: "//", with: "/")

func runWorkloads() throws {
    let options = try Options(arguments: Array(CommandLine.arguments.dropFirst()), repository: repository)
    let workplace = try Workplace(options: options, repository: repository)
    defer { workplace.close() }
    for name in options.workloads {
        switch name {
        case "extract": try ExtractWorkload(workplace: workplace).run()
        case "ingest": try IngestWorkload(workplace: workplace).run()
        case "rebuild": try RebuildWorkload(workplace: workplace).run()
        default: throw BenchmarkError("no workload \(name)")
        }
    }
}

do {
    try runWorkloads()
} catch {
    FileHandle.standardError.write(Data("Benchmarks: \(error)\n".utf8))
    exit(1)
}
