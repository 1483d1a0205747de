internal import Foundation

/// A lock between processes that a dead holder can't keep (`flock`): the kernel lets go of it with the process.
final class ProcessLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Takes the lock or says that somebody else has it; never waits.
    ///
    /// - Parameter purpose: what the holder of the lock does, for the message: "ingests into this warehouse".
    init(path: String, purpose: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw WarehouseError(
                code: .cannotOpen, what: String(cString: strerror(errno)), place: path,
                remedy: "check that this user may write the directory")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw WarehouseError(
                code: .busy, what: "another process \(purpose)", place: path,
                remedy: "wait until it has finished, or stop it first")
        }
        self.descriptor = descriptor
        self.path = path
    }

    /// Whether the path still leads to the file that is locked, so that others who come there meet the lock.
    var isInPlace: Bool {
        var (held, present) = (stat(), stat())
        return fstat(descriptor, &held) == 0 && stat(path, &present) == 0
            && held.st_dev == present.st_dev && held.st_ino == present.st_ino
    }

    deinit {
        // Closing alone is not enough: a child process that is just being started holds a copy until it runs.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
