import Foundation

/// What the command line asked for.
struct Options {
    var sales = 1_000_000
    var repetitions = 5
    var workloads = ["extract", "ingest", "rebuild"]
    var program = ""
    /// Another build of the program, measured in place of the references.
    var against: String?
    var directory = FileManager.default.temporaryDirectory.path

    static let usage = """
        Benchmarks [--sales N] [--repetitions N] [--workloads extract,ingest,rebuild] [--directory DIR]
                   [--program PATH] [--against PATH]

        Measures the release build of retailflow against plain C programs, and the rebuild of the mart against the same
        SQL in the sqlite3 shell: on one machine, on one broker, in turns. Verdicts are ratios; seconds only explain them.
        KAFKA_HOME names an unpacked Apache Kafka (default: ../shared/kafka beside the repository).

          --sales N         how many sales of about 280 bytes (default 1,000,000)
          --repetitions N   how many pairs of runs (default 5)
          --directory DIR   where the data lies meanwhile, in a directory of its own (about 4 KB a sale)
          --program PATH    default: .build/release/retailflow of the repository
          --against PATH    another build of retailflow, measured in place of the C programs and the shell
        """

    init(arguments: [String], repository: String) throws {
        program = "\(repository)/.build/release/retailflow"
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--help" {
                print(Options.usage)
                exit(0)
            }
            guard let value = rest.popFirst() else { throw BenchmarkError(Options.usage) }
            switch name {
            case "--sales": sales = try positive(value)
            case "--repetitions": repetitions = try positive(value)
            case "--workloads": workloads = value.split(separator: ",").map(String.init)
            case "--directory": directory = value
            case "--program": program = value
            case "--against": against = value
            default: throw BenchmarkError(Options.usage)
            }
        }
    }

    private func positive(_ text: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw BenchmarkError("\(text) is not a number above 0") }
        return number
    }
}
