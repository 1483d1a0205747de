internal import Glibc

/// The time, the waiting and the chance that the client uses; passed in, so that tests decide them.
package struct APIClock: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var nowMicroseconds: @Sendable () -> Int64
    /// Waits so many milliseconds; throws when the task is cancelled meanwhile.
    package var sleep: @Sendable (_ milliseconds: Int) async throws -> Void
    /// A number from 0 up to but not including 1.
    package var random: @Sendable () -> Double

    /// Makes a clock from its three parts.
    package init(
        nowMicroseconds: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (_ milliseconds: Int) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.nowMicroseconds = nowMicroseconds
        self.sleep = sleep
        self.random = random
    }

    /// The clock of the machine (`clock_gettime`) and the system's random numbers.
    package static let system = APIClock(
        nowMicroseconds: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        },
        sleep: { try await Task.sleep(for: .milliseconds($0)) },
        random: { Double.random(in: 0..<1) })
}
