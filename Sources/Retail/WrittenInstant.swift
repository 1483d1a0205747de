/// A moment as people write it: `YYYY-MM-DDTHH:MM:SS`, a blank for the `T`, or a day alone; with `Z` or `±HH:MM`, or in
/// local time. A fraction of a second is cut off.
package struct WrittenInstant: Hashable, Sendable {
    /// The written date and time as if UTC.
    private let seconds: Int64
    private let offsetSeconds: Int64?

    /// Reads the text as a whole; nil when it is not written like that, or not in the calendar.
    package init?(_ text: String) {
        let whole = text.utf8.count == 10 ? text + "T00:00:00" : text
        let written = Array(whole.utf8).withUnsafeBufferPointer { WrittenDatetime($0) }
        guard let written, let seconds = written.seconds else { return nil }
        self.seconds = seconds
        offsetSeconds = written.offsetSeconds
    }

    /// Seconds of UTC since 1970.
    ///
    /// - Parameter zone: what local time is in; the earlier instant of a time that comes twice.
    package func instant(in zone: RetailTimeZone) -> Int64 {
        offsetSeconds.map { seconds - $0 } ?? zone.instant(ofLocalSeconds: seconds)
    }
}
