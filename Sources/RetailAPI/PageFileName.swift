/// The names that pages get, by which a row is traced back to the answer it came in.
package enum PageFileName {
    /// `{endpoint}_{YYYYMMDD_HHmm}_{uuid}.json`: the minute in UTC, and a random (version 4) UUID made of `random`,
    /// which gives numbers from 0 up to 1.
    package static func make(endpoint: Endpoint, atMicroseconds instant: Int64, random: () -> Double) -> String {
        "\(endpoint.rawValue)_\(minute(ofMicroseconds: instant))_\(uuid(random)).json"
    }

    private static func minute(ofMicroseconds instant: Int64) -> String {
        let date = UTCDate(secondsSince1970: instant.flooredQuotient(by: 1_000_000))
        return padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2) + "_" + padded(date.hour, 2)
            + padded(date.minute, 2)
    }

    private static func uuid(_ random: () -> Double) -> String {
        var words = (0..<4).map { _ in UInt32(min(max(random(), 0), 0.999_999_999_9) * 4_294_967_296) }
        words[1] = (words[1] & 0xFFFF_0FFF) | 0x0000_4000
        words[2] = (words[2] & 0x3FFF_FFFF) | 0x8000_0000
        let hex = words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }
        return "\(hex[0])-\(hex[1].prefix(4))-\(hex[1].suffix(4))-\(hex[2].prefix(4))-\(hex[2].suffix(4))\(hex[3])"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
