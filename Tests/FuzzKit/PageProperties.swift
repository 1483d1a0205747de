import Retail
import RetailAPI

/// What holds of the page splitter and the row scanner for whatever bytes.
enum PageProperties {
    private struct Layout: Equatable {
        var rows: [Range<Int>]
        var total: Int64?
    }

    static func check(_ bytes: [UInt8]) throws(Finding) {
        let result = withExactMemory(bytes) { body in
            Result { () throws(PageFault) in try PageSplitter.split(body) }
        }
        let layout = try? result.get()
        if let layout {
            try compareWithBody(layout, bytes)
            for row in layout.rows { try checkRow(Array(bytes[row])) }
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if let node = NaiveJSON.parse(Array(bytes[start...])) {
            let found = layout.map { Layout(rows: $0.rows, total: $0.declaredTotal) }
            try Finding.expect(found, equals: wanted(of: node, bytes, start: start), "the layout of JSON")
        }
    }

    /// Between the rows there is one comma and else only blanks; around them the brackets of the array.
    private static func compareWithBody(_ layout: PageLayout, _ bytes: [UInt8]) throws(Finding) {
        func trimmed(_ range: Range<Int>) -> [UInt8] { bytes[range].filter { !" \t\r\n".utf8.contains($0) } }
        var end: Int?
        for row in layout.rows {
            try Finding.expect(!row.isEmpty && row.upperBound <= bytes.count, "the row \(row) of \(bytes.count) bytes")
            if let end {
                try Finding.expect(end < row.lowerBound, "the row \(row) overlaps the one before")
                try Finding.expect(trimmed(end..<row.lowerBound), equals: [UInt8(ascii: ",")], "between rows")
            } else {
                let before = bytes[..<row.lowerBound].last { !" \t\r\n".utf8.contains($0) }
                try Finding.expect(before, equals: UInt8(ascii: "["), "before the first row")
            }
            end = row.upperBound
        }
        guard let end else { return }
        let after = bytes[end...].first { !" \t\r\n".utf8.contains($0) }
        try Finding.expect(after, equals: UInt8(ascii: "]"), "after the last row")
    }

    /// A row is the same row alone; an id that is seen in it is that of the sale that it is.
    private static func checkRow(_ row: [UInt8]) throws(Finding) {
        let id = withExactMemory(row) { RowScanner.id(of: $0[...]) }
        let alone = (try? APIPage.split([UInt8(ascii: "[")] + row + [UInt8(ascii: "]")]))?.rows
        try Finding.expect(alone, equals: [1..<row.count + 1], "the row by itself")
        if let node = NaiveJSON.parse(row), case .object(let members) = node.value {
            let first = members.first { row[$0.keyRange].elementsEqual("\"id\"".utf8) }
            let wanted = first.flatMap { integer($0.node, row) }
            try Finding.expect(id, equals: wanted, "the id of \(String(decoding: row, as: UTF8.self))")
        }
        if let id, let sale = try? NaiveRetail.sale(row) {
            try Finding.expect(id, equals: sale.id, "the id of a sale")
        }
    }

    private static func wanted(of node: NaiveJSON.Node, _ bytes: [UInt8], start: Int) -> Layout? {
        func ranges(_ nodes: [NaiveJSON.Node]) -> [Range<Int>] {
            nodes.map { $0.range.lowerBound + start..<$0.range.upperBound + start }
        }
        switch node.value {
        case .array(let nodes): return Layout(rows: ranges(nodes))
        case .object(let members):
            var arrays: [String: [Range<Int>]] = [:]
            var total: Int64?
            for member in members {
                let key = member.keyRange.lowerBound + start + 1..<member.keyRange.upperBound + start - 1
                let name = String(decoding: bytes[key], as: UTF8.self)
                if name == "data" || name == "items", case .array(let nodes) = member.node.value {
                    if arrays[name] != nil { return nil }
                    arrays[name] = ranges(nodes)
                } else if name == "total" {
                    total = integer(member.node, Array(bytes[start...]))
                }
            }
            return (arrays["data"] ?? arrays["items"]).map { Layout(rows: $0, total: total) }
        default: return nil
        }
    }

    /// A whole number of at most 20 characters, in quotes or not, as it is written.
    private static func integer(_ node: NaiveJSON.Node, _ bytes: [UInt8]) -> Int64? {
        var text = bytes[node.range]
        switch node.value {
        case .string: text = text.dropFirst().dropLast()
        case .number: break
        default: return nil
        }
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        guard text.count <= 20, !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(String(decoding: text, as: UTF8.self))
    }
}
