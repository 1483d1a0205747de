internal import FaultPoints
internal import Glibc

extension PageDisk {
    /// The file system of the machine. Files and directories are for their owner and its group: pages hold personal
    /// data.
    package static let system = PageDisk(
        write: { (bytes, path, changedAt) throws(PageFileError) in
            try SystemDisk.write(bytes, to: path, changedAt: changedAt)
        },
        read: { (path) throws(PageFileError) in try SystemDisk.read(path) },
        files: { (directory) throws(PageFileError) in try SystemDisk.files(below: directory) })
}

/// The calls of the system behind `PageDisk.system`.
private enum SystemDisk {
    /// Writes beside the place, makes it last, renames it to its place, makes the name last.
    static func write(_ bytes: [UInt8], to path: String, changedAt: Int64) throws(PageFileError) {
        let (directory, name) = split(path)
        try makeDirectory(directory)
        // A process that dies leaves this one behind; nobody takes it for a page.
        let partial = "\(directory)/.\(name).\(getpid()).part"
        do {
            try FaultPoint.pageWrite.around { () throws(PageFileError) in
                try fill(partial, bytes, changedAt: changedAt)
            }
            try FaultPoint.pageRename.around { () throws(PageFileError) in
                guard rename(partial, path) == 0 else { throw failure(.cannotCreate, path) }
                try sync(directory: directory)
            }
        } catch {
            unlink(partial)
            // The name that people know, not the one for the while.
            throw PageFileError(code: error.code, path: error.path == partial ? path : error.path, number: error.number)
        }
    }

    static func read(_ path: String) throws(PageFileError) -> (bytes: [UInt8], changedAtMicroseconds: Int64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(.cannotRead, path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(.cannotRead, path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PageFileError(code: .cannotRead, path: path, number: EISDIR)
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(.cannotRead, path) }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return (bytes, Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000)
    }

    static func files(below directory: String) throws(PageFileError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw failure(.cannotRead, directory)
        }
        defer { closedir(stream) }
        var files: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix(".") else { continue }
            let path = "\(directory)/\(name)"
            var status = stat()
            // What is taken away meanwhile is not there.
            guard stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                files += try self.files(below: path)
            } else {
                files.append(path)
            }
        }
        return files
    }

    private static func fill(_ path: String, _ bytes: [UInt8], changedAt: Int64) throws(PageFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw failure(.cannotCreate, path) }
        var number: Int32 = 0
        var written = 0
        while number == 0, written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count >= 0 { written += count } else if errno != EINTR { number = errno }
        }
        let time = timespec(
            tv_sec: Int(changedAt.flooredQuotient(by: 1_000_000)),
            tv_nsec: Int(changedAt - changedAt.flooredQuotient(by: 1_000_000) * 1_000_000) * 1_000)
        if number == 0, futimens(descriptor, [time, time]) != 0 { number = errno }
        if number == 0, fsync(descriptor) != 0 { number = errno }
        // Some file systems tell of a full disk only here.
        if close(descriptor) != 0, number == 0 { number = errno }
        guard number == 0 else { throw PageFileError(code: .cannotWrite, path: path, number: number) }
    }

    /// Makes a directory and those above it that are missing, and makes their names last.
    private static func makeDirectory(_ path: String) throws(PageFileError) {
        if mkdir(path, 0o750) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, path != split(path).directory else { throw failure(.cannotCreate, path) }
            try makeDirectory(split(path).directory)
            // Another process may have been faster.
            guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw failure(.cannotCreate, path) }
        }
        try sync(directory: split(path).directory)
    }

    private static func sync(directory: String) throws(PageFileError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(.cannotWrite, directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(.cannotWrite, directory) }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = String(path[..<slash])
        return (directory.isEmpty ? "/" : directory, String(path[path.index(after: slash)...]))
    }

    private static func failure(_ code: PageFileError.Code, _ path: String) -> PageFileError {
        PageFileError(code: code, path: path, number: errno)
    }
}
