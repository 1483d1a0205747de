import Foundation
import Retail
import RetailTestKit
import Testing

@Suite("Civil time")
struct CivilTimeTests {
    @Test(
        "counts seconds of the Gregorian calendar",
        arguments: [
            ("1970-01-01 00:00:00", 0), ("1969-12-31 23:59:59", -1), ("2010-12-01 08:04:00", 1_291_190_640),
            ("2000-02-29 12:00:00", 951_825_600), ("0001-01-01 00:00:00", CivilTime.secondsMin),
            ("9999-12-31 23:59:59", CivilTime.secondsMax), ("1900-03-01 00:00:00", -2_203_891_200),
        ] as [(String, Int64)])
    func seconds(text: String, seconds: Int64) {
        #expect(CivilTime.seconds(of: text) == seconds)
        #expect(CivilTime.seconds(of: text.replacing(" ", with: "T")) == seconds)
        #expect(CivilTime.text(of: seconds) == text)
    }

    @Test(
        "knows what does not exist",
        arguments: [
            "2023-02-29 00:00:00", "1900-02-29 00:00:00", "2010-04-31 00:00:00", "2010-13-01 00:00:00",
            "2010-00-01 00:00:00", "2010-01-00 00:00:00", "2010-01-32 00:00:00", "0000-01-01 00:00:00",
            "2010-01-01 24:00:00", "2010-01-01 00:60:00", "2016-12-31 23:59:60", "2010-01-01", "",
            "2010-01-01 00:00:00Z", "2010-01-01 00:00:00.5", "2010-1-1 0:0:0", "+010-01-01 00:00:00",
        ])
    func missing(text: String) {
        #expect(CivilTime.seconds(of: text) == nil)
    }

    @Test("agrees with Foundation on every day of a leap cycle, and goes there and back")
    func days() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let first = try #require(CivilTime.seconds(year: 1_999, month: 12, day: 31))
        for day in 0..<146_100 {
            let seconds = first + Int64(day) * CivilTime.secondsPerDay + 45_296
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            let found = CivilTime.seconds(
                year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0, hour: 12, minute: 34, second: 56)
            guard found == seconds, CivilTime.seconds(of: CivilTime.text(of: seconds)) == seconds else {
                Issue.record("day \(day)")
                return
            }
        }
    }

    @Test("goes there and back over all years", arguments: [UInt64(99)])
    func roundTrip(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100_000 {
            let seconds = Int64.random(in: CivilTime.secondsMin...CivilTime.secondsMax, using: &generator)
            let text = CivilTime.text(of: seconds)
            guard CivilTime.seconds(of: text) == seconds else {
                Issue.record("seed \(seed): \(seconds) is \(text)")
                return
            }
        }
    }

    @Test("writes what lies outside its years as their first or last second")
    func outside() {
        #expect(CivilTime.text(of: .min) == "0001-01-01 00:00:00")
        #expect(CivilTime.text(of: .max) == "9999-12-31 23:59:59")
    }
}
