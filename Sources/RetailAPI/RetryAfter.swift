/// The header `Retry-After`: a number of seconds, or a date in one of the three forms of HTTP (RFC 9110, 5.6.7).
enum RetryAfter {
    /// The wait in milliseconds that the header asks for, never negative; nil if it cannot be read.
    ///
    /// A date counts from the server's own `Date`, if it sent one, so that a clock that differs does no harm.
    static func milliseconds(_ header: String, serverDate: String?, nowMicroseconds: Int64) -> Int? {
        let text = header.split(separator: " ").joined(separator: " ")
        if !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            // More digits than fit are a very long wait, which the caller cuts short.
            guard let seconds = Int(text) else { return Int.max }
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
            return overflow ? Int.max : milliseconds
        }
        guard let until = seconds(ofDate: text) else { return nil }
        let nowMilliseconds = nowMicroseconds.flooredQuotient(by: 1_000)
        let reference = serverDate.flatMap { seconds(ofDate: $0) }.map { $0 * 1_000 } ?? nowMilliseconds
        return Int(max(0, until * 1_000 - reference))
    }

    /// The seconds since 1970 of an HTTP date; nil if it is none.
    static func seconds(ofDate text: String) -> Int64? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
        switch words.count {
        case 6 where words[5] == "GMT":  // Sun, 06 Nov 1994 08:49:37 GMT
            return seconds(day: words[1], month: words[2], year: words[3], time: words[4])
        case 4 where words[3] == "GMT":  // Sunday, 06-Nov-94 08:49:37 GMT
            let parts = words[1].split(separator: "-")
            guard parts.count == 3 else { return nil }
            return seconds(day: parts[0], month: parts[1], year: parts[2], time: words[2])
        case 5:  // Sun Nov  6 08:49:37 1994
            return seconds(day: words[2], month: words[1], year: words[4], time: words[3])
        default:
            return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func seconds(day: Substring, month: Substring, year: Substring, time: Substring) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard let dayNumber = Int(day), (1...31).contains(dayNumber),
            let monthIndex = months.firstIndex(of: String(month)),
            var yearNumber = Int(year), (0...9999).contains(yearNumber),
            clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        if year.count == 2 { yearNumber += yearNumber < 70 ? 2000 : 1900 }
        return UTCDate(
            year: yearNumber, month: monthIndex + 1, day: dayNumber, hour: hour, minute: minute, second: second
        ).secondsSince1970
    }
}
