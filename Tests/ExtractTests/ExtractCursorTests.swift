import Testing

@testable import Extract

@Suite("The cursor in the state topic")
struct ExtractCursorTests {
    private func read(_ json: String) throws -> ExtractCursor {
        try Array(json.utf8).withUnsafeBytes { try ExtractCursor(json: $0) }
    }

    // Catches a renamed field: a newer program would not find its own cursor and begin anew.
    @Test("It is written with the names that other programs know")
    func text() throws {
        let cursor = ExtractCursor(lastID: 536_365, version: 1_764_000_000_000_000, records: 1_000, pages: 4)
        let begun = ExtractCursor(lastID: 2, version: 3, start: "1")
        #expect(
            String(decoding: try begun.json(), as: UTF8.self)
                == #"{"last_id":2,"pages":0,"records":0,"schema":1,"start":"1","version":3}"#)
        #expect(
            String(decoding: try cursor.json(), as: UTF8.self)
                == #"{"last_id":536365,"pages":4,"records":1000,"schema":1,"version":1764000000000000}"#)
        let backfill = ExtractCursor(lastID: 2, version: 3, start: "2026-01-01", end: 9)
        #expect(
            String(decoding: try backfill.json(), as: UTF8.self)
                == #"{"end":9,"last_id":2,"pages":0,"records":0,"schema":1,"start":"2026-01-01","#
                + #""version":3}"#)
    }

    @Test(
        "It is read back as it was written",
        arguments: [
            ExtractCursor(lastID: .max, version: .max, records: .max, pages: .max),
            ExtractCursor(lastID: 0, version: 0),
            ExtractCursor(
                lastID: 5, version: 6, records: 7, pages: 8, start: "100", end: 9),
        ])
    func roundTrip(_ cursor: ExtractCursor) throws {
        #expect(try cursor.json().withUnsafeBytes { try ExtractCursor(json: $0) } == cursor)
    }

    @Test("A field that is not known is passed over")
    func unknownField() throws {
        let cursor = try read(#"{"schema":1,"last_id":5,"version":6,"records":7,"pages":8,"colour":"red"}"#)
        #expect(cursor == ExtractCursor(lastID: 5, version: 6, records: 7, pages: 8))
    }

    @Test(
        "What is not a cursor is a typed error that says what to do",
        arguments: ["", "5", "{}", "not JSON", #"{"schema":1,"last_id":"5","version":6,"records":7,"pages":8}"#])
    func unreadable(_ text: String) throws {
        let error = #expect(throws: ExtractError.self) { try read(text) }
        #expect(error?.code == .cursorUnreadable)
        #expect(error?.description.contains("kafka.state_topic") == true)
    }

    // Catches a program that reads a newer layout as its own and goes on from a wrong place.
    @Test("A newer layout is refused")
    func newer() throws {
        let error = #expect(throws: ExtractError.self) {
            try read(#"{"schema":2,"last_id":5,"version":6,"records":7,"pages":8}"#)
        }
        #expect(error?.code == .cursorUnreadable)
        #expect(error?.reason.contains("2") == true)
    }
}
