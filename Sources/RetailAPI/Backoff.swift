/// How long to wait before the next of several tries: twice as long each time, up to a limit.
package struct Backoff: Sendable, Hashable {
    private let firstMilliseconds: Int
    private let millisecondsMax: Int

    /// - Parameters:
    ///   - firstMilliseconds: the wait after the first failure.
    ///   - millisecondsMax: no wait is longer.
    package init(firstMilliseconds: Int, millisecondsMax: Int) {
        self.firstMilliseconds = max(0, firstMilliseconds)
        self.millisecondsMax = max(0, millisecondsMax)
    }

    /// The wait after the failure of a try, counted from 1. Chance, a number from 0 up to 1, takes up to half away, so
    /// that clients do not come back all at once.
    package func milliseconds(afterTry number: Int, random: Double) -> Int {
        var full = min(firstMilliseconds, millisecondsMax)
        for _ in 1..<max(1, min(number, 40)) { full = min(full * 2, millisecondsMax) }
        return full - Int(Double(full) / 2 * min(max(random, 0), 1))
    }
}
