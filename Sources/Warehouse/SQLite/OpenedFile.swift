internal import Foundation

/// A file as it was when it was opened: which one it is, not only what it is called.
///
/// A file that is deleted or moved away while it is open can be written on without an error, and all of that is lost
/// with the last one who has it open.
struct OpenedFile {
    private let path: String
    private let device: UInt64
    private let number: UInt64

    /// To be made just before the file is opened, and checked just after.
    ///
    /// - Throws: `WarehouseError.cannotOpen` when there is no such file.
    init(_ path: String) throws {
        self.path = path
        (device, number) = try OpenedFile.identity(of: path)
    }

    /// - Throws: `WarehouseError.cannotOpen` when the path does not lead to this file any more.
    func check() throws {
        guard try OpenedFile.identity(of: path) == (device, number) else {
            throw WarehouseError(
                code: .cannotOpen, what: "another file is in the place of the one that is open", place: path,
                remedy: "nothing is taken for written that went into the old one; the new one is opened next")
        }
    }

    private static func identity(of path: String) throws -> (device: UInt64, number: UInt64) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw WarehouseError(
                code: .cannotOpen, what: "the file is gone: \(String(cString: strerror(errno)))", place: path,
                remedy: "bring the directory back, or mount its disk again")
        }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}
