import Dispatch

/// A clock that only goes forward, in milliseconds, for timeouts.
enum MonotonicTime {
    static var milliseconds: Int {
        Int(DispatchTime.now().uptimeNanoseconds / 1_000_000)
    }
}

extension Int {
    /// As a C timeout: not negative, and not beyond what 32 bits hold.
    var timeout: Int32 { Int32(clamping: Swift.max(0, self)) }
}
