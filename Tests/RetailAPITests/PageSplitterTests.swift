import RetailAPI
import RetailTestKit
import Testing

@Suite("Page splitter")
struct PageSplitterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var body: String
        var rows: [String]
        var total: Int64?

        var testDescription: String { body }
    }

    static let whole: [Case] = [
        Case(body: "[]", rows: []),
        Case(body: " \r\n\t[ \n ] \n", rows: []),
        Case(body: "\u{FEFF}[1]", rows: ["1"]),
        Case(body: #"[{"id":1},{"id":2}]"#, rows: [#"{"id":1}"#, #"{"id":2}"#]),
        Case(body: #"[ {"id": 1 } ,  {"id":2}  ]"#, rows: [#"{"id": 1 }"#, #"{"id":2}"#]),
        Case(body: #"[{"a":"],[}{"},{"b":"\"]"}]"#, rows: [#"{"a":"],[}{"}"#, #"{"b":"\"]"}"#]),
        Case(body: #"[{"a":"ends with a backslash\\"},2]"#, rows: [#"{"a":"ends with a backslash\\"}"#, "2"]),
        Case(
            body: #"[{"a":[1,{"b":[]}]},[[]],"x",null, -1.5e3 ]"#,
            rows: [#"{"a":[1,{"b":[]}]}"#, "[[]]", #""x""#, "null", "-1.5e3"]),
        Case(body: "[no json at all, {} x]", rows: ["no json at all", "{} x"]),
        Case(body: #"[{"id":01,,"x"},{"id":1}]"#, rows: [#"{"id":01,,"x"}"#, #"{"id":1}"#]),
        Case(body: #"{"data":[1,2],"total":2}"#, rows: ["1", "2"], total: 2),
        Case(body: #"{ "total" : "42" , "items" : [ {} ] }"#, rows: ["{}"], total: 42),
        Case(body: #"{"items":[1],"data":[2]}"#, rows: ["2"]),
        Case(body: #"{"data":null,"items":[1]}"#, rows: ["1"]),
        Case(body: #"{"data":[],"total":null}"#, rows: []),
        Case(body: #"{"data":[],"total":99999999999999999999}"#, rows: []),
        Case(body: #"{"meta":{"data":[9]},"next":"[","data":[1]}"#, rows: ["1"]),
        Case(body: #"{"data":[1],"total":1.5}"#, rows: ["1"]),
    ]

    @Test("A whole body gives its rows byte for byte, and its total", arguments: whole)
    func rows(of test: Case) throws {
        let body = Array(test.body.utf8)
        let layout = try APIPage.split(body)
        #expect(layout.rows.map { String(decoding: body[$0], as: UTF8.self) } == test.rows)
        #expect(layout.declaredTotal == test.total)
    }

    @Test(
        "A broken array is told apart from rows that are broken in themselves",
        arguments: [
            "[", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[,]", "[1}", #"["a]"#, #"["a\"]"#, "[{]}", "[{]", "[[}]",
            "[1]]",
            "[1] x", "[1][2]", #"{"data":[1]"#, #"{"data":[1],"#, #"{"data":[1],}"#, #"{"data":[1]]"#, #"{"data":[1}"#,
            #"{"data" [1]}"#, #"{data:[1]}"#, #"{"data":[1],"data":[2]}"#, #"{"data":[1],"total":}"#, "{", "{\"",
            #"{"a":1"#,
            #"{"data":[1]} {"data":[2]}"#, #"{"data":[1] "total":2}"#,
        ])
    func broken(body: String) {
        #expect { try APIPage.split(Array(body.utf8)) } throws: { ($0 as? PageFault)?.kind == .broken }
    }

    @Test(
        "What is no JSON is no page", arguments: ["", "   ", "<html>", "Service Unavailable", "null", "17", "\"[]\""])
    func notJSON(body: String) {
        #expect { try APIPage.split(Array(body.utf8)) } throws: { ($0 as? PageFault)?.kind == .notJSON }
    }

    @Test(
        "An object without rows is no page",
        arguments: ["{}", #"{"error":"no"}"#, #"{"data":{"id":1}}"#, #"{"items":null}"#, #"{"data":"[1]"}"#])
    func noArray(body: String) {
        #expect { try APIPage.split(Array(body.utf8)) } throws: { ($0 as? PageFault)?.kind == .noArray }
    }

    @Test("Bytes that are no UTF-8 stay in their row")
    func invalidUTF8() throws {
        let row: [UInt8] = Array(#"{"a":""#.utf8) + [0xFF, 0xC3, 0x28, 0x00, 0x80] + Array(#""}"#.utf8)
        let body = Array("[1,".utf8) + row + Array("]".utf8)
        let layout = try APIPage.split(body)
        #expect(layout.rows.map { Array(body[$0]) } == [Array("1".utf8), row])
    }

    @Test("Strings of every length end where they end", arguments: 0..<40)
    func stringLengths(length: Int) throws {
        let row = "\"" + String(repeating: "ü,]\\\"", count: length) + String(repeating: "x", count: length) + "\""
        let body = Array("[\(row),\(row)]".utf8)
        let layout = try APIPage.split(body)
        #expect(layout.rows.map { String(decoding: body[$0], as: UTF8.self) } == [row, row])
    }

    @Test("A hundred thousand brackets deep is a row like any other")
    func deep() throws {
        let depth = 100_000
        let body =
            Array(String(repeating: "[", count: depth + 1).utf8) + Array(String(repeating: "]", count: depth + 1).utf8)
        #expect(try APIPage.split(body).rows == [1..<(body.count - 1)])
    }

    @Test("Brackets are matched by kind at any depth", arguments: [1, 63, 64, 65, 127, 128, 129, 200, 1_000])
    func kinds(depth: Int) throws {
        var random = SeededGenerator(seed: UInt64(depth))
        let opening = (0..<depth).map { _ in Bool.random(using: &random) ? "{" : "[" }
        let closing = opening.reversed().map { $0 == "{" ? "}" : "]" }
        // In and out again at each level, so that every boundary is crossed both ways.
        let row =
            opening.joined() + closing.joined() + opening.joined(separator: "[]") + closing.joined(separator: "{}")
        let body = Array("[\(row),1]".utf8)
        #expect(try APIPage.split(body).rows.map { $0.count } == [row.utf8.count, 1])
        for wrong in Set([0, depth / 2, depth - 1]) {
            var broken = closing
            broken[wrong] = broken[wrong] == "]" ? "}" : "]"
            let body = Array("[\(opening.joined() + broken.joined())]".utf8)
            #expect(throws: PageFault.self) { try APIPage.split(body) }
        }
    }
}
