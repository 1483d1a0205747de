import KafkaTestKit
import RetailAPISimulator
import Testing

@testable import Extract

/// The shape of what is published.
@Suite("Records of the sales topic", .timeLimit(.minutes(2)))
struct RecordTests {
    @Test("Every sale is published once, its bytes as served, in ascending order in its partition")
    func once() async throws {
        let rows = Rows.sales(1...57)
        let shop = try await Shop(rows)
        let report = try await shop.extract()
        let records = try await shop.published()
        // Sorted by id, a partition's records are as they were.
        for partition in 0..<Shop.partitions {
            let ids = records.filter { $0.partition == partition }.ids
            #expect(ids == ids.sorted())
            #expect(!ids.isEmpty)
        }
        #expect(records.sorted { ($0.id ?? 0) < ($1.id ?? 0) }.map(\.value) == rows)
        #expect(records.map(\.key) == records.map { record in Rows.id(ofText: record.value).map { "\($0)" } })
        #expect(report.records == 57)
        #expect(report.pages == 7)
        #expect(report.lastID == 57)
        #expect(!report.isBackfill)
    }

    @Test("Odd bytes arrive as they were served: blanks, escapes, other alphabets, invalid UTF-8, long numbers")
    func bytes() async throws {
        let rows = [
            "{ \"id\" : 1 ,\t\"x\":\"\\u00e9 \\\" ]}\" }", #"{"id":2,"name":"Žluťoučký 漢字 🛒"}"#,
            #"{"id":3,"amount":0.10000000000000000000000001,"nested":[[{"a":[1,2,{}]}]]}"#,
            #"{"id":"4","id_text":true}"#,
        ]
        let shop = try await Shop(rows)
        _ = try await shop.extract()
        let records = try await shop.published()
        #expect(records.sorted { ($0.id ?? 0) < ($1.id ?? 0) }.map(\.value) == rows)
    }

    // Catches a partition chosen in another way than Java's: other clients would look for a sale elsewhere.
    @Test("A sale's partition is that of its key as Java's clients choose it")
    func partition() async throws {
        let shop = try await Shop(Rows.sales(stride(from: 1, to: 5_000_000_000, by: 98_765_432)))
        _ = try await shop.extract()
        for record in try await shop.published() {
            let hash = javaMurmur2(Array((record.key ?? "").utf8))
            #expect(record.partition == Int32((hash & 0x7FFF_FFFF) % UInt32(Shop.partitions)), "\(record.key ?? "")")
        }
    }

    // Catches versions that are taken from the clock alone: two pages of one moment could not be told apart.
    @Test("Headers tell the version, rising with each page, the page's file, the time and the schema")
    func headers() async throws {
        let shop = try await Shop(Rows.sales(1...40))
        let before = shop.time.nowMicroseconds
        _ = try await shop.extract()
        let records = try await shop.published()
        let name = #/sales_20251124_16\d\d_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.json/#
        for record in records {
            #expect(record.headers.count == 4)
            #expect(record.headers["schema_version"] == "1")
            #expect(try record.sourceFile.flatMap { try name.wholeMatch(in: $0) } != nil, "\(record.headers)")
            let extractedAt = try #require(record.headers["extracted_at"].flatMap { Int64($0) })
            #expect(extractedAt > before)
            #expect(try #require(record.version) >= extractedAt)
        }
        let files = Dictionary(grouping: records) { $0.sourceFile }.values.sorted {
            ($0.ids.min() ?? 0) < ($1.ids.min() ?? 0)
        }
        #expect(files.map { $0.ids.sorted() }.map(\.count) == [10, 9, 9, 9, 3])
        let versions = files.map { Set($0.map(\.version)) }
        #expect(versions.allSatisfy { $0.count == 1 })
        let rising = versions.compactMap { $0.first ?? nil }
        #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("A row without a usable id has no key and lies right behind its neighbour, also at the seam of two pages")
    func withoutID() async throws {
        var rows: [String] = []
        for id in 1...40 as ClosedRange<Int64> {
            rows.append(Rows.sale(id))
            if id % 3 == 0 { rows.append(Rows.withoutID("behind \(id)")) }
        }
        // So that some of them are the first new row of a page.
        for pageSize in [3, 4, 10] {
            let shop = try await Shop(rows, pageSize: pageSize)
            _ = try await shop.extract()
            let records = try await shop.published()
            #expect(records.count == rows.count)
            #expect(Set(records.map(\.value)) == Set(rows))
            for partition in 0..<Shop.partitions {
                let own = records.filter { $0.partition == partition }
                for (record, before) in zip(own.dropFirst(), own) where record.key == nil {
                    #expect(record.value == Rows.withoutID("behind \(before.id ?? 0)"), "pages of \(pageSize)")
                }
                #expect(own.first?.key != nil)
            }
        }
    }

    @Test("Words, wrong types, double keys and invalid UTF-8 are published like any row: they are that row's affair")
    func badRows() async throws {
        let kinds: [Fault.BadRow] = [.words, .types, .missing, .duplicateKey, .utf8]
        for kind in kinds {
            let shop = try await Shop(Rows.sales(1...30)) { $0.faults = [Fault(.badRow(kind), .every(7))] }
            _ = try await shop.extract()
            let records = try await shop.published()
            // Rows of the same words are one content: within a page they are taken once.
            #expect(Set(records.map(\.value)).count == (kind == .words ? 27 : 30), "\(kind)")
            // What is not JSON has no id that could be read.
            #expect(records.ids.count == ([.words, .utf8].contains(kind) ? 26 : 30), "\(kind)")
            #expect(Set(records.ids).count == records.ids.count, "\(kind)")
        }
    }

    // Catches a walk that believes the page's `total`.
    @Test("The rows may stand under data or items, beside a total that is not true")
    func shapes() async throws {
        for shape in [PageShape.data(total: true), .items(total: true), .items(total: false)] {
            let shop = try await Shop(Rows.sales(1...25)) { configuration in
                configuration.shape = shape
                configuration.faults = [Fault(.lyingTotal, .every(2))]
            }
            _ = try await shop.extract()
            #expect(try await shop.published().ids.sorted() == Array(1...25))
        }
    }
}

extension Rows {
    /// The id that stands first in a row's text.
    static func id(ofText text: String) -> Int64? {
        text.firstMatch(of: #/"id":\s*"?(\d+)/#).flatMap { Int64($0.output.1) }
    }
}

/// Murmur2 as `org.apache.kafka.common.utils.Utils` computes it, written down a second time.
func javaMurmur2(_ data: [UInt8]) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    var hash: UInt32 = 0x9747_b28c ^ UInt32(data.count)
    for start in stride(from: 0, to: data.count / 4 * 4, by: 4) {
        var word = UInt32(data[start]) | UInt32(data[start + 1]) << 8
        word |= UInt32(data[start + 2]) << 16 | UInt32(data[start + 3]) << 24
        word = word &* multiplier
        word ^= word >> 24
        hash = (hash &* multiplier) ^ (word &* multiplier)
    }
    let rest = data[(data.count / 4 * 4)...]
    for (place, byte) in rest.enumerated() { hash ^= UInt32(byte) << (8 * UInt32(place)) }
    if !rest.isEmpty { hash = hash &* multiplier }
    hash = (hash ^ (hash >> 13)) &* multiplier
    return hash ^ (hash >> 15)
}
