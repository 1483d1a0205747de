/// Where a setting's value was written.
package enum ValueOrigin: Hashable, Sendable, CustomStringConvertible {
    /// A file, and the line in it, counted from 1; nil when the file as a whole is meant.
    case file(String, line: Int?)
    /// An environment variable, by name.
    case variable(String)
    /// A `--set` on the command line, by the key it sets.
    case option(String)

    /// `FILE:LINE`, `environment variable NAME` or `--set KEY`.
    package var description: String {
        switch self {
        case .file(let path, let line?): "\(path):\(line)"
        case .file(let path, nil): path
        case .variable(let name): "environment variable \(name)"
        case .option(let key): "--set \(key)"
        }
    }
}
