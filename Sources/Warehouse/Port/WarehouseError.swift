/// What the warehouse refused, where, and what to do about it. Holds no row of data.
package struct WarehouseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure that a caller may have to tell apart.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Another process holds a lock: wait and try again.
        package static let busy = Code(rawValue: "busy")
        /// No space is left on the disk: free some and try again.
        package static let full = Code(rawValue: "full")
        /// The file or its directory cannot be written.
        package static let readOnly = Code(rawValue: "read_only")
        /// The file or its directory is missing or cannot be opened.
        package static let cannotOpen = Code(rawValue: "cannot_open")
        /// The server does not answer, or the connection to it has broken.
        package static let unreachable = Code(rawValue: "unreachable")
        /// The server refuses the user, or what the user wants.
        package static let notPermitted = Code(rawValue: "not_permitted")
        /// The address of the warehouse can't be one.
        package static let configuration = Code(rawValue: "configuration")
        /// The engine can't do this.
        package static let notSupported = Code(rawValue: "not_supported")
        /// The file is not a database, or the database of another program.
        package static let notAWarehouse = Code(rawValue: "not_a_warehouse")
        /// The file was written by a newer release.
        package static let newerSchema = Code(rawValue: "newer_schema")
        /// The file is damaged.
        package static let damaged = Code(rawValue: "damaged")
        /// The disk failed to read or write.
        package static let inputOutput = Code(rawValue: "input_output")
        /// The write was asked to end and was rolled back.
        package static let interrupted = Code(rawValue: "interrupted")
        /// A raw row's place holds other bytes: the topic is another log than the one that was read before.
        package static let otherLog = Code(rawValue: "other_log")
        /// An audit of the warehouse's own content failed.
        package static let auditFailed = Code(rawValue: "audit_failed")
        /// A statement failed in a way that only a mistake in this program explains.
        package static let bug = Code(rawValue: "bug")
    }

    package let code: Code
    /// What went wrong, in one sentence.
    package let what: String
    /// The file, table or place concerned.
    package let place: String
    /// What to do about it.
    package let remedy: String

    package init(code: Code, what: String, place: String, remedy: String) {
        self.code = code
        self.what = what
        self.place = place
        self.remedy = remedy
    }

    /// The same call may succeed later without anything else being changed in the warehouse.
    package var isRetriable: Bool { [.busy, .full, .inputOutput, .unreachable].contains(code) }

    /// The warehouse, or the way to it, is out of order: who can wait may find it well again. The rest is what no
    /// waiting mends.
    package var isOutage: Bool {
        [.busy, .full, .readOnly, .cannotOpen, .inputOutput, .unreachable, .notPermitted].contains(code)
    }

    package var description: String { "\(what); \(place); \(remedy)" }
}
