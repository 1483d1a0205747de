/// Ways to spoil or change the bytes of a row, whatever row it is.
enum RowChange {
    /// Breaks a row in the way named.
    static func broken(_ row: ArraySlice<UInt8>, _ how: Fault.BadRow) -> [UInt8] {
        switch how {
        case .words:
            return Array("this is no JSON".utf8)
        case .types:
            return replacing(valueOf: ["datetime", "unit_amount", "emails"], in: row, by: "[1,true]")
                ?? Array("17".utf8)
        case .missing:
            guard let id = JSONFields.value(of: "id", in: row) else { return Array("{}".utf8) }
            return Array(#"{"id":"#.utf8) + Array(row)[id] + Array("}".utf8)
        case .duplicateKey:
            guard let body = content(of: row) else { return Array(row) }
            return Array(#"{"datetime":"2000-01-01T00:00:00","#.utf8) + body
        case .utf8:
            return replacing(
                valueOf: ["customer_id", "description"], in: row, by: [0x22, 0x61, 0xC3, 0x28, 0xFF, 0x22])
                ?? Array(row)
        case .unbalanced:
            return Array(row.dropLast())
        }
    }

    /// Another valid sale: the first quantity is one more.
    static func changed(_ row: ArraySlice<UInt8>) -> [UInt8] {
        guard let range = JSONFields.value(of: "quantity", in: row, anyDepth: true),
            let quantity = JSONFields.integer(Array(row)[range])
        else { return Array(row) }
        var result = Array(row)
        result.replaceSubrange(range, with: String(quantity &+ 1).utf8)
        return result
    }

    /// The same product with its price in hundredths.
    static func repriced(_ row: ArraySlice<UInt8>) -> [UInt8] {
        guard let range = JSONFields.value(of: "unit_amount", in: row) else { return Array(row) }
        var result = Array(row)
        let parts = String(decoding: result[range], as: UTF8.self).split(separator: ".")
        let fraction = parts.count > 1 ? String(parts[1].prefix(2)) : ""
        let digits = String(parts.first ?? "0") + fraction + String(repeating: "0", count: 2 - fraction.count)
        let trimmed = digits.drop { $0 == "0" }
        result.replaceSubrange(range, with: (trimmed.isEmpty ? "0" : String(trimmed)).utf8)
        return result
    }

    private static func replacing(valueOf keys: [String], in row: ArraySlice<UInt8>, by value: String) -> [UInt8]? {
        replacing(valueOf: keys, in: row, by: Array(value.utf8))
    }

    private static func replacing(valueOf keys: [String], in row: ArraySlice<UInt8>, by value: [UInt8]) -> [UInt8]? {
        for key in keys {
            guard let range = JSONFields.value(of: key, in: row) else { continue }
            var result = Array(row)
            result.replaceSubrange(range, with: value)
            return result
        }
        return nil
    }

    /// What stands behind the opening brace.
    private static func content(of row: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let brace = row.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        return row[(brace + 1)...]
    }
}
