internal import Synchronization

/// A line on the terminal that tells how far a run is: pages, sales, rate, time left.
///
/// Silent when standard error is not a terminal. Redrawn at most ten times a second, when something is counted.
/// Call ``finish()`` at the end: the line goes away.
package final class Progress: Sendable {
    private struct State {
        var pages: Int64 = 0
        var sales: Int64 = 0
        var total: Int64?
        var drawnAt: Int64?
        var isFinished = false
        /// Moments and counts of the last seconds, oldest first, from which the rate is told.
        var window: [(at: Int64, sales: Int64)]
    }

    private static let redrawMicroseconds: Int64 = 100_000
    private static let windowMicroseconds: Int64 = 10_000_000

    private let label: String
    private let stream: StatusStream?
    private let columns: @Sendable () -> Int
    private let clock: @Sendable () -> Int64
    private let state: Mutex<State>

    /// Makes a progress line; it shows from the first count on.
    ///
    /// - Parameters:
    ///   - label: what is going on, such as `extract`.
    ///   - total: how many sales there will be, if known.
    ///   - stream: where to draw; nil: nowhere, because it is no terminal.
    ///   - columns: how wide the terminal is.
    ///   - clock: microseconds of a clock that is never set back.
    package init(
        _ label: String, total: Int64? = nil, on stream: StatusStream?,
        columns: @escaping @Sendable () -> Int = { StandardError.columns },
        clock: @escaping @Sendable () -> Int64 = SystemClock.monotonicMicroseconds
    ) {
        self.label = label
        self.stream = stream
        self.columns = columns
        self.clock = clock
        state = Mutex(State(total: total, window: stream == nil ? [] : [(at: clock(), sales: Int64(0))]))
    }

    /// Counts pages and sales that are done.
    package func add(pages: Int = 0, sales: Int = 0) {
        guard let stream else { return }
        // Shown within the lock: a line made before `finish()` must not appear after it.
        state.withLock { state in
            state.pages += Int64(pages)
            state.sales += Int64(sales)
            if let line = draw(&state) { stream.show(status: line) }
        }
    }

    /// Tells how many sales there will be, once that is known.
    package func setTotal(_ total: Int64?) {
        guard stream != nil else { return }
        state.withLock { $0.total = total }
    }

    /// Takes the line away, for good.
    package func finish() {
        guard let stream else { return }
        state.withLock { state in
            if !state.isFinished, state.drawnAt != nil { stream.show(status: "") }
            state.isFinished = true
        }
    }

    private func draw(_ state: inout State) -> String? {
        let now = clock()
        if state.isFinished { return nil }
        if let drawnAt = state.drawnAt, now - drawnAt < Self.redrawMicroseconds { return nil }
        state.drawnAt = now
        state.window.append((now, state.sales))
        while state.window.count > 2, now - state.window[0].at > Self.windowMicroseconds {
            state.window.removeFirst()
        }
        return String(line(state, now).prefix(max(1, columns() - 1)))
    }

    private func line(_ state: State, _ now: Int64) -> String {
        var parts = [label]
        if state.pages > 0 { parts.append("\(Self.grouped(state.pages)) pages") }
        let total = state.total.map { $0 > 0 ? " of \(Self.grouped($0))" : "" } ?? ""
        parts.append("\(Self.grouped(state.sales))\(total) sales")
        let first = state.window[0]
        let seconds = Double(now - first.at) / 1_000_000
        guard seconds > 0 else { return parts.joined(separator: "  ") }
        let rate = Double(state.sales - first.sales) / seconds
        parts.append("\(Self.grouped(Int64(rate)))/s")
        if let total = state.total, total > state.sales, rate >= 1 {
            parts.append("\(Self.duration(seconds: Double(total - state.sales) / rate)) left")
        }
        return parts.joined(separator: "  ")
    }

    /// `1,234,567`.
    static func grouped(_ count: Int64) -> String {
        var digits = Array(String(count.magnitude))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return (count < 0 ? "-" : "") + String(digits)
    }

    /// `0:42`, `1:02:03`; days from 100 hours on.
    static func duration(seconds: Double) -> String {
        let seconds = Int64(min(seconds, 1e12).rounded(.up))
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if hours >= 100 { return "\(hours / 24) days" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
