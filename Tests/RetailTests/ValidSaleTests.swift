import Retail
import Testing

@Suite("A valid sale")
struct ValidSaleTests {
    @Test("is read with all its values")
    func whole() throws {
        let text = """
            {"id": 536365, "datetime": "2010-12-01T08:04:00", "total_amount": 35.64, "customer_id": "17850",
             "items": [{"product_sku": "85123A", "quantity": 6, "amount": 15.30},
                       {"product_sku": "71053", "quantity": -6, "amount": 20.34}], "till": {"a": [1, {}]}}
            """
        let judged = try Judged(text)
        let sale = try #require(judged.sale)
        #expect(sale.id == 536_365)
        #expect(CivilTime.text(of: sale.datetime) == "2010-12-01 08:04:00")
        #expect(sale.instant == sale.datetime)
        #expect(sale.totalAmount == Money(units: 356_400))
        #expect(sale.customerID == "17850")
        #expect(
            sale.lines == [
                SaleLine(sku: "85123A", quantity: 6, amount: Money(units: 153_000)),
                SaleLine(sku: "71053", quantity: -6, amount: Money(units: 203_400)),
            ])
        #expect(judged.isJSON)
        #expect(!judged.totalDiffers)
    }

    @Test(
        "has an id from 1 to 2^63−1, by value, digits in a string too",
        arguments: [
            ("1", 1), ("9223372036854775807", .max), ("\"9223372036854775807\"", .max), ("5.36365e5", 536_365),
            ("\"536365.0\"", 536_365), ("536365.000", 536_365), ("1e0", 1), ("\"000536\"", 536), ("\"1e2\"", 100),
            ("\"\\u0031\\u0032\"", 12),
        ] as [(String, Int64)])
    func id(text: String, id: Int64) throws {
        #expect(try Judged(saleText(["id": text])).sale?.id == id)
    }

    @Test(
        "has a datetime in any form the contract names",
        arguments: [
            ("2010-12-01T08:04:00", "2010-12-01 08:04:00"), ("2010-12-01 08:04:00", "2010-12-01 08:04:00"),
            ("2010-12-01T08:04:00.999999999999", "2010-12-01 08:04:00"),
            ("2010-12-01T08:04:00Z", "2010-12-01 08:04:00"),
            ("2010-12-01 08:04:00.5Z", "2010-12-01 08:04:00"), ("2010-12-01T08:04:00+02:00", "2010-12-01 06:04:00"),
            ("2010-12-01T08:04:00.25-05:30", "2010-12-01 13:34:00"), ("2012-02-29T00:00:00", "2012-02-29 00:00:00"),
            ("2000-02-29T00:00:00", "2000-02-29 00:00:00"), ("0001-01-01T00:00:00", "0001-01-01 00:00:00"),
            ("9999-12-31T23:59:59", "9999-12-31 23:59:59"), ("2010-12-01T08:04:00-00:00", "2010-12-01 08:04:00"),
            ("1969-12-31T23:59:59.9", "1969-12-31 23:59:59"),
        ])
    func datetime(text: String, stored: String) throws {
        let sale = try #require(try Judged(saleText(["datetime": "\"\(text)\""])).sale)
        #expect(CivilTime.text(of: sale.datetime) == stored)
        #expect(sale.instant == sale.datetime)
    }

    @Test(
        "is stored in the time of the configured zone",
        arguments: [
            ("2020-07-01T12:00:00", "2020-07-01 12:00:00", "2020-07-01 10:00:00"),
            ("2020-07-01T12:00:00Z", "2020-07-01 14:00:00", "2020-07-01 12:00:00"),
            ("2020-07-01T12:00:00-05:00", "2020-07-01 19:00:00", "2020-07-01 17:00:00"),
            // 02:30 comes twice that night; what is stored means the earlier one, whichever was written.
            ("2020-10-25T01:30:00Z", "2020-10-25 02:30:00", "2020-10-25 00:30:00"),
            ("2020-10-25T00:30:00Z", "2020-10-25 02:30:00", "2020-10-25 00:30:00"),
        ])
    func zone(text: String, stored: String, instant: String) throws {
        let berlin = try #require(RetailTimeZone(identifier: "Europe/Berlin"))
        let sale = try #require(try Judged(saleText(["datetime": "\"\(text)\""]), in: berlin).sale)
        #expect(CivilTime.text(of: sale.datetime) == stored)
        #expect(CivilTime.text(of: sale.instant) == instant)
    }

    @Test(
        "has quantities that are whole numbers up to 10^9",
        arguments: [
            ("0", 0), ("-0", 0), ("6.0", 6), ("6e0", 6), ("1e9", 1_000_000_000), ("-1000000000", -1_000_000_000),
            ("\"12\"", 12), ("\"1.2e1\"", 12), ("0.5e1", 5), ("0e999999999", 0), ("1000000000.000", 1_000_000_000),
        ] as [(String, Int64)])
    func quantity(text: String, quantity: Int64) throws {
        #expect(try Judged(saleText(line: ["quantity": text])).sale?.lines.first?.quantity == quantity)
    }

    @Test(
        "has amounts that are exact to four decimals, up to 10^11",
        arguments: [
            ("15.3", 153_000), ("1e2", 1_000_000), ("\"15.30\"", 153_000), ("0.12340000", 1_234), ("-15.3", -153_000),
            ("100000000000", 1_000_000_000_000_000), ("-1e11", -1_000_000_000_000_000), ("8.2", 82_000),
            ("0.1000000000000000000000000000000000000000000000000000000", 1_000), ("1.1e-3", 11),
        ] as [(String, Int64)])
    func amount(text: String, units: Int64) throws {
        #expect(try Judged(saleText(line: ["amount": text])).sale?.lines.first?.amount == Money(units: units))
    }

    @Test(
        "may be without customer, and keeps a customer as it came",
        arguments: [
            (nil, nil), ("null", nil), ("\"\"", nil), ("\"17850\"", "17850"), ("17850", "17850"),
            ("17850.0", "17850.0"), ("1e5", "1e5"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("\" a b \"", " a b "), ("\"M\\u00fcller\"", "Müller"), ("\"\\ud83d\\ude00\"", "😀"),
            ("\"a\\tb\"", "a\tb"),
        ] as [(String?, String?)])
    func customer(text: String?, customer: String?) throws {
        let judged = try Judged(saleText(["customer_id": text]))
        #expect(judged.sale != nil)
        #expect(judged.sale?.customerID == customer)
    }

    @Test(
        "keeps a product's key as it came",
        arguments: [
            ("\"85123A\"", "85123A"), ("\" \"", " "), ("\"ß/\\\"\\\\\\/\"", "ß/\"\\/"), ("\"\\u00e9\"", "é"),
            ("\"e\\u0301\"", "e\u{301}"), ("\"\\u00a0\"", "\u{A0}"), ("\"\\ud83d\\ude00\"", "😀"),
        ])
    func sku(text: String, sku: String) throws {
        let line = try #require(try Judged(saleText(line: ["product_sku": text])).sale?.lines.first)
        #expect(Array(line.sku.utf8) == Array(sku.utf8))
    }

    @Test("may have no lines, no total, and up to a thousand lines")
    func sizes() throws {
        #expect(try Judged(saleText(["items": "[]"])).sale?.lines.isEmpty == true)
        let withoutTotal = try Judged(saleText(["total_amount": nil]))
        #expect(withoutTotal.sale != nil && withoutTotal.sale?.totalAmount == nil && !withoutTotal.totalDiffers)
        let line = "{\"product_sku\": \"1\", \"quantity\": 1, \"amount\": 1e11}"
        let lines = "[" + Array(repeating: line, count: 1_000).joined(separator: ",") + "]"
        let large = try Judged(saleText(["items": lines, "total_amount": "1e14"]))
        #expect(large.sale?.lines.count == 1_000)
        #expect(large.sale?.totalAmount == Money(units: RetailLimits.totalUnitsMax))
        #expect(!large.totalDiffers)
    }

    @Test("counts a total that is not the sum of the lines, and keeps it")
    func totalDiffers() throws {
        let judged = try Judged(saleText(["total_amount": "139.13"]))
        #expect(judged.sale?.totalAmount == Money(units: 1_391_300))
        #expect(judged.totalDiffers)
    }

    @Test(
        "may have any unknown fields",
        arguments: [
            ", \"extra\": {\"id\": 1, \"a\": [{\"id\": 2}, {\"id\": 3}]}", ", \"x\": [[[[]]]], \"y\": \"\\n\"",
            ", \"ID\": 5, \"Items\": null", ", \"\": 1", ", \"big\": 1\(String(repeating: "0", count: 400))",
            ", \"tiny\": 1e-400000000", ", \"half\": \"\\ud800\", \"zero\": \"\\u0000\"",
        ])
    func unknown(adding: String) throws {
        #expect(try Judged(saleText(adding: adding)).sale != nil)
    }

    @Test("leaves the batch as it was when it is not one, and the batch can be used again")
    func batch() throws {
        let parser = SaleParser(timeZone: .utc)
        var batch = SaleBatch()
        let texts = [
            saleText(["id": "1"]), saleText(line: ["product_sku": "\"kept\""]),
            saleText(["items": "[{\"product_sku\": \"a\", \"quantity\": 1, \"amount\": 1}, 5]"]), "{",
            saleText(["id": "4"]),
        ]
        for round in 1...2 {
            for (index, text) in texts.enumerated() {
                Array(text.utf8).withUnsafeBytes { parser.parse($0, record: Int32(index), into: &batch) }
            }
            #expect(batch.rows.map(\.record) == [0, 1, 4], "round \(round)")
            #expect(batch.refusals.map(\.record) == [2, 3])
            #expect(batch.rows.map(\.lines) == [0..<1, 1..<2, 2..<3])
            #expect(batch.lines.map { batch.string($0.sku) } == ["85123A", "kept", "85123A"])
            #expect(String(decoding: batch.text, as: UTF8.self) == "1785085123A17850kept1785085123A")
            #expect(batch.jsonRecords == [true, true, true, false, true])
            batch.removeAll()
            #expect(batch.rows.isEmpty && batch.lines.isEmpty && batch.text.isEmpty && batch.jsonRecords.isEmpty)
        }
    }

    @Test("has a content hash that says what changed and is the same in every release")
    func contentHash() throws {
        func hash(_ text: String) throws -> Int64 { try #require(try Judged(text).sale).contentHash }
        let usual = try hash(saleText())
        let same = [
            saleText(["id": "\"536365\"", "total_amount": "1391.2e-1"]), saleText(adding: ", \"note\": 1"),
            saleText(["datetime": "\"2010-12-01 08:04:00.7Z\""]), saleText(line: ["quantity": "6.0"]),
        ]
        for text in same {
            #expect(try hash(text) == usual, "\(text)")
        }
        let others = try [
            saleText(["id": "536366"]), saleText(["datetime": "\"2010-12-01T08:04:01\""]),
            saleText(["total_amount": "139.13"]), saleText(["total_amount": nil]), saleText(["customer_id": nil]),
            saleText(["customer_id": "\"17851\""]), saleText(["items": "[]"]),
            saleText(line: ["product_sku": "\"85123B\""]),
            saleText(line: ["quantity": "7"]), saleText(line: ["amount": "139.11"]),
        ].map(hash)
        #expect(Set(others + [usual]).count == others.count + 1)
        // Stored in warehouses: these may never change.
        #expect(usual == 587_737_008_867_538_772)
        #expect(
            try hash(saleText(["items": "[]", "total_amount": nil, "customer_id": nil])) == 6_172_490_408_742_313_362)
        #expect(try Judged("{").refusal?.contentHash == -1_541_173_007_734_213_111)
        #expect(try Judged(nil as [UInt8]?).refusal?.contentHash == -3_049_013_831_022_690_741)
    }
}
