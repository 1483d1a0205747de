import Ingest
import Retail
import Warehouse

// What rejects look like to people and to scripts.

extension JSONValue {
    init(_ overview: RejectOverview) {
        let states = RejectState.allCases.map { ($0.rawValue, JSONValue(overview.rejects[$0] ?? 0)) }
        self = [
            "rejects": JSONValue(overview.total),
            "states": .object(Dictionary(uniqueKeysWithValues: states)),
            "groups": .array(overview.groups.map { JSONValue($0) }),
            "groups_left_out": JSONValue(overview.groupsLeftOut),
        ]
    }

    private init(_ group: RejectOverview.Group) {
        self = [
            "reason": .text(group.code), "field": .text(group.field), "rejects": JSONValue(group.rejects),
            "records": JSONValue(group.records), "tried_in_vain": JSONValue(group.triedInVain),
            "first_seen": .text(group.firstSeen), "last_seen": .text(group.lastSeen),
            "example": [
                "topic": JSONValue(group.example.topic), "log": JSONValue(group.example.log),
                "partition": JSONValue(group.example.partition), "offset": JSONValue(group.example.offset),
                "sale_id": group.example.saleID.map { .integer($0) } ?? .null,
            ],
        ]
    }

    init(_ report: RejectRetryReport, isDryRun: Bool) {
        let reasons = report.summary.counts.map { fault, records -> JSONValue in
            ["field": .text(fault.field), "reason": .text(fault.code.rawValue), "rejects": JSONValue(records)]
        }
        let examples = report.examples.map { example -> JSONValue in
            [
                "sale_id": .integer(example.saleID), "topic": .text(example.topic), "log": .integer(example.log),
                "partition": JSONValue(example.partition), "offset": .integer(example.offset),
            ]
        }
        self = [
            "dry_run": .flag(isDryRun), "rejects": JSONValue(report.rejects), "records": JSONValue(report.records),
            "passed": JSONValue(report.passed), "refused": JSONValue(report.refused),
            "gone_rejects": JSONValue(report.goneRejects), "gone_records": JSONValue(report.goneRecords),
            "sales_new": JSONValue(report.counts.ods.inserted), "sales_changed": JSONValue(report.counts.ods.changed),
            "sales_unchanged": JSONValue(report.counts.ods.unchanged),
            "sales_outdated": JSONValue(report.counts.ods.outdated),
            "reasons": .array(reasons), "passed_examples": .array(examples),
        ]
    }
}

extension RejectOverview {
    /// Distinct contents, all states together.
    var total: Int64 { rejects.values.reduce(0, +) }

    var summary: String {
        guard total > 0 else { return "no rejects" }
        let words: [RejectState: String] = [
            .open: "open", .pendingCorrection: "pending correction", .superseded: "superseded",
        ]
        let states = RejectState.allCases.compactMap { state in
            rejects[state].map { "\($0) \(words[state] ?? state.rawValue)" }
        }
        var table = ResultTable(
            .left("field"), .left("reason"), .right("rejects"), .right("records"), .right("tried"),
            .left("first seen"), .left("last seen"), .left("for example"))
        for group in groups {
            let example = group.example
            let place = "\(example.topic ?? "log \(example.log) ")[\(example.partition)]@\(example.offset)"
            table.add([
                group.field, group.code, String(group.rejects), String(group.records), String(group.triedInVain),
                group.firstSeen, group.lastSeen, place + (example.saleID.map { ", sale \($0)" } ?? ""),
            ])
        }
        var text = "\(total) rejects: \(states.joined(separator: ", "))\n\n\(table.text)"
        if groupsLeftOut > 0 { text += "\n\(groupsLeftOut) smaller groups are left out; --limit shows more\n" }
        return text
    }
}

extension RejectRetryReport {
    func summary(isDryRun: Bool) -> String {
        guard rejects > 0 else { return "no rejects" }
        var text = "\(rejects) rejects of \(records + goneRecords) records read again from raw\n"
        if isDryRun {
            text += "\(passed) would pass now\n"
        } else {
            text += "\(passed) pass now: \(counts.ods.inserted) new sales, \(counts.ods.changed) changed"
            let settled = counts.ods.unchanged + counts.ods.outdated
            text += settled > 0 ? ", \(settled) records that a later one has replaced\n" : "\n"
        }
        for example in examples {
            text += "    sale \(example.saleID), \(example.topic)[\(example.partition)]@\(example.offset)\n"
        }
        if passed > examples.count { text += "    and \(passed - examples.count) more\n" }
        text += "\(refused) \(isDryRun ? "would be refused" : "are refused") again\n"
        for (fault, records) in summary.counts.prefix(20) { text += "    \(fault.field) \(fault.code) ×\(records)\n" }
        if goneRecords > 0, let place = firstGone {
            text +=
                "\(goneRecords) records are no longer in raw, those of \(goneRejects) rejects all; they stay as they are; "
                + "the first: log \(place.log), partition \(place.partition), offset \(place.offset)\n"
        }
        if isDryRun {
            text += "nothing was changed; to do it: retailflow rejects retry\n"
        } else if counts.ods.inserted + counts.ods.changed > 0 {
            text += "the mart gets them with the next: retailflow batch\n"
        }
        return text
    }
}
