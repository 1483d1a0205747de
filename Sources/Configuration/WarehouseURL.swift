internal import Foundation

/// Where the warehouse is.
package enum WarehouseURL: Hashable, Sendable, CustomStringConvertible {
    /// SQLite: the files `raw.db`, `ods.db`, `dmt.db` and `ops.db` in a directory.
    case sqlite(directory: String)
    /// PostgreSQL: a connection URL as libpq takes it. Secret, because it may hold a password.
    case postgresql(Secret)

    /// Reads `sqlite:DIR` or `postgresql://…` (`postgres://…` too); nil for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("sqlite:") {
            var directory = text.dropFirst("sqlite:".count)
            // `sqlite:///var/lib/x` is how others write an absolute path; `sqlite://x` would be a host, and is none.
            if directory.hasPrefix("///") {
                directory = directory.dropFirst(2)
            } else if directory.hasPrefix("//") {
                return nil
            }
            guard !directory.isEmpty, !directory.utf8.contains(0) else { return nil }
            self = .sqlite(directory: String(directory))
        } else if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            self = .postgresql(Secret(text))
        } else {
            return nil
        }
    }

    /// `sqlite:DIR`, or `postgresql://HOST:PORT/DATABASE` without user, password and parameters.
    package var description: String {
        switch self {
        case .sqlite(let directory): return "sqlite:\(directory)"
        case .postgresql(let url):
            // An at sign more than the one before the host may belong to a password: then nothing is shown.
            guard url.revealed.count(where: { $0 == "@" }) <= 1,
                let parts = URLComponents(string: url.revealed), let host = parts.host
            else { return "postgresql://…" }
            return "postgresql://\(host)\(parts.port.map { ":\($0)" } ?? "")\(parts.path)"
        }
    }

    /// Whether the URL holds a password, in front of the host or as a parameter.
    package var holdsPassword: Bool {
        guard case .postgresql(let url) = self else { return false }
        let text = url.revealed.lowercased()
        if text.contains("password=") { return true }
        guard let at = text.lastIndex(of: "@"), let slashes = text.range(of: "://") else { return false }
        return slashes.upperBound <= at && text[slashes.upperBound..<at].contains(":")
    }
}
