/// The names that pages get, by which a row is traced back to the answer it came in:
/// `{endpoint}_{YYYYMMDD_HHmm}_{uuid}.json`, the minute in UTC.
package enum PageFileName {
    /// A name with a random (version 4) UUID made of `random`, which gives numbers from 0 up to 1.
    package static func make(endpoint: Endpoint, atMicroseconds instant: Int64, random: () -> Double) -> String {
        let words = (0..<4).map { _ in UInt128(min(max(random(), 0), 0.999_999_999_9) * 4_294_967_296) }
        let bits = words.reduce(0) { $0 << 32 | $1 }
        return name(endpoint, instant, uuid: uuid(bits, version: 4))
    }

    /// The name of an unreadable page: its UUID (version 8) is a hash of request and answer, so that the same answer to
    /// the same request has the same one whenever it comes.
    static func failed(_ request: PageRequest, body: [UInt8], atMicroseconds instant: Int64) -> String {
        let hash = fnv1a(body, fnv1a(Array("\(request.endpoint.rawValue)?\(request.text)\n".utf8)))
        return name(request.endpoint, instant, uuid: uuid(hash, version: 8))
    }

    /// The part of a name that does not depend on the time: `_{uuid}.json`.
    static func identity(of name: String) -> String {
        name.lastIndex(of: "_").map { String(name[$0...]) } ?? name
    }

    /// Where it is told what is wrong with a page: `NAME.error.json` beside `NAME.json`.
    static func errorPath(ofPage path: String) -> String { path.dropLast(".json".count) + ".error.json" }

    /// The page of which such a file tells.
    static func pagePath(ofError path: String) -> String { path.dropLast(".error.json".count) + ".json" }

    /// What a name tells: the listing and the microseconds since 1970 of its minute; nil when it is no page's name.
    static func parse(_ name: String) -> (endpoint: Endpoint, minute: Range<Int64>)? {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 4, let endpoint = Endpoint(rawValue: String(parts[0])), parts[1].count == 8,
            parts[2].count == 4, parts[3].count == 41, parts[3].hasSuffix(".json"),
            let day = UInt32(parts[1]), let time = UInt32(parts[2])
        else { return nil }
        let (year, month) = (Int(day / 10_000), Int(day / 100 % 100))
        let date = UTCDate(
            year: year, month: month, day: Int(day % 100), hour: Int(time / 100), minute: Int(time % 100))
        let start = date.secondsSince1970 * 1_000_000
        // What is no date of the calendar would come back as another one.
        guard UTCDate(microseconds: start) == date else { return nil }
        return (endpoint, start..<start + 60_000_000)
    }

    private static func name(_ endpoint: Endpoint, _ instant: Int64, uuid: String) -> String {
        let date = UTCDate(microseconds: instant)
        let time = UTCDate.padded(date.hour, 2) + UTCDate.padded(date.minute, 2)
        return "\(endpoint.rawValue)_\(date.day(separator: ""))_\(time)_\(uuid).json"
    }

    /// 128 bits as a UUID of a version.
    private static func uuid(_ bits: UInt128, version: UInt128) -> String {
        let marked = bits & ~(0xF << 76) & ~(0x3 << 62) | version << 76 | 0x2 << 62
        let digits = String(marked, radix: 16)
        var rest = (String(repeating: "0", count: 32 - digits.count) + digits)[...]
        return [8, 4, 4, 4, 12].map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }.joined(separator: "-")
    }

    /// FNV-1a of 128 bits, going on from an earlier part.
    private static func fnv1a(
        _ bytes: [UInt8], _ start: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
    ) -> UInt128 {
        bytes.reduce(start) { ($0 ^ UInt128($1)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B }
    }
}
