import Retail
import Testing

@Suite("A refused sale")
struct RefusedSaleTests {
    @Test(
        "tells the reason for each wrong field",
        arguments: [
            // id
            (saleText(["id": nil]), "id: is missing"),
            (saleText(["id": "null"]), "id: null is not an integer"),
            (saleText(["id": "0"]), "id: 0 is not from 1 to 9223372036854775807"),
            (saleText(["id": "-1"]), "id: -1 is not from 1 to 9223372036854775807"),
            (
                saleText(["id": "9223372036854775808"]),
                "id: 9223372036854775808 is larger than 9223372036854775807 in size"
            ),
            (saleText(["id": "1e400000000"]), "id: 1e400000000 is larger than 9223372036854775807 in size"),
            (saleText(["id": "1.5"]), "id: 1.5 is not an integer"),
            (saleText(["id": "\"x\""]), "id: \"x\" is not an integer"),
            (saleText(["id": "\"\""]), "id: \"\" is not an integer"),
            (saleText(["id": "\" 5\""]), "id: \" 5\" is not an integer"),
            (saleText(["id": "\"+5\""]), "id: \"+5\" is not an integer"),
            (saleText(["id": "\"000\""]), "id: \"000\" is not from 1 to 9223372036854775807"),
            (saleText(["id": "true"]), "id: true is not an integer"),
            (saleText(["id": "[1]"]), "id: an array is not an integer"),
            (saleText(["id": "{\"items\": 1}"]), "id: an object is not an integer"),
            (saleText(["id": "[{\"product_sku\": 5}]"]), "id: an array is not an integer"),
            // datetime
            (saleText(["datetime": nil]), "datetime: is missing"),
            (saleText(["datetime": "null"]), "datetime: null is not a datetime (YYYY-MM-DDTHH:MM:SS)"),
            (saleText(["datetime": "1291190640"]), "datetime: 1291190640 is not a datetime (YYYY-MM-DDTHH:MM:SS)"),
            (
                saleText(["datetime": "\"2010-12-01\""]),
                "datetime: \"2010-12-01\" is not a datetime (YYYY-MM-DDTHH:MM:SS)"
            ),
            (
                saleText(["datetime": "\"2011-02-29T00:00:00\""]),
                "datetime: \"2011-02-29T00:00:00\" does not exist in the calendar"
            ),
            (
                saleText(["datetime": "\"2016-12-31T23:59:60\""]),
                "datetime: \"2016-12-31T23:59:60\" does not exist in the calendar"
            ),
            (
                saleText(["datetime": "\"0000-01-01T00:00:00\""]),
                "datetime: \"0000-01-01T00:00:00\" does not exist in the calendar"
            ),
            (
                saleText(["datetime": "\"2010-12-01T08:04:00+24:00\""]),
                "datetime: \"2010-12-01T08:04:00+24:00\" does not exist in the calendar"
            ),
            (
                saleText(["datetime": "\"0001-01-01T00:00:00+01:00\""]),
                "datetime: \"0001-01-01T00:00:00+01:00\" in UTC is not in the years 1 to 9999"
            ),
            (
                saleText(["datetime": "\"9999-12-31T23:59:59-01:00\""]),
                "datetime: \"9999-12-31T23:59:59-01:00\" in UTC is not in the years 1 to 9999"
            ),
            // total_amount
            (saleText(["total_amount": "null"]), "total_amount: null is not a number"),
            (saleText(["total_amount": "\"\""]), "total_amount: \"\" is not a number"),
            (saleText(["total_amount": "0.00001"]), "total_amount: 0.00001 has more than 4 decimals"),
            (saleText(["total_amount": "1e15"]), "total_amount: 1e15 is larger than 100000000000000 in size"),
            // customer_id
            (saleText(["customer_id": "true"]), "customer_id: a truth value is neither a string nor a number"),
            (saleText(["customer_id": "[\"17850\"]"]), "customer_id: an array is neither a string nor a number"),
            (saleText(["customer_id": "{}"]), "customer_id: an object is neither a string nor a number"),
            (saleText(["customer_id": "\"a\\u0000\""]), "customer_id: holds U+0000 or half of a surrogate pair"),
            (saleText(["customer_id": "\"\\udc00\""]), "customer_id: holds U+0000 or half of a surrogate pair"),
            // items
            (saleText(["items": nil]), "items: is missing"),
            (saleText(["items": "null"]), "items: null is not an array"),
            (saleText(["items": "{}"]), "items: an object is not an array"),
            (saleText(["items": "\"[]\""]), "items: \"[]\" is not an array"),
            (saleText(["items": "[null]"]), "items[0]: null is not an object"),
            (saleText(["items": "[[]]"]), "items[0]: an array is not an object"),
            (saleText(["items": "[\"x\"]"]), "items[0]: \"x\" is not an object"),
            // product_sku
            (saleText(line: ["product_sku": nil]), "items[0].product_sku: is missing"),
            (saleText(line: ["product_sku": "null"]), "items[0].product_sku: null is not a string"),
            (saleText(line: ["product_sku": "85123"]), "items[0].product_sku: 85123 is not a string"),
            (saleText(line: ["product_sku": "\"\""]), "items[0].product_sku: is empty"),
            (
                saleText(line: ["product_sku": "\"a\\tb\""]),
                "items[0].product_sku: \"a\\u{9}b\" holds a control character"
            ),
            (
                saleText(line: ["product_sku": "\"a\\u0000\""]),
                "items[0].product_sku: \"a\\u{0}\" holds a control character"
            ),
            (
                saleText(line: ["product_sku": "\"\u{7F}\""]),
                "items[0].product_sku: \"\\u{7f}\" holds a control character"
            ),
            (
                saleText(line: ["product_sku": "\"\u{85}\""]),
                "items[0].product_sku: \"\\u{85}\" holds a control character"
            ),
            (saleText(line: ["product_sku": "\"a\\ud800\""]), "items[0].product_sku: holds half of a surrogate pair"),
            // quantity
            (saleText(line: ["quantity": nil]), "items[0].quantity: is missing"),
            (saleText(line: ["quantity": "\"x\""]), "items[0].quantity: \"x\" is not an integer"),
            (saleText(line: ["quantity": "1.5"]), "items[0].quantity: 1.5 is not an integer"),
            (saleText(line: ["quantity": "1e-1"]), "items[0].quantity: 1e-1 is not an integer"),
            (saleText(line: ["quantity": "\"05\""]), "items[0].quantity: \"05\" is not an integer"),
            (
                saleText(line: ["quantity": "1000000001"]),
                "items[0].quantity: 1000000001 is larger than 1000000000 in size"
            ),
            (saleText(line: ["quantity": "-1e10"]), "items[0].quantity: -1e10 is larger than 1000000000 in size"),
            // amount
            (saleText(line: ["amount": nil]), "items[0].amount: is missing"),
            (saleText(line: ["amount": "\"1,50\""]), "items[0].amount: \"1,50\" is not a number"),
            (saleText(line: ["amount": "false"]), "items[0].amount: false is not a number"),
            (saleText(line: ["amount": "0.12345"]), "items[0].amount: 0.12345 has more than 4 decimals"),
            (
                saleText(line: ["amount": "100000000000.0001"]),
                "items[0].amount: 100000000000.0001 is larger than 100000000000 in size"
            ),
            (saleText(line: ["amount": "-1e400"]), "items[0].amount: -1e400 is larger than 100000000000 in size"),
            // keys that come twice
            (saleText(adding: ", \"customer_id\": \"17850\""), "customer_id: the key comes twice in one object"),
            (saleText(adding: ", \"note\": 1, \"note\": 2, \"note\": 3"), "note: the key comes twice in one object"),
            (
                saleText(
                    ["total_amount": nil], adding: ", \"total_amount\": 1, \"total_amount\": 2, \"total_amount\": 3"),
                "total_amount: the key comes twice in one object"
            ),
            (
                saleText(adding: (0..<20).map { ", \"k\(max($0, 2))\": 1" }.joined()),
                "k2: the key comes twice in one object"
            ),
            (saleText(adding: ", \"note\": 1, \"n\\u006fte\": 2"), "note: the key comes twice in one object"),
            (saleText(adding: ", \"a b\": 1, \"a b\": 2"), "(a key): the key comes twice in one object"),
            (saleText(adding: ", \"\": 1, \"\": 2"), "(a key): the key comes twice in one object"),
            (
                saleText(adding: ", \"x\": {\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}"),
                "x: a key comes twice in an object in it"
            ),
            (saleText(adding: ", \"x\": [[{\"c\": 1, \"c\": 2}]]"), "x: a key comes twice in an object in it"),
            (saleText(line: [:], adding: ", \"quantity\": 6"), "items[0].quantity: the key comes twice in one object"),
            (saleText(line: [:], adding: ", \"n\": 6, \"n\": 6"), "items[0].n: the key comes twice in one object"),
            (
                saleText(line: [:], adding: ", \"n\": {\"a\": 1, \"a\": 1}"),
                "items[0].n: a key comes twice in an object in it"
            ),
            (
                saleText(adding: ", \"\\udc00\": 1, \"\\udc00\": 2"),
                "(a key): the key comes twice in one object"
            ),
            // the record as a whole
            ("[]", "record: an array is not an object"),
            ("5", "record: a number is not an object"),
            ("null", "record: null is not an object"),
            ("\"{}\"", "record: a string is not an object"),
            ("", "record: is not JSON: there is no value at byte 0"),
            (" \n", "record: is not JSON: there is no value at byte 0"),
            ("{", "record: is not JSON: it ends too early at byte 1"),
            ("{\"id\" 5}", "record: is not JSON: unexpected character at byte 6"),
            ("{\"id\": 05}", "record: is not JSON: a number is malformed at byte 7"),
            ("{\"id\": nul}", "record: is not JSON: neither true nor false nor null at byte 7"),
            ("{\"a\": \"\\x\"}", "record: is not JSON: an escape in a string is malformed at byte 7"),
            ("{\"a\": \"\n\"}", "record: is not JSON: a control character in a string is not escaped"),
            ("{\"a\": \"}", "record: is not JSON: a string is not closed"),
            ("{} {}", "record: is not JSON: something follows the value at byte 3"),
        ])
    func reason(text: String, reason: String) throws {
        let judged = try Judged(text)
        #expect(judged.sale == nil)
        #expect(judged.reasons == [reason])
    }

