import Batch
import Extract
import Foundation
import Ingest
import Telemetry
import Warehouse

// What the reports of the parts look like to people and to scripts.

extension JSONValue {
    /// Any value that encodes to JSON.
    init(encoding value: some Encodable) {
        let encoder = JSONEncoder()
        guard let data = try? encoder.encode(value), let json = try? JSONDecoder().decode(Tree.self, from: data) else {
            self = .null
            return
        }
        self = json.value
    }

    init(_ report: ExtractReport) { self.init(encoding: report) }
    init(_ report: CatalogueRefresh.Report) { self.init(encoding: report) }
    init(_ report: MartReport) { self.init(encoding: report) }
    init(_ reports: [Reconciliation.Report]) { self.init(encoding: reports) }

    init(_ report: IngestReport) {
        self = [
            "records": JSONValue(report.records), "batches": JSONValue(report.batches),
            "raw_new": JSONValue(report.counts.raw.inserted), "raw_known": JSONValue(report.counts.raw.known),
            "sales_new": JSONValue(report.counts.ods.inserted), "sales_changed": JSONValue(report.counts.ods.changed),
            "sales_unchanged": JSONValue(report.counts.ods.unchanged),
            "sales_outdated": JSONValue(report.counts.ods.outdated),
            "rejects_new": JSONValue(report.counts.ods.newRejects),
            "rejects_known": JSONValue(report.counts.ods.knownRejects),
            "rejects_recovered": JSONValue(report.counts.ods.recovered),
            "sales_withdrawn": JSONValue(report.counts.ods.withdrawn),
            "total_differs": JSONValue(report.counts.ods.totalDiffers),
        ]
    }

    /// A tree of JSON, read back.
    private enum Tree: Decodable {
        case value(JSONValue)

        var value: JSONValue {
            switch self {
            case .value(let value): value
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .value(.null)
            } else if let flag = try? container.decode(Bool.self) {
                self = .value(.flag(flag))
            } else if let integer = try? container.decode(Int64.self) {
                self = .value(.integer(integer))
            } else if let number = try? container.decode(Double.self) {
                self = .value(.number(number))
            } else if let text = try? container.decode(String.self) {
                self = .value(.text(text))
            } else if let items = try? container.decode([Tree].self) {
                self = .value(.array(items.map(\.value)))
            } else {
                self = .value(.object(try container.decode([String: Tree].self).mapValues(\.value)))
            }
        }
    }
}

extension ExtractReport {
    var summary: String {
        var text = "\(records) records from \(pages) pages in \(transactions) transactions"
        if let lastID { text += ", up to sale \(lastID)" }
        if lateOrChanged > 0 { text += "; \(lateOrChanged) of them late or changed" }
        if isBackfill { text += "; \(known) sales were in the warehouse already" }
        if repeatedPages > 0 { text += "; \(repeatedPages) pages repeated" }
        if missing > 0 { text += "; \(missing) sales of the last days are not served any more" }
        return text
    }
}

extension IngestReport {
    var summary: String {
        var text = "\(records) records in \(batches) batches: \(counts.ods.inserted) new sales"
        if counts.ods.changed > 0 { text += ", \(counts.ods.changed) changed" }
        if counts.ods.unchanged > 0 { text += ", \(counts.ods.unchanged) unchanged" }
        if counts.ods.outdated > 0 { text += ", \(counts.ods.outdated) outdated" }
        let rejects = counts.ods.newRejects + counts.ods.knownRejects
        if rejects > 0 { text += ", \(rejects) refused (\(counts.ods.newRejects) of them new)" }
        if counts.ods.recovered > 0 { text += "; \(counts.ods.recovered) refused before are valid now" }
        if counts.ods.withdrawn > 0 { text += "; \(counts.ods.withdrawn) sales are refused now" }
        return text
    }
}

extension Reconciliation.Report {
    var summary: String {
        "\(catalogue): \(counts.inserted) new, \(counts.changed) changed, \(counts.unchanged) unchanged, "
            + "\(counts.vanished) vanished, \(counts.returned) returned, \(counts.refused) refused"
            + (accepted.map { "; snapshot \(snapshot) was accepted though \($0)" } ?? "")
    }
}

extension BatchError {
    var summary: String { "\(catalogue.rawValue): snapshot \(snapshot) NOT APPLIED: \(reason)" }

    var json: JSONValue {
        [
            "catalogue": .text(catalogue.rawValue), "snapshot": JSONValue(snapshot), "reason": .text(reason),
        ]
    }
}

extension MartReport {
    var summary: String {
        let reasons = orphansByReason.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return "mart: generation \(generation), \(rows) rows of \(sales) sales; \(orphans) orphans"
            + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
    }
}
