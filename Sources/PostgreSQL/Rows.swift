internal import CPostgreSQL

/// The rows of a result (`PGresult *`), all in memory. Columns and rows count from 0.
package final class Rows: RandomAccessCollection {
    let handle: OpaquePointer

    /// Takes the result over and clears it at the end.
    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { Int(PQntuples(handle)) }
    package subscript(row: Int) -> Row { Row(rows: self, row: Int32(row)) }

    /// How many rows the statement wrote or found (`PQcmdTuples`).
    package var affected: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

    /// What the server says that it did: `COMMIT`, `INSERT 0 5` (`PQcmdStatus`).
    var tag: String { String(cString: PQcmdStatus(handle)) }

    /// The names of the columns.
    package var columns: [String] {
        (0..<PQnfields(handle)).map { column in PQfname(handle, column).map { String(cString: $0) } ?? "" }
    }
}

/// One row of a result, in the server's binary format.
///
/// What a column is read as must be what the statement gives: `integer` of any integer type or boolean, `real` of double
/// precision, `text` and `bytes` of anything. Other types are cast in the SQL.
package struct Row {
    let rows: Rows
    let row: Int32

    package func isNull(at column: Int32) -> Bool { PQgetisnull(rows.handle, row, column) == 1 }

    /// The integer in a column; NULL is a mistake of the caller.
    package func integer(at column: Int32) -> Int64 {
        guard let value = optionalInteger(at: column) else { preconditionFailure("column \(column) is NULL") }
        return value
    }

    package func optionalInteger(at column: Int32) -> Int64? {
        withBytes(at: column) { bytes in
            bytes.map { bytes in
                precondition([1, 2, 4, 8].contains(bytes.count), "column \(column) is no integer")
                // The first byte carries the sign.
                let first: Int64 = bytes.count > 1 && bytes[0] >= 128 ? -1 : 0
                return bytes.reduce(first) { $0 << 8 | Int64($1) }
            }
        }
    }

    package func boolean(at column: Int32) -> Bool { integer(at: column) != 0 }

    /// The double precision number in a column.
    package func optionalReal(at column: Int32) -> Double? {
        precondition(PQftype(rows.handle, column) == 701, "column \(column) is not double precision")
        return optionalInteger(at: column).map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }

    /// The text in a column; empty for NULL.
    package func text(at column: Int32) -> String { optionalText(at: column) ?? "" }

    package func optionalText(at column: Int32) -> String? {
        withBytes(at: column) { bytes in bytes.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The bytes of a column during the call, or nil for NULL.
    package func withBytes<Result>(
        at column: Int32, _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) rethrows -> Result {
        if isNull(at: column) { return try body(nil) }
        return try body(
            UnsafeRawBufferPointer(
                start: PQgetvalue(rows.handle, row, column), count: Int(PQgetlength(rows.handle, row, column))))
    }
}
