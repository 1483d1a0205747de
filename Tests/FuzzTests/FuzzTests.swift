import Foundation
import FuzzKit
import Testing

/// The fixed part of fuzzing, which every run of the tests does; `scripts/fuzz` goes on from here for as long as asked.
@Suite("A parser under whatever bytes")
struct FuzzTests {
    private static let seeds: [UInt64] = [1, 20_261_121]

    @Test("keeps its promises for every input of the corpus", arguments: FuzzSubject.allCases)
    func corpus(subject: FuzzSubject) throws {
        for bytes in try Self.corpus(of: subject) {
            #expect(throws: Never.self) { try subject.check(bytes) }
        }
    }

    @Test("keeps its promises after any change", arguments: FuzzSubject.allCases, seeds)
    func mutated(subject: FuzzSubject, seed: UInt64) throws {
        var mutator = FuzzMutator(originals: try Self.corpus(of: subject), seed: seed)
        for round in 0..<4_000 {
            let bytes = mutator.next()
            do throws(Finding) {
                try subject.check(bytes)
            } catch {
                let input = Data(bytes.prefix(4_000)).base64EncodedString()
                Issue.record("seed \(seed), round \(round): \(error); the input in base64: \(input)")
                return
            }
        }
    }

    private static func corpus(of subject: FuzzSubject) throws -> [[UInt8]] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fuzz/Corpus/\(subject.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        try #require(!files.isEmpty)
        return try files.map { [UInt8](try Data(contentsOf: $0)) }
    }
}
