internal import Retail

/// Moments as the warehouse writes them: `YYYY-MM-DDTHH:MM:SS.mmmZ`, in UTC, so that text order is time order.
enum Timestamp {
    static func text(ofMicroseconds microseconds: Int64) -> String {
        let milliseconds = Int(microseconds / 1_000)
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let civil = CivilTime.text(of: Int64(seconds))
        let digits = String(fraction)
        return civil.prefix(10) + "T" + civil.dropFirst(11) + "." + String(repeating: "0", count: 3 - digits.count)
            + digits + "Z"
    }

    /// The inverse of `text(ofMicroseconds:)`, to the millisecond; nil for what is not written so.
    static func microseconds(of text: String) -> Int64? {
        guard text.utf8.count == 24, text.hasSuffix("Z"), let fraction = Int64(text.dropLast().suffix(3)),
            let seconds = CivilTime.seconds(of: String(text.prefix(CivilTime.textLength)))
        else { return nil }
        return seconds * 1_000_000 + fraction * 1_000
    }

    /// A time of Kafka's. Any program can write any time: what lies outside of the calendar is its nearest moment.
    static func text(ofMilliseconds milliseconds: Int64) -> String {
        text(ofMicroseconds: min(max(0, milliseconds), CivilTime.secondsMax * 1_000) * 1_000)
    }
}