    @Test(
        "is a datetime only in the forms of the contract",
        arguments: [
            "", "x", "2010-12-01T08:04", "2010-12-01t08:04:00", "2010-12-01T08:04:00z", "2010-12-01  08:04:00",
            "2010-12-01T08:04:00.", "2010-12-01T08:04:00.Z", "2010-12-01T08:04:00,5", "2010-12-01T08:04:00+0200",
            "2010-12-01T08:04:00+02", "2010-12-01T08:04:00+2:00", "2010-12-01T08:04:00Z ", " 2010-12-01T08:04:00",
            "2010-12-01T08:04:00 +02:00", "2010-12-01T08:04:00ZZ", "2010-12-01T08:04:00+02:00:00", "20101201T080400",
            "2010/12/01T08:04:00", "2010-12-01T08:04:0x", "01-12-2010T08:04:00", "12010-12-01T08:04:00",
            "2010-12-01T08:04:00.5.5", "2010-12-01T08:04:00+", "2010-12-01T08:04:00+02:0", "2010-12-01_08:04:00",
        ])
    func datetimeForm(text: String) throws {
        #expect(try Judged(saleText(["datetime": "\"\(text)\""])).refusal?.reasons.map(\.code) == [.notADatetime])
    }

    @Test("tells every reason, in the order of the fields")
    func every() throws {
        let judged = try Judged(
            """
            {"id": "x", "datetime": "yesterday", "total_amount": [], "customer_id": true, "items": [
              {"product_sku": "", "quantity": 1.5, "amount": 0.00001}, {"product_sku": "1", "quantity": 1, "amount": 1},
              {"product_sku": 1, "quantity": "x"}, 5], "a": 1, "a": 2}
            """)
        #expect(
            judged.reasons == [
                "a: the key comes twice in one object",
                "id: \"x\" is not an integer",
                "datetime: \"yesterday\" is not a datetime (YYYY-MM-DDTHH:MM:SS)",
                "total_amount: an array is not a number",
                "customer_id: a truth value is neither a string nor a number",
                "items[0].product_sku: is empty",
                "items[0].quantity: 1.5 is not an integer",
                "items[0].amount: 0.00001 has more than 4 decimals",
                "items[2].product_sku: 1 is not a string",
                "items[2].quantity: \"x\" is not an integer",
                "items[2].amount: is missing",
                "items[3]: 5 is not an object",
            ])
        #expect(judged.refusal?.reasons[6].code == .notAnInteger)
        #expect(judged.refusal?.reasons[6].field == "items[0].quantity")
    }

    @Test("keeps the sale id when that much is usable")
    func saleID() throws {
        #expect(try Judged(saleText(["items": nil])).refusal?.saleID == 536_365)
        #expect(try Judged(saleText(["items": nil, "id": "\"12\""])).refusal?.saleID == 12)
        #expect(try Judged(saleText(adding: ", \"x\": 1, \"x\": 2")).refusal?.saleID == 536_365)
        #expect(try Judged(saleText(adding: ", \"x\": {\"id\": 1, \"id\": 2}")).refusal?.saleID == 536_365)
        #expect(try Judged(saleText(line: [:], adding: ", \"id\": 1, \"id\": 2")).refusal?.saleID == 536_365)
        #expect(try Judged(saleText(adding: ", \"id\": 536365")).refusal?.saleID == nil)
        #expect(try Judged(saleText(["id": "0"])).refusal?.saleID == nil)
        #expect(try Judged(saleText() + "x").refusal?.saleID == nil)
        #expect(try Judged(saleText(["items": nil])).refusal?.record == 7)
    }

    @Test("is a record without payload")
    func noPayload() throws {
        let judged = try Judged(nil as [UInt8]?)
        #expect(judged.refusal?.reasons.map(\.code) == [.noPayload])
        #expect(!judged.isJSON)
    }

    @Test("has more than a thousand lines")
    func lines() throws {
        let line = "{\"product_sku\": \"1\", \"quantity\": 1, \"amount\": 1}"
        let lines = "[" + Array(repeating: line, count: 1_001).joined(separator: ",") + "]"
        let judged = try Judged(saleText(["items": lines]))
        #expect(judged.reasons == ["items: 1001 lines are more than 1000"])
        #expect(judged.isJSON)
    }

    @Test("tells a bounded number of reasons of any number of faults")
    func bounded() throws {
        let lines = "[" + Array(repeating: "{\"a\":1,\"a\":2}", count: 70_000).joined(separator: ",") + "]"
        let judged = try Judged(saleText(["items": lines]))
        #expect(judged.refusal?.reasons.count == RetailLimits.reasonsMax + 1)
        #expect(judged.refusal?.reasons.last?.code == .moreReasons)
    }

    @Test("quotes values short, on one line, and no addresses")
    func quoting() throws {
        let long = String(repeating: "y", count: 1_000_000)
        #expect(
            try Judged(saleText(["id": "\"\(long)\""])).reasons == [
                "id: \"\(String(repeating: "y", count: 40))…\" is not an integer"
            ])
        #expect(
            try Judged(saleText(["id": String(repeating: "7", count: 400)])).reasons == [
                "id: \(String(repeating: "7", count: 40))… is larger than 9223372036854775807 in size"
            ])
        #expect(
            try Judged(saleText(["id": "\"a\\n\\u001b\\\"\\u202e\\u2028b\""])).reasons == [
                "id: \"a\\u{a}\\u{1b}\\\"\\u{202e}\\u{2028}b\" is not an integer"
            ])
        #expect(
            try Judged(saleText(["id": "\"jo@example.org\""])).reasons == ["id: a string is not an integer"])
        #expect(
            try Judged(saleText(adding: ", \"jo@example.org\": 1, \"jo@example.org\": 2")).reasons == [
                "(a key): the key comes twice in one object"
            ])
        #expect(
            try Judged("{\"Anna Schmidt\": 1, \"Anna Schmidt\": 2, \"17850\": 3, \"17850\": 4}").reasons
                .allSatisfy { !$0.contains("Anna") && !$0.contains("17850") })
        for text in ["[\"secret\"]", "{\"secret\": 1}", "\"secret\\u0000\"", "true"] {
            #expect(try !Judged(saleText(["customer_id": text])).reasons.joined().contains("secret"))
        }
    }

    @Test("uses only codes of the known set, each once in the set")
    func codes() {
        #expect(Set(ValidationReason.Code.known).count == ValidationReason.Code.known.count)
        #expect(ValidationReason.Code.known.allSatisfy { $0.rawValue.allSatisfy { $0 == "_" || $0.isLowercase } })
    }
}
