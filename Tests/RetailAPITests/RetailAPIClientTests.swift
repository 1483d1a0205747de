import HTTPClient
import RetailAPI
import Testing

@Suite("API client", .timeLimit(.minutes(1)))
struct RetailAPIClientTests {
    @Test("Each listing is asked for as agreed, with the key in its header")
    func requests() async throws {
        let script = APIScript(.page())
        let client = try script.client { $0.keyHeader = "X-Shop-Key" }
        _ = try await client.sales(from: .id(536_365))
        _ = try await client.sales(from: .date("2010-12-01"), limit: 17)
        _ = try await client.products(page: 1)
        _ = try await client.customers(page: 12)
        #expect(
            script.urls == [
                "http://api.test/v1/sales?start_sales_id=536365&limit=250",
                "http://api.test/v1/sales?start_sales_id=2010-12-01&limit=17",
                "http://api.test/v1/products?page=1&limit=250",
                "http://api.test/v1/customers?page=12&limit=250",
            ])
        #expect(script.headers.allSatisfy { $0["X-Shop-Key"] == "s3cret" })
    }

    @Test("A start that is no date cannot smuggle in other parameters")
    func escaping() async throws {
        let script = APIScript(.page())
        _ = try await script.client().sales(from: .date("2010-12-01&limit=9#ü"))
        #expect(script.urls == ["http://api.test/v1/sales?start_sales_id=2010-12-01%26limit%3D9%23%C3%BC&limit=250"])
    }

    @Test("A page has its bytes, rows, total, limit, time and name")
    func page() async throws {
        let body = #"{"data":[{"id":1}, {"id":2}],"total":9}"#
        let client = try APIScript(.status(200, [:], body)).client()
        let page = try await client.sales(from: .id(1), limit: 2)
        #expect(page.endpoint == .sales)
        #expect(page.body == Array(body.utf8))
        #expect(page.rows.map { String(decoding: page.body[$0], as: UTF8.self) } == [#"{"id":1}"#, #"{"id":2}"#])
        #expect(page.declaredTotal == 9)
        #expect(page.requestedLimit == 2)
        #expect(page.answeredAtMicroseconds == 1_700_000_000_000_000)
        #expect(page.fileName == "sales_20231114_2213_00000000-0000-4000-8000-000000000000.json")
    }

    @Test("More rows than asked for are taken as they are")
    func moreRows() async throws {
        let client = try APIScript(.page(1, 2, 3, 4, 5)).client()
        #expect(try await client.sales(from: .id(1), limit: 2).rows.count == 5)
    }

    @Test("Any status from 200 to 299 is a success", arguments: [200, 203, 206, 299])
    func success(status: Int) async throws {
        let client = try APIScript(.status(status)).client()
        #expect(try await client.sales(from: .id(1)).rows.isEmpty)
    }

    @Test("A body that is not JSON is named with its type and its beginning, cleaned")
    func notJSON() async throws {
        let body =
            "<!DOCTYPE html>\r\n\t<html>\u{1B}[31m\u{0}\u{202E} <h1>Wartung\u{2028}heute</h1>"
            + String(repeating: "x", count: 500)
        let script = APIScript(.status(200, ["Content-Type": "text/html; charset=utf-8"], body))
        let client = try script.client()
        let error = try #require(await apiError { try await client.sales(from: .id(1)) })
        #expect(error.code == .notAPage)
        #expect(error.attempts == 4)
        #expect(
            error.reason
                == "the answer is not JSON with a body of type text/html; charset=utf-8 that begins: "
                + "<!DOCTYPE html> <html> [31m <h1>Wartung heute</h1>xxxxxxxxxx…")
    }

    @Test("JSON without rows is not quoted, since it may hold a customer")
    func noRows() async throws {
        let client = try APIScript(.status(200, [:], #"{"customer":"jane@example.com"}"#)).client()
        let error = try #require(await apiError { try await client.customers(page: 1) })
        #expect(error.code == .notAPage)
        #expect(!error.description.contains("jane"))
    }

    @Test("The key appears in no error, though the server repeats it", arguments: [200, 400, 401, 500])
    func keyInErrors(status: Int) async throws {
        let long = String(repeating: "no ", count: 18) + "s3cret is wrong: s3cret"
        let script = APIScript(.status(status, ["Content-Type": "text/s3cret"], long))
        let client = try script.client { $0.retries = 1 }
        let error = try #require(await apiError { try await client.sales(from: .id(1)) })
        #expect(error.description.contains("no no"))
        #expect(!error.description.contains("s3"))
        #expect(!script.notices.contains { $0.reason.contains("s3") })
    }

    @Test("A key prints itself nowhere")
    func keyPrints() throws {
        let key = try #require(APIKey(" s3cret\r\n"))
        #expect(key.secret == "s3cret")
        let configuration = RetailAPIConfiguration(baseURL: "http://api.test", key: key)
        var dumped = ""
        dump(configuration, to: &dumped)
        let texts = ["\(key)", String(reflecting: key), "\(configuration)", String(reflecting: configuration), dumped]
        for text in texts { #expect(!text.contains("s3cret")) }
    }

    @Test("Text that can be no key is refused", arguments: ["", " \n", "a\nb", "a\u{0}b", "a\u{7F}"])
    func unusableKey(text: String) {
        #expect(APIKey(text) == nil)
    }

    @Test("A page from a file is split like one from the network")
    func fromFile() throws {
        let body = Array(#"[{"id":1}]"#.utf8)
        let page = try APIPage(
            endpoint: .sales, body: body, requestedLimit: 250, answeredAtMicroseconds: 5, fileName: "a.json")
        #expect(page.rows == [1..<9])
        #expect(throws: PageFault.self) {
            try APIPage(
                endpoint: .sales, body: [0x5B], requestedLimit: 250, answeredAtMicroseconds: 5, fileName: "a.json")
        }
    }

    @Test(
        "A page's name has the minute in UTC",
        arguments: [
            (Int64(0), "19700101_0000"), (-1, "19691231_2359"), (951_782_399_999_999, "20000228_2359"),
            (951_782_400_000_000, "20000229_0000"), (1_709_251_140_000_000, "20240229_2359"),
            (4_102_444_800_000_000, "21000101_0000"),
        ])
    func fileName(instant: Int64, minute: String) {
        let name = PageFileName.make(endpoint: .products, atMicroseconds: instant) { 0.999_999_999_999 }
        #expect(name == "products_\(minute)_ffffffff-ffff-4fff-bfff-ffffffffffff.json")
    }
}
