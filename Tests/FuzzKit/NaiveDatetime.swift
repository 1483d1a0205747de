/// A datetime of the contract, counted on the calendar year by year.
struct NaiveDatetime {
    /// The written date and time as if UTC, in seconds since 1970.
    var seconds: Int64
    /// The written distance from UTC in seconds; nil without one.
    var offset: Int64?
    /// The first six digits of the fraction.
    var microseconds: Int64 = 0

    /// For the years 1 to 9999 the number of days from 0001-01-01 to their first.
    private static let firstDays: [Int64] = (1...9_999).reduce(into: [0, 0]) { days, year in
        days.append((days.last ?? 0) + (isLeap(year) ? 366 : 365))
    }
    private static let secondsTo1970: Int64 = 719_162 * 86_400

    /// Reads `YYYY-MM-DDTHH:MM:SS`, a blank for the T, a fraction, a zone; nil for anything else, and for what the
    /// calendar or the clock does not have.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let written = text.unicodeScalars.map(Character.init)
        guard written.count >= 19 else { return nil }
        let shape = "dddd-dd-ddTdd:dd:dd"
        for (character, wanted) in zip(written, shape) {
            switch wanted {
            case "d": guard Self.isDigit(character) else { return nil }
            case "T": guard character == "T" || character == " " else { return nil }
            default: guard character == wanted else { return nil }
            }
        }
        func number(_ range: Range<Int>) -> Int { Int(String(written[range])) ?? -1 }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard year >= 1, (1...12).contains(month), hour < 24, minute < 60, second < 60 else { return nil }
        let lengths = [31, Self.isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(day) else { return nil }
        let days = Self.firstDays[year] + Int64(lengths[..<(month - 1)].reduce(0, +) + day - 1)
        seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second) - Self.secondsTo1970

        var rest = written[19...]
        if rest.first == "." {
            let fraction = rest.dropFirst().prefix(while: Self.isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
            microseconds = Int64((String(fraction) + "000000").prefix(6)) ?? -1
        }
        guard !rest.isEmpty else { return }
        if Array(rest) == ["Z"] {
            offset = 0
            return
        }
        let zone = Array(rest)
        guard zone.count == 6, zone[0] == "+" || zone[0] == "-", zone[3] == ":",
            [1, 2, 4, 5].allSatisfy({ Self.isDigit(zone[$0]) }),
            let hours = Int64(String(zone[1...2])), let minutes = Int64(String(zone[4...5])), hours < 24, minutes < 60
        else { return nil }
        offset = (hours * 3_600 + minutes * 60) * (zone[0] == "-" ? -1 : 1)
    }

    private static func isDigit(_ character: Character) -> Bool { "0123456789".contains(character) }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}
