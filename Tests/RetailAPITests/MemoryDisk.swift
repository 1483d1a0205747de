import Synchronization

@testable import RetailAPI

/// A disk that remembers what was written, and fails as told.
final class MemoryDisk: Sendable {
    struct File: Hashable {
        var bytes: [UInt8]
        var changedAt: Int64
    }

    private struct State {
        var files: [String: File] = [:]
        var writes = 0
        var failure: PageFileError?
    }

    private let state = Mutex(State())

    var files: [String: File] { state.withLock { $0.files } }
    var writes: Int { state.withLock { $0.writes } }

    func fail(with failure: PageFileError?) { state.withLock { $0.failure = failure } }
    func remove(_ path: String) { state.withLock { $0.files[path] = nil } }
    func put(_ text: String, _ path: String) {
        state.withLock { $0.files[path] = File(bytes: Array(text.utf8), changedAt: 0) }
    }

    func text(_ path: String) -> String? { files[path].map { String(decoding: $0.bytes, as: UTF8.self) } }

    var disk: PageDisk {
        PageDisk(
            write: { (bytes, path, changedAt) throws(PageFileError) in
                let failure = self.state.withLock { state in
                    if state.failure == nil {
                        state.files[path] = File(bytes: bytes, changedAt: changedAt)
                        state.writes += 1
                    }
                    return state.failure
                }
                if let failure { throw failure }
            },
            read: { (path) throws(PageFileError) in
                guard let file = self.files[path] else {
                    throw PageFileError(code: .cannotRead, path: path, number: 2)
                }
                return (file.bytes, file.changedAt)
            },
            files: { (directory) throws(PageFileError) in
                self.files.keys.filter { $0.hasPrefix("\(directory)/") }
            })
    }
}
