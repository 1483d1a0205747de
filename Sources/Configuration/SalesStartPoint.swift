/// Where a listing of sales begins: at a sale, or at the first sale of a day.
package enum SalesStartPoint: Hashable, Sendable, CustomStringConvertible {
    /// A sale id, at least 1.
    case id(Int64)
    /// A day of the calendar, `YYYY-MM-DD`.
    case date(String)

    /// Reads what users write as `start_sales_id`: digits (0 means from the first sale, as 1 does), or a date
    /// `YYYY-MM-DD` that exists in the calendar. Nil for anything else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        if !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard let id = Int64(text) else { return nil }
            self = .id(max(1, id))
            return
        }
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D,
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), year >= 1, (1...12).contains(month), day >= 1,
            day <= Self.days(month: month, year: year)
        else { return nil }
        self = .date(text)
    }

    /// As it is written: the id's digits, or the date.
    package var description: String {
        switch self {
        case .id(let id): String(id)
        case .date(let date): date
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    private static func days(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
