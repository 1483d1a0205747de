/// Why a benchmark can't be run, or that the two programs did not do the same.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
