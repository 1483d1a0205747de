import Testing

@testable import retailflow

@Suite("Results")
struct ResultTests {
    @Test("A table has aligned columns and no blanks at the ends of its lines")
    func table() {
        var table = ResultTable(.left("sku"), .right("quantity"), .left("what"))
        table.add(["85123A", "6", "heart"])
        table.add(["1", "12,000", ""])
        table.add(["x"])
        #expect(
            table.text == """
                sku     quantity  what
                ------  --------  -----
                85123A         6  heart
                1         12,000
                x

                """)
    }

    @Test("Cells from outside can neither break a table nor steer a terminal")
    func hostileCells() {
        var table = ResultTable(.left("a"), .left("b"))
        table.add(["x\ny\u{1B}[31m", "z"])
        #expect(table.text.split(separator: "\n").last == #"x\ny\u{1b}[31m  z"#)
    }

    @Test("Wide and combined characters take the columns they take")
    func width() {
        #expect(DisplayWidth.of("café") == 4)
        #expect(DisplayWidth.of("cafe\u{301}") == 4)
        #expect(DisplayWidth.of("日本") == 4)
        #expect(DisplayWidth.of("👍") == 2)
    }

    @Test("JSON has its keys in order, exact decimals, and escaped texts")
    func json() {
        let value: JSONValue = [
            "b": [1, true, .null, "a\"\n"], "a": .decimal(units: -123_400, decimals: 4), "c": .number(0.5),
            "d": .number(.nan), "e": JSONValue(UInt64.max), "f": JSONValue(nil as String?), "g": [:], "h": [],
        ]
        #expect(
            value.text
                == #"{"a":-12.34,"b":[1,true,null,"a\"\n"],"c":0.5,"d":null,"e":"18446744073709551615","f":null,"g":{},"h":[]}"#
        )
    }

    @Test(
        "Decimals are exact",
        arguments: [
            (0, 4, "0"), (1, 4, "0.0001"), (-1, 4, "-0.0001"), (10_000, 4, "1"), (123, 0, "123"), (15_300, 3, "15.3"),
            (Int64.min, 4, "-922337203685477.5808"), (100, 0, "100"),
        ] as [(Int64, Int, String)])
    func decimals(units: Int64, decimals: Int, text: String) {
        #expect(JSONValue.decimal(units, decimals) == text)
    }
}
