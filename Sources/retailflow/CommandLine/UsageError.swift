/// A command line that cannot be understood.
struct UsageError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    let problem: String
    /// What to write instead, or where to read it.
    let advice: String

    init(_ problem: String, advice: String) {
        self.problem = problem
        self.advice = advice
    }

    /// `what; what to do`.
    var description: String { "\(problem); \(advice)" }
}
