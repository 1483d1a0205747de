import Retail
import RetailTestKit
import Testing

@Suite("The JSON of a record")
struct JSONRecordTests {
    @Test(
        "is JSON that views may open",
        arguments: [
            "{}", "[]", "5", "-0", "null", "true", "\"\"", " {\"a\" : [ 1 , 2 ] }\r\n\t", "[1,2,[3,{\"a\":null}]]",
            "{\"a\":1,\"a\":2}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"", "1e10", "1E-10", "0.5", "[0e5]",
            "\"\u{7F}\u{2028}\u{10FFFF}\"", "1e131000", "1e-16383", "[[[[[[[[[[]]]]]]]]]]", "{\"\":{}}", "[false]",
        ])
    func portable(text: String) throws {
        #expect(try Judged(text).isJSON)
        #expect(try SQLiteJSON().isValid(Array(text.utf8)))
    }

    @Test(
        "is JSON that views may not open, because PostgreSQL would not",
        arguments: [
            "\"\\u0000\"", "\"a\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\udc00\\ud800\"", "{\"\\u0000\":1}",
            "1e131072", "1e400000000", "1e-16384", "0e999999999999999999999", "-1e99999999999999999999",
        ])
    func unportable(text: String) throws {
        let judged = try Judged(text)
        #expect(!judged.isJSON)
        #expect(judged.refusal?.reasons.contains { $0.code == .notJSON } == false)
        #expect(try SQLiteJSON().isValid(Array(text.utf8)))
    }

