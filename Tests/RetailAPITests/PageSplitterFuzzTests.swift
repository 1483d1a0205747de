import Foundation
import RetailAPI
import RetailTestKit
import Testing

@Suite("Page splitter under mutation")
struct PageSplitterFuzzTests {
    static let seeds: [UInt64] = [1, 2, 3, 4]

    private static let start = Array(
        #"{"total": 3, "data": [{"id":1,"a":"x\"\\y","b":[1,{"c":null}]}, {"id":2,"d":"ü€😀"}, [true] ], "next":"p,]}"}"#
            .utf8)

    @Test("Whatever bytes come, the splitter ends, and every row lies within the body", arguments: seeds)
    func mutations(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array(#"[]{},:"\ ax1"#.utf8) + [0x00, 0xFF, 0xC3, 0x0A]
        var split = 0
        for _ in 0..<30_000 {
            var body = Self.start
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<body.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: body[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: body.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                case 2 where body.count > 1: body.remove(at: place)
                case 3: body.removeLast(min(body.count - 1, place))
                default: body.append(contentsOf: body[..<place])
                }
            }
            guard let layout = try? APIPage.split(body) else { continue }
            split += 1
            var end = 0
            for row in layout.rows {
                guard row.lowerBound >= end, row.upperBound <= body.count, !row.isEmpty else {
                    Issue.record("seed \(seed): rows \(layout.rows) of \(String(decoding: body, as: UTF8.self))")
                    return
                }
                end = row.upperBound
            }
        }
        // Mutations that never leave a page whole would prove nothing.
        #expect(split > 1_000)
    }

    @Test("On bodies that are JSON the rows are those that a JSON parser finds", arguments: seeds)
    func agreesWithParser(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let values = (0..<Int.random(in: 0...6, using: &random)).map { _ in randomValue(depth: 0, &random) }
            let options: JSONSerialization.WritingOptions = Bool.random(using: &random) ? [.prettyPrinted] : []
            let isBare = Bool.random(using: &random)
            let object: Any = isBare ? values : ["data": values, "total": values.count, "note": "],}"] as [String: Any]
            let body = [UInt8](try JSONSerialization.data(withJSONObject: object, options: options))
            let layout = try APIPage.split(body)
            let rows = try layout.rows.map {
                try JSONSerialization.jsonObject(with: Data(body[$0]), options: .fragmentsAllowed) as? NSObject
            }
            #expect(rows == values.map { $0 as? NSObject }, "seed \(seed)")
            #expect(layout.declaredTotal == (isBare ? nil : Int64(values.count)))
        }
    }

    private func randomValue(depth: Int, _ random: inout SeededGenerator) -> Any {
        switch Int.random(in: 0..<(depth < 4 ? 6 : 3), using: &random) {
        case 0: return Int.random(in: -1_000...1_000, using: &random)
        case 1: return NSNull()
        case 2, 3:
            let pieces = ["a", "\"", "\\", "]", "}", "[", "{", ",", "ü", "😀", "\n", " "]
            return (0..<Int.random(in: 0...20, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                .joined()
        case 4: return (0..<Int.random(in: 0...4, using: &random)).map { _ in randomValue(depth: depth + 1, &random) }
        default:
            var object: [String: Any] = [:]
            for key in 0..<Int.random(in: 0...4, using: &random) {
                object["k\(key)"] = randomValue(depth: depth + 1, &random)
            }
            return object
        }
    }
}
