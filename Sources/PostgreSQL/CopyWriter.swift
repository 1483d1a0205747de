/// Rows for `COPY … (FORMAT binary)`: each begins with the number of its fields, which then come in order and must be of
/// the very types of the columns.
package struct CopyWriter: ~Copyable {
    /// What is sent at once: larger parts are not faster, and must lie in memory.
    private static let partBytes = 64 << 10
    private static let signature: [UInt8] = [
        0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
    ]

    private let connection: Connection
    private let sql: String
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    private var count = 0

    init(_ connection: Connection, _ sql: String) {
        self.connection = connection
        self.sql = sql
        capacity = 2 * CopyWriter.partBytes
        buffer = .allocate(byteCount: capacity, alignment: 8)
        CopyWriter.signature.withUnsafeBytes { append($0) }
    }

    deinit { buffer.deallocate() }

    /// Begins a row.
    package mutating func begin(fields: Int16) throws(PostgreSQLError) {
        if count >= CopyWriter.partBytes { try send() }
        append(fields)
    }

    /// A `bigint`.
    package mutating func integer(_ value: Int64) {
        append(Int32(8))
        append(value)
    }

    /// A `bigint`, or NULL.
    package mutating func integer(_ value: Int64?) {
        if let value { integer(value) } else { null() }
    }

    /// An `integer`.
    package mutating func smallInteger(_ value: Int32) {
        append(Int32(4))
        append(value)
    }

    /// A `boolean`.
    package mutating func boolean(_ value: Bool) {
        append(Int32(1))
        append(UInt8(value ? 1 : 0))
    }

    /// A `timestamptz`, or a `timestamp` as if it were in UTC: microseconds since 1970.
    package mutating func time(microseconds: Int64) { integer(microseconds - PostgreSQLTime.epochMicroseconds) }

    /// A `text`.
    package mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { bytes(UnsafeRawBufferPointer($0)) }
    }

    /// A `bytea`, or a `text` in UTF-8; nil is NULL.
    package mutating func bytes(_ value: UnsafeRawBufferPointer?) {
        guard let value else { return null() }
        append(Int32(value.count))
        append(value)
    }

    package mutating func null() { append(Int32(-1)) }

    /// The trailer, and what is left.
    mutating func finish() throws(PostgreSQLError) {
        append(Int16(-1))
        try send()
    }

    private mutating func send() throws(PostgreSQLError) {
        try connection.putCopy(UnsafeRawBufferPointer(start: buffer, count: count), sql)
        count = 0
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        reserve(size)
        buffer.storeBytes(of: value.bigEndian, toByteOffset: count, as: type(of: value))
        count += size
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        buffer.advanced(by: count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: 2 * (count + more), alignment: 8)
        larger.copyMemory(from: buffer, byteCount: count)
        buffer.deallocate()
        buffer = larger
        capacity = 2 * (count + more)
    }
}