    @Test(
        "is not JSON",
        arguments: [
            "", " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "[1]]", "[1],", "1 2", "\"a\" \"b\"",
            "\"a\"b", "\"a\"\"b\"", "01", "-", "-a", "+1", "1.", ".5", "1.e5", "1e", "1e+", "0x1", "1a", "1\"a\"",
            "--1",
            "1.5.5", "tru", "truee", "true1", "true\"a\"", "True", "nul", "nulll", "fals", "falsey", "NaN", "Infinity",
            "'a'", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\"", "\"\\ud800\\u12\"", "\"\t\"",
            "\"\n\"",
            "\"\0\"", "\0", "1\0", "{}\0", "[\u{B}]", "[\u{C}]", "[\u{A0}1]", "\u{FEFF}{}", "// a\n1", "1 // a",
            "/* */1",
            "{\"a\":1,,\"b\":2}", "[1,,2]", "[:1]", "{\"a\"::1}", "\\\"a\\\"", "[\\\"a\\\"]", "{\\\"a\\\":1}", ":", ",",
            "{{}}", "{[]}", "[\"a\":1]", "{\"a\",\"b\"}", "{\"a\":1:2}", "\u{1A}", "[1\u{1A}]", "[\u{1A}1]",
        ])
    func malformed(text: String) throws {
        let judged = try Judged(text)
        #expect(!judged.isJSON)
        #expect(judged.refusal?.reasons.map(\.code) == [.notJSON])
    }

    @Test(
        "is not UTF-8",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        for record in [
            [quote] + bytes + [quote], bytes, Array(saleText().utf8.dropLast()) + bytes + Array("}".utf8),
            Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8),
        ] {
            let judged = try Judged(record)
            #expect(!judged.isJSON)
            #expect(judged.refusal?.reasons.map(\.code) == [.notJSON])
        }
    }

    @Test("may be nested a thousand deep, everywhere in the record, and no deeper")
    func depth() throws {
        func nested(_ count: Int, _ inner: String = "") -> String {
            String(repeating: "[", count: count) + inner + String(repeating: "]", count: count)
        }
        func objects(_ count: Int) -> String {
            String(repeating: "{\"a\":", count: count) + "1" + String(repeating: "}", count: count)
        }
        let records: [(String, String)] = [
            (nested(1_000), nested(1_001)), (objects(1_000), objects(1_001)),
            (saleText(adding: ", \"x\": \(nested(999))"), saleText(adding: ", \"x\": \(nested(1_000))")),
            (saleText(adding: ", \"x\": \(objects(999))"), saleText(adding: ", \"x\": \(objects(1_000))")),
            (saleText(["items": "[\(nested(998))]"]), saleText(["items": "[\(nested(999))]"])),
            (
                saleText(line: [:], adding: ", \"x\": \(objects(997))"),
                saleText(line: [:], adding: ", \"x\": \(objects(998))")
            ),
        ]
        for (shallow, deep) in records {
            #expect(try Judged(shallow).isJSON)
            #expect(try SQLiteJSON().isValid(Array(shallow.utf8)))
            let judged = try Judged(deep)
            #expect(!judged.isJSON)
            #expect(judged.refusal?.reasons.map(\.code) == [.nestedTooDeep])
        }
        for count in [100_000, 1_000_000] {
            #expect(try Judged(String(repeating: "[", count: count)).refusal != nil)
            #expect(try Judged(String(repeating: "{\"a\":", count: count)).refusal != nil)
            #expect(try Judged(nested(count)).refusal != nil)
        }
    }

    @Test("may be a megabyte and more of anything")
    func large() throws {
        let megabyte = String(repeating: "x", count: 1_000_000)
        #expect(try Judged(saleText(adding: ", \"x\": \"\(megabyte)\"")).sale != nil)
        #expect(try Judged(saleText(adding: ", \"x\": \"\(String(repeating: "\\n", count: 500_000))\"")).sale != nil)
        #expect(try Judged(saleText(line: ["product_sku": "\"\(megabyte)\""])).sale?.lines.first?.sku == megabyte)
        #expect(try Judged(saleText(adding: ", \"\(megabyte)\": 1")).sale != nil)
        #expect(try Judged(saleText() + String(repeating: " ", count: 1_000_000)).sale != nil)
        let many = (0..<100_000).map { "\"key\($0)\": \($0)" }.joined(separator: ", ")
        #expect(try Judged(saleText(adding: ", " + many)).sale != nil)
        #expect(try Judged(saleText(adding: ", \"x\": {\(many)}")).sale != nil)
        #expect(
            try Judged(saleText(adding: ", \(many), \"key500\": 1")).reasons == [
                "key500: the key comes twice in one object"
            ])
        #expect(
            try Judged(saleText(adding: ", \"x\": {\(many), \"key99999\": 1}")).reasons == [
                "x: a key comes twice in an object in it"
            ])
    }

    @Test("of one record says nothing of the next, whatever their sizes")
    func reuse() throws {
        let parser = SaleParser(timeZone: .utc)
        var batch = SaleBatch()
        let large = saleText(adding: ", \"x\": \"\(String(repeating: "\\u00e9", count: 50_000))\"")
        for text in [
            saleText(), large, saleText(["id": "1"]), "{\"a\":[{\"b\":", saleText(["id": "2"]), "", saleText(),
        ] {
            Array(text.utf8).withUnsafeBytes { parser.parse($0, record: 0, into: &batch) }
        }
        #expect(batch.rows.map(\.id) == [536_365, 536_365, 1, 2, 536_365])
        #expect(batch.rows.map(\.contentHash)[0] == batch.rows.map(\.contentHash)[4])
        #expect(batch.refusals.count == 2)
    }

    @Test("is judged without a crash, and as SQLite judges it, after any change", arguments: [UInt64(20_101_201)])
    func mutated(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let sqlite = try SQLiteJSON()
        let parser = SaleParser(timeZone: .utc)
        var batch = SaleBatch()
        let mutator = Mutator()
        var counts = (valid: 0, json: 0, all: 0)
        for round in 0..<100_000 {
            let record = mutator.record(&generator)
            batch.removeAll()
            record.withUnsafeBytes { parser.parse($0, record: 1, into: &batch) }
            guard batch.rows.count + batch.refusals.count == 1, batch.jsonRecords.count == 1 else {
                Issue.record("seed \(seed), round \(round): neither row nor refusal")
                return
            }
            let isRefusedAsJSON = batch.refusals.first?.reasons.contains { $0.code == .notJSON } ?? false
            let isValidHere = sqlite.isValid(record)
            // What is called JSON here is so in SQLite; what SQLite takes is refused here only if it is not UTF-8,
            // which SQLite does not look at (it also ends a text at the first zero byte).
            let isText = !record.contains(0) && String(validating: record, as: UTF8.self) != nil
            guard !batch.jsonRecords[0] || isValidHere, !(isValidHere && isText && isRefusedAsJSON) else {
                Issue.record("seed \(seed), round \(round): \(String(decoding: record, as: UTF8.self))")
                return
            }
            counts.all += 1
            counts.valid += batch.rows.count
            counts.json += batch.jsonRecords[0] ? 1 : 0
        }
        // The changes must neither leave everything valid nor break everything.
        #expect(counts.valid > 5_000 && counts.valid < 95_000, "\(counts)")
        #expect(counts.json > 20_000 && counts.json < 90_000, "\(counts)")
    }
}
