/// A statement that is used many times: parsed and planned once a connection (`PQsendPrepare`), when it is first run.
package struct Statement: Sendable, Hashable {
    /// Unique among the statements of a connection.
    package let name: String
    /// With `$1`, `$2`, … for its parameters.
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
