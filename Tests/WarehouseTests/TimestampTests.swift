import Testing

@testable import Warehouse

@Suite("Moments as text")
struct TimestampTests {
    @Test(
        "are read as they were written", arguments: [0, 1_700_000_000_123_000, 4_107_542_399_999_000] as [Int64])
    func times(_ microseconds: Int64) {
        #expect(Timestamp.microseconds(of: Timestamp.text(ofMicroseconds: microseconds)) == microseconds)
        for text in ["", "2026-01-01 00:00:00", "2026-01-01T00:00:00.0000", "2026-02-30T00:00:00.000Z"] {
            #expect(Timestamp.microseconds(of: text) == nil)
        }
    }
}
