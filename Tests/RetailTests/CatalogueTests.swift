import Retail
import RetailTestKit
import Testing

@Suite("A catalogue row")
struct CatalogueTests {
    private static func product(_ text: String, in timeZone: RetailTimeZone = .utc) -> Parsed<Product> {
        Array(text.utf8).withUnsafeBytes { CatalogueParser(timeZone: timeZone).product($0) }
    }

    private static func customer(_ text: String) -> Parsed<Customer> {
        Array(text.utf8).withUnsafeBytes { CatalogueParser(timeZone: .utc).customer($0) }
    }

    @Test("is a product with all its values")
    func product() {
        let parsed = Self.product(
            """
            {"product_sku": "85123A", "description": "WHITE HANGING HEART", "unit_amount": 2.55, "supplier": "ACME",
             "updated_at": "2010-12-01T08:04:00.123456789+01:00", "colour": {"a": [1]}}
            """)
        #expect(
            parsed
                == .valid(
                    Product(
                        sku: "85123A", description: "WHITE HANGING HEART", unitAmount: Money(units: 25_500),
                        supplier: "ACME", updatedAt: 1_291_187_040_123_456)))
    }

    @Test(
        "is a product without description, supplier or price",
        arguments: [
            "{\"product_sku\": \"1\", \"unit_amount\": 0}",
            "{\"product_sku\": \"1\", \"unit_amount\": 0, \"supplier\": null}",
            "{\"product_sku\": \"1\", \"description\": null, \"unit_amount\": \"-0.0\", \"supplier\": null}",
            "{\"product_sku\": \"1\", \"description\": \"\", \"unit_amount\": 0e9, \"supplier\": null, \"updated_at\": null}",
        ])
    func sparse(text: String) {
        #expect(
            Self.product(text)
                == .valid(
                    Product(
                        sku: "1", description: "", unitAmount: .zero, supplier: nil, updatedAt: nil)))
    }

    @Test("takes a time without zone as one of the configured zone")
    func zone() throws {
        let berlin = try #require(RetailTimeZone(identifier: "Europe/Berlin"))
        let text = """
            {"product_sku": "1", "unit_amount": 1, "supplier": null, "updated_at": "2020-07-01T12:00:00"}
            """
        guard case .valid(let product) = Self.product(text, in: berlin) else {
            Issue.record("refused")
            return
        }
        #expect(product.updatedAt == 1_593_597_600_000_000)
    }

    @Test(
        "is no product, for every reason told",
        arguments: [
            (
                "{}", nil,
                ["product_sku: is missing", "unit_amount: is missing"]
            ),
            (
                "{\"product_sku\": 5, \"description\": 1, \"unit_amount\": -0.5, \"supplier\": [], \"updated_at\": \"\"}",
                nil,
                [
                    "product_sku: 5 is not a string", "description: 1 is not a string", "unit_amount: -0.5 is negative",
                    "supplier: an array is not a string",
                    "updated_at: \"\" is not a datetime (YYYY-MM-DDTHH:MM:SS)",
                ]
            ),
            (
                "{\"product_sku\": \"1\", \"unit_amount\": 1e12, \"supplier\": \"\\u0000\"}", "1",
                [
                    "unit_amount: 1e12 is larger than 100000000000 in size",
                    "supplier: holds U+0000 or half of a surrogate pair",
                ]
            ),
            (
                "{\"product_sku\": \"1\", \"unit_amount\": 0.00001, \"supplier\": null, \"updated_at\": \"2011-02-29T00:00:00\"}",
                "1",
                [
                    "unit_amount: 0.00001 has more than 4 decimals",
                    "updated_at: \"2011-02-29T00:00:00\" does not exist in the calendar",
                ]
            ),
            (
                "{\"product_sku\": \"1\", \"unit_amount\": 1, \"supplier\": null, \"product_sku\": \"1\"}", nil,
                ["product_sku: the key comes twice in one object"]
            ),
            (
                "{\"product_sku\": \"1\", \"unit_amount\": 1, \"supplier\": null, \"x\": [{\"a\": 1, \"a\": 1}]}", "1",
                ["x: a key comes twice in an object in it"]
            ),
            ("[]", nil, ["record: an array is not an object"]),
            ("{", nil, ["record: is not JSON: it ends too early at byte 1"]),
            ("", nil, ["record: is not JSON: there is no value at byte 0"]),
        ] as [(String, String?, [String])])
    func refusedProduct(text: String, key: String?, reasons: [String]) {
        guard case .refused(let foundKey, let found) = Self.product(text) else {
            Issue.record("valid")
            return
        }
        #expect(foundKey == key)
        #expect(found.map(\.description) == reasons)
    }

    @Test("is a customer with all values, however the arrays are ordered")
    func customer() {
        let expected = Parsed.valid(
            Customer(
                customerID: "17850", emails: ["a@example.org", "b@example.org"], phoneNumbers: ["+49 30 1"]))
        let texts = [
            "{\"customer_id\": 17850, \"emails\": [\"a@example.org\", \"b@example.org\"], \"phone_numbers\": [\"+49 30 1\"]}",
            "{\"phone_numbers\": [\"+49 30 1\"], \"emails\": [\"\\u0061@example.org\", \"b@example.org\"], \"customer_id\": \"17850\"}",
        ]
        for text in texts {
            #expect(Self.customer(text) == expected)
        }
        #expect(
            Self.customer("{\"customer_id\": \"1\", \"emails\": [], \"phone_numbers\": []}")
                == .valid(Customer(customerID: "1", emails: [], phoneNumbers: [])))
        #expect(
            Self.customer("{\"customer_id\": 1, \"emails\": null}")
                == .valid(Customer(customerID: "1", emails: [], phoneNumbers: [])))
    }

    @Test("is no customer, for every reason told, without any personal data")
    func refusedCustomer() {
        let cases: [(String, String?, [String])] = [
            (
                "{}", nil,
                ["customer_id: is missing"]
            ),
            (
                "{\"customer_id\": \"\", \"emails\": \"secret\", \"phone_numbers\": null}", nil,
                [
                    "customer_id: is empty", "emails: a string is not an array",
                ]
            ),
            (
                "{\"customer_id\": \"secret\", \"emails\": [\"ok\", 5, null], \"phone_numbers\": [\"\\ud800\", [\"secret\"]]}",
                "secret",
                [
                    "emails[1]: a number is not a string", "emails[2]: null is not a string",
                    "phone_numbers[0]: holds U+0000 or half of a surrogate pair",
                    "phone_numbers[1]: an array is not a string",
                ]
            ),
            (
                "{\"customer_id\": [\"secret\"], \"emails\": [], \"phone_numbers\": []}", nil,
                ["customer_id: an array is neither a string nor a number"]
            ),
            (
                "{\"customer_id\": \"1\", \"emails\": [], \"phone_numbers\": [], \"emails\": []}", "1",
                ["emails: the key comes twice in one object"]
            ),
        ]
        for (text, key, reasons) in cases {
            guard case .refused(let foundKey, let found) = Self.customer(text) else {
                Issue.record("valid: \(text)")
                continue
            }
            #expect(foundKey == key)
            #expect(found.map(\.description) == reasons)
        }
    }

    @Test("has a content hash that is the same in every release")
    func contentHash() {
        func product(description: String = "", supplier: String? = nil, updatedAt: Int64? = nil) -> Int64 {
            Product(sku: "1", description: description, unitAmount: .zero, supplier: supplier, updatedAt: updatedAt)
                .contentHash
        }
        // Stored in warehouses: these may never change.
        #expect(product() == -7_794_414_584_641_852_722)
        #expect(
            Product(
                sku: "85123A", description: "WHITE HANGING HEART", unitAmount: Money(units: 25_500), supplier: "ACME"
            ).contentHash == 6_436_735_800_882_435_198)
        #expect(
            Customer(customerID: "17850", emails: ["a@example.org", "b@example.org"], phoneNumbers: ["+49 30 1"])
                .contentHash == -2_346_220_749_312_029_862)
        #expect(
            Customer(customerID: "1", emails: [], phoneNumbers: []).contentHash == 2_234_605_176_170_600_209)
        #expect(product(updatedAt: 5) == product())
        #expect(product(supplier: "") != product())
        #expect(product(description: "a", supplier: "b") != product(description: "ab", supplier: ""))
        #expect(
            Customer(customerID: "1", emails: ["a"], phoneNumbers: []).contentHash
                != Customer(customerID: "1", emails: [], phoneNumbers: ["a"]).contentHash)
    }

    @Test("is judged without a crash after any change", arguments: [UInt64(17_850)])
    func mutated(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let parser = CatalogueParser(timeZone: .utc)
        let mutator = Mutator()
        for _ in 0..<20_000 {
            mutator.record(&generator).withUnsafeBytes { bytes in
                if case .refused(_, let reasons) = parser.product(bytes) { #expect(!reasons.isEmpty, "seed \(seed)") }
                if case .refused(_, let reasons) = parser.customer(bytes) { #expect(!reasons.isEmpty, "seed \(seed)") }
            }
        }
    }
}
