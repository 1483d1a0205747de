/// One layer's writer with its connection, which can be made anew.
struct SQLiteLayer<Writer> {
    private let open: @Sendable () throws -> Writer
    private var opened: Writer?

    init(_ open: @escaping @Sendable () throws -> Writer) throws {
        self.open = open
        opened = try open()
    }

    /// The writer; opened now if that failed before.
    mutating func writer() throws -> Writer {
        if let opened { return opened }
        let writer = try open()
        opened = writer
        return writer
    }

    /// The old connection goes before the new one comes: it must not touch the new file's log.
    mutating func reopen() throws {
        opened = nil
        opened = try open()
    }
}
