import Foundation

/// The one server that all tests of the process share, where only databases of their own may be touched.
package enum SharedServer {
    private static let started = Result { try PostgreSQLServer() }

    /// Started by whoever asks first, who waits a second or two for it.
    package static var server: PostgreSQLServer {
        get throws { try started.get() }
    }
}

/// Threads for calls that block, so that tests wait neither for each other's nor for Swift's cooperative pool.
package enum OwnThread {
    /// Makes the call on a thread of its own.
    package static func run<Result: Sendable>(_ call: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: .init { try call() }) }
        }
    }
}
