import Retail
import RetailTestKit
import Testing

@Suite("The shape of a record")
struct RecordShapeTests {
    private func shape(_ bytes: [UInt8], lengthMax: Int = 400) -> String {
        bytes.withUnsafeBytes { RecordShape($0, lengthMax: lengthMax).description }
    }

    private static let cases: [(String, String)] = [
        (
            "{\"id\": 536365, \"datetime\": \"2010-12-01T08:04:00\", \"total_amount\": 139.12, \"customer_id\": null, "
                + "\"items\": [{\"product_sku\": \"85123A\", \"quantity\": 6, \"amount\": -1.5e1}, {\"x\": [1]}, 7]}",
            "{\"id\": integer, \"datetime\": string(19), \"total_amount\": decimal, \"customer_id\": null, "
                + "\"items\": [{\"product_sku\": string(6), \"quantity\": integer, \"amount\": decimal} ×3]}"
        ),
        (" [ ] ", "[]"), ("{}", "{}"), ("true", "boolean"), ("[false]", "[boolean]"), ("\"é\\u00e9\\\"\"", "string(3)"),
        (
            "{\"anna@example.com\": 1, \"17850\": {}, \"größe\": 2, \"\": 3, \"a-b_C9\": []}",
            "{(a key): integer, (a key): {}, (a key): integer, (a key): integer, \"a-b_C9\": []}"
        ),
        ("[[[[[[1]]]]]]", "[[[[[…]]]]]"),
        (
            "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":[\"]\"]}}}}}",
            "{\"a\": {\"b\": {\"c\": {\"d\": {…}}}}}"
        ),
        ("hello", "not JSON at byte 0 of 5"), ("{\"id\": 1, \"da", "{\"id\": integer, … not JSON at byte 13 of 13"),
        ("{\"id\": 1} {", "{\"id\": integer}… not JSON at byte 10 of 11"),
        ("{\"a\": nul}", "{\"a\": … not JSON at byte 6 of 10"), ("[1,]", "[integer… not JSON at byte 3 of 4"),
        ("{\"a\" 1}", "{\"a\": … not JSON at byte 5 of 7"), ("   ", "not JSON at byte 3 of 3"),
        ("[[1}", "[[integer… not JSON at byte 3 of 4"),
    ]

    // Catches a value that is shown, a key that is one, and bytes that are taken for JSON.
    @Test("names fields and kinds, masks values, and says where JSON ends", arguments: cases)
    func table(text: String, expected: String) {
        #expect(shape(Array(text.utf8)) == expected)
    }

    @Test("tells nothing from empty")
    func nothing() {
        #expect(RecordShape(nil).description == "no value")
        #expect(shape([]) == "an empty value")
    }

    @Test("is as long as it may be and no longer", arguments: [1, 10, 50, 400])
    func length(max: Int) {
        let record = "{" + (0..<500).map { "\"field_\($0)\": \($0)" }.joined(separator: ", ") + "}"
        let shown = shape(Array(record.utf8), lengthMax: max)
        #expect(shown.hasSuffix("…"))
        #expect(shown.dropLast().utf8.count <= max)
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(shape(deep) == "[[[[… not JSON at byte 1000000 of 1000000")
    }

    // Catches a walk behind the end of the bytes, one that does not end, and a value among the names.
    @Test("of any bytes is short, on one line and without a value", arguments: 0..<20)
    func mutated(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let record = Array(
            "{\"id\": 987654, \"datetime\": \"2077-12-01T08:04:00\", \"items\": [{\"sku\": \"SECRET\", \"n\": [\"\\u00e9\"]}]}"
                .utf8)
        for _ in 0..<500 {
            var bytes = record
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(place...)
                default: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let shown = shape(bytes)
            #expect(shown.utf8.count < 480, "seed \(seed)")
            #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "seed \(seed)")
            #expect(!shown.contains("987654") && !shown.contains("2077"), "seed \(seed): \(shown)")
        }
    }
}
