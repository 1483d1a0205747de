/// A table or a view with a comment on itself and on each column, as the statements that make it.
///
/// Used by migrations, which never change once released: what is written here must stay the same too.
enum PostgreSQLDefinition {
    /// A column: its name, its type with constraints (nothing in a view), and what it holds.
    typealias Column = (name: String, type: String, comment: String)

    /// `CREATE TABLE` with its comments.
    static func table(
        _ name: String, _ comment: String, _ columns: [Column], _ constraints: [String] = []
    ) -> String {
        let lines = columns.map { "    \($0.name) \($0.type)" } + constraints.map { "    \($0)" }
        return "CREATE TABLE \(name) (\n\(lines.joined(separator: ",\n"))\n);\n"
            + comments(on: "TABLE", name, comment, columns)
    }

    /// `CREATE VIEW` with its comments.
    static func view(_ name: String, _ comment: String, _ columns: [Column], as query: String) -> String {
        "CREATE VIEW \(name) (\(columns.map(\.name).joined(separator: ", "))) AS\n\(query);\n"
            + comments(on: "VIEW", name, comment, columns)
    }

    private static func comments(on kind: String, _ name: String, _ comment: String, _ columns: [Column]) -> String {
        "COMMENT ON \(kind) \(name) IS \(quoted(comment));\n"
            + columns.map { "COMMENT ON COLUMN \(name).\($0.name) IS \(quoted($0.comment));\n" }.joined()
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
