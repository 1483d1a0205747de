import Retail
import Testing

@Suite("The hour of a record")
struct RecordHourTests {
    @Test(
        "is that of its version, in UTC, there and back",
        arguments: [
            (0, 0, "1970-01-01T00"), (3_599_999_999, 0, "1970-01-01T00"), (3_600_000_000, 1, "1970-01-01T01"),
            (1_764_003_599_999_999, 490_000, "2025-11-24T16"), (1_764_000_000_000_000, 490_000, "2025-11-24T16"),
        ] as [(Int64, Int64, String)])
    func hour(version: Int64, number: Int64, text: String) {
        let hour = RecordHour(version: version)
        #expect(hour.number == number)
        #expect(hour.description == text)
        #expect(RecordHour(text) == hour)
        #expect(hour.versions.contains(version))
        #expect(hour.versions.count == 3_600_000_000)
    }

    @Test("of a version beyond the calendar exists all the same", arguments: [999_999_999_999_999_999, Int64.max])
    func far(version: Int64) {
        let hour = RecordHour(version: version)
        #expect(hour.description.count == 13)
        #expect(hour.versions.lowerBound <= version)
        #expect(RecordHour(number: .max).versions.isEmpty)
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "2025-11-24", "2025-11-24T24", "2025-11-24 16:00", "1969-12-31T23", "2025-13-24T16", "..hours....",
        ])
    func unreadable(text: String) {
        #expect(RecordHour(text) == nil)
    }
}
