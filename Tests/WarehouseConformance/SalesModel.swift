import RetailTestKit
import Warehouse
import WarehouseTestKit

/// What ods must hold after reading records, in whatever order and how often: the rules once more, in plain Swift.
struct SalesModel {
    /// A record, and what the test that made it knows about it.
    struct Record: Sendable {
        var draft: RecordDraft
        /// The content when it is valid.
        var sale: SaleDraft?
        /// The sale id when it is usable.
        var saleID: Int64?

        var place: RecordPlace { draft.place(log: 1) }
    }

    private var places: [Record] = []

    init(_ records: [Record]) { places = records.sorted { $0.place < $1.place } }

    /// `id|datetime|total|customer|version|partition|offset` and the lines, in the order of ids.
    var sales: [String] {
        let deciding = Dictionary(
            places.compactMap { record in record.sale.map { ($0.id, (record, $0)) } }, uniquingKeysWith: { $1 })
        return deciding.sorted { $0.key < $1.key }.map { _, found in
            let (record, sale) = found
            let lines = sale.lines.map { "\($0.sku):\($0.quantity):\($0.amount)" }.joined(separator: " ")
            let total = sale.total.map(String.init) ?? "-"
            return "\(sale.id)|\(sale.datetime)|\(total)|\(sale.customer ?? "-")|\(record.draft.version)"
                + "|\(record.draft.partition)|\(record.draft.offset)|\(lines)"
        }
    }

    /// `payload|sale|version|state|positions`, sorted.
    var rejects: [String] {
        let refused = places.filter { $0.sale == nil }
        let byContent = Dictionary(grouping: refused) { $0.draft.payload }
        let lastValid = Dictionary(places.compactMap { record in record.sale.map { ($0.id, record.place) } }) { $1 }
        let lastRefused = Dictionary(refused.compactMap { record in record.saleID.map { ($0, record.place) } }) { $1 }
        return byContent.map { payload, records in
            let newest = records[records.count - 1]
            var state = "open"
            if let sale = newest.saleID {
                if lastRefused[sale] != newest.place {
                    state = "superseded"
                } else if let valid = lastValid[sale] {
                    state = valid < newest.place ? "pending_correction" : "superseded"
                }
            }
            let positions = records.map { "\($0.draft.partition)@\($0.draft.offset)" }.sorted().joined(separator: " ")
            return
                "\(text(payload))|\(newest.saleID.map(String.init) ?? "-")|\(newest.draft.version)|\(state)|\(positions)"
        }.sorted()
    }

    /// What a warehouse holds, in the words of `sales`.
    static func sales(of warehouse: any WarehouseUnderTest) throws -> [String] {
        var lines: [String: [String]] = [:]
        for row in try warehouse.rows(
            "SELECT sale_id, product_sku, quantity, amount FROM ods.sales_items ORDER BY sale_id, line")
        {
            let words = row.map { $0 ?? "-" }
            lines[words[0], default: []].append("\(words[1]):\(words[2]):\(words[3])")
        }
        return try warehouse.rows(
            """
            SELECT id, datetime, total_amount, customer_id, version, partition, "offset" FROM ods.sales ORDER BY id
            """
        ).map { row in
            let words = row.map { $0 ?? "-" }
            return (words + [lines[words[0], default: []].joined(separator: " ")]).joined(separator: "|")
        }
    }

    /// What a warehouse holds, in the words of `rejects`.
    static func rejects(of warehouse: any WarehouseUnderTest) throws -> [String] {
        var positions: [String: [String]] = [:]
        for row in try warehouse.rows("SELECT reject_id, partition, \"offset\" FROM ods.sales_reject_positions") {
            let words = row.map { $0 ?? "-" }
            positions[words[0], default: []].append("\(words[1])@\(words[2])")
        }
        return try warehouse.rows(
            """
            SELECT reject_id, CASE WHEN payload IS NULL THEN NULL ELSE \(warehouse.hexadecimal("payload")) END,
                   sale_id, version, state FROM ods.sales_rejects
            """
        ).map { row in
            let places = positions[row[0] ?? "-", default: []].sorted().joined(separator: " ")
            return "\(row[1] ?? "NULL")|\(row[2] ?? "-")|\(row[3] ?? "-")|\(row[4] ?? "-")|\(places)"
        }.sorted()
    }

    private func text(_ payload: [UInt8]?) -> String {
        guard let payload else { return "NULL" }
        return payload.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

extension SalesModel.Record {
    /// A random history of few sales: corrections, refusals, repetitions, versions that tie, offsets with gaps.
    static func history(count: Int, _ generator: inout SeededGenerator) -> [SalesModel.Record] {
        var next: [Int64] = [0, 100, 7]
        return (0..<count).map { _ in
            let partition = Int.random(in: 0..<next.count, using: &generator)
            next[partition] += Int64.random(in: 1...3, using: &generator)
            let id = Int64.random(in: 1...8, using: &generator)
            let version = Int64.random(in: 1...6, using: &generator)
            let sale = SaleDraft(
                id: id, datetime: "2010-12-0\(Int.random(in: 1...2, using: &generator)) 10:00:00",
                total: Bool.random(using: &generator) ? 5 : nil, customer: Bool.random(using: &generator) ? "c" : nil,
                lines: (0..<Int.random(in: 0...2, using: &generator)).map { line in
                    SaleDraft.Line("s\(line % 2)", 1, Int64.random(in: 1...2, using: &generator))
                })
            func record(_ bytes: [UInt8]?, sale: SaleDraft? = nil, saleID: Int64? = nil) -> SalesModel.Record {
                SalesModel.Record(
                    draft: RecordDraft(
                        bytes: bytes, version: version, partition: Int32(partition), offset: next[partition]),
                    sale: sale, saleID: saleID)
            }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: return record(nil)
            case 1: return record([[], [0xFF], Array("{".utf8)].randomElement(using: &generator) ?? [])
            case 2, 3:
                let broken = "{\"id\": \(id), \"broken\": \(Int.random(in: 1...3, using: &generator))}"
                return record(Array(broken.utf8), saleID: id)
            default: return record(Array(sale.text.utf8), sale: sale, saleID: id)
            }
        }
    }
}
