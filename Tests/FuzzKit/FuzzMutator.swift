import RetailTestKit

/// Makes inputs out of good ones by random changes, the same ones for the same seed.
package struct FuzzMutator {
    private let originals: [[UInt8]]
    private var generator: SeededGenerator

    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "null", "true", "false", "0",
            "-",
            ".", "e", "1e400", "0e99999999999", " ", "\n", "\0", "{}", "[]", "\"a\":1,", "\"id\":1,", "\"items\":[],",
            "\"data\":[", "\"total\":1,", "é", "\u{7F}", "\u{85}", "00", "9223372036854775807", "9223372036854775808",
            "1000000000000000.0001", "2012-02-29 23:59:59.999999+23:59", "0001-01-01T00:00:00+00:01", "\u{FEFF}",
        ].map { Array($0.utf8) } + [[0x80], [0xFF], [0xC3], [0xC2], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

    /// Makes a mutator.
    ///
    /// - Parameters:
    ///   - originals: What to change; at least one.
    ///   - seed: Decides all changes.
    package init(originals: [[UInt8]], seed: UInt64) {
        precondition(!originals.isEmpty)
        self.originals = originals
        generator = SeededGenerator(seed: seed)
    }

    /// The next input.
    package mutating func next() -> [UInt8] {
        var input = originals[below(originals.count)]
        for _ in 0..<below(5) {
            change(&input)
        }
        return input
    }

    private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

    private mutating func change(_ input: inout [UInt8]) {
        let at = below(input.count + 1)
        let end = min(input.count, at + below(12))
        switch below(9) {
        case 0: input.insert(contentsOf: Self.pieces[below(Self.pieces.count)], at: at)
        case 1: input.replaceSubrange(at..<end, with: Self.pieces[below(Self.pieces.count)])
        case 2: input.removeSubrange(at..<end)
        case 3: input.insert(contentsOf: input[at..<end], at: at)
        case 4 where at < input.count: input[at] ^= 1 << UInt8(below(8))
        case 5 where at < input.count: input[at] = UInt8(below(256))
        case 6 where below(4) == 0: input.removeSubrange(at...)
        case 7:
            let other = originals[below(originals.count)]
            let from = below(other.count + 1)
            input.insert(contentsOf: other[from..<min(other.count, from + below(40))], at: at)
        case 8 where below(20) == 0:
            let piece = ["[", "{\"a\":", "]"][below(3)]
            input.insert(contentsOf: String(repeating: piece, count: below(1_100)).utf8, at: at)
        default: break
        }
    }
}
