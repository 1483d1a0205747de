import RetailTestKit

/// Makes records out of good ones by random changes.
struct Mutator {
    private let originals: [[UInt8]]
    private let pieces: [[UInt8]]

    init() {
        originals = [
            saleText(), saleText(["items": "[]", "customer_id": nil]), saleText(line: ["amount": "\"1.5e1\""]),
            saleText(adding: ", \"x\": {\"a\": [1, {\"b\": null}], \"c\": \"\\u00e9\\ud83d\\ude00\"}"),
            saleText(["items": "[{\"product_sku\":\"ä\",\"quantity\":-1,\"amount\":0.0001},{\"product_sku\":\"€\"}]"]),
            saleText(["datetime": "\"2010-12-01 08:04:00.5+01:00\"", "id": "\"12\""]),
        ].map { Array($0.utf8) }
        pieces =
            [
                "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "false", "0", "-", ".",
                "e",
                "1e400", " ", "\n", "\0", "{}", "[]", "\"a\":1,", "\"id\":1,", "items", "é", "\u{7F}", "00",
                "9999999999999999",
            ].map { Array($0.utf8) } + [[0x80], [0xFF], [0xC3], [0xED, 0xA0, 0x80]]
    }

    func record(_ generator: inout SeededGenerator) -> [UInt8] {
        var record = originals.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            change(&record, &generator)
        }
        return record
    }

    private func change(_ record: inout [UInt8], _ generator: inout SeededGenerator) {
        let at = Int.random(in: 0...record.count, using: &generator)
        let end = min(record.count, at + Int.random(in: 0...8, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: record.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: at)
        case 1: record.replaceSubrange(at..<end, with: pieces.randomElement(using: &generator) ?? [])
        case 2: record.removeSubrange(at..<end)
        case 3: record.insert(contentsOf: record[at..<end], at: at)
        case 4 where at < record.count: record[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 5 where at < record.count: record[at] = UInt8.random(in: 0...255, using: &generator)
        case 6 where Int.random(in: 0..<4, using: &generator) == 0: record.removeSubrange(at...)
        default: break
        }
    }
}
