import Retail
import Warehouse

/// What `trace` shows to people: the answer first, then what happened when, then line by line.
extension SaleTrace {
    var text: String {
        var text = "sale \(sale): \(verdict)\n"
        let steps = steps
        if !steps.isEmpty {
            var table = ResultTable(.left("time"), .left("where"), .left("what"))
            for step in steps { table.add([step.time, step.place, step.what]) }
            text += "\n" + table.text
        }
        for reject in rejects {
            text += "\nrefused, \(reject.state.words), by \(reject.places.map(named).joined(separator: ", ")):\n"
            for reason in reject.reasons { text += "  \(reason)\n" }
        }
        if !lines.isEmpty {
            var table = ResultTable(.left("product_sku"), .right("quantity"), .right("amount"), .left("mart"))
            for line in lines {
                let sold = line.stored ?? line.mart?.sold
                table.add([
                    line.sku, sold.map { String($0.quantity) } ?? "",
                    sold.map { Money(units: $0.amount).description } ?? "",
                    inMart(line),
                ])
            }
            text += "\n" + table.text
        }
        return text
    }

    /// Where the sale stands, in one line.
    private var verdict: String {
        guard isKnown else { return "no layer of this warehouse knows it" }
        guard let stored else {
            if rejects.contains(where: { $0.state != .superseded }) {
                // Never valid, or withdrawn since: ods does not tell.
                return "refused by the present program: not in ods"
                    + (generation.revision == nil ? "" : "; still in the mart until the next batch")
            }
            if generation.revision != nil { return "in the mart only; the next batch takes it out" }
            return "in raw, but neither in ods nor among the rejects: ods has not read that far; run retailflow ingest"
        }
        let correction =
            rejects.contains { $0.state == .pendingCorrection }
            ? "; a newer record is refused, ods keeps the last valid one" : ""
        guard let built = generation.revision else {
            return "in ods, not in the mart yet: the next batch brings it" + correction
        }
        let rows = lines.count { $0.mart != nil && $0.mart?.orphanReason == nil }
        let orphans = lines.count { $0.mart?.orphanReason != nil }
        var verdict = rows == 1 ? "1 row in the mart" : "\(rows) rows in the mart"
        if orphans > 0 { verdict += orphans == 1 ? ", 1 orphan" : ", \(orphans) orphans" }
        if built != stored.revision {
            verdict += "; they show revision \(built), ods has \(stored.revision): the next batch brings it"
        }
        return verdict + correction
    }

    private struct Step {
        let time: String
        let place: String
        let what: String
    }

    /// What happened, by time; what has none is where it belongs, at the end.
    private var steps: [Step] {
        var steps: [Step] = []
        for record in records {
            let place = RecordPlace(
                version: record.version, log: record.log, partition: record.partition, offset: record.offset)
            if let answered = record.answered {
                steps.append(
                    Step(
                        time: answered, place: "api", what: "page \(record.fileName ?? "-"), version \(record.version)")
                )
            }
            guard let raw = record.raw else {
                steps.append(Step(time: "-", place: "raw", what: "no row for \(named(place))"))
                continue
            }
            let source = record.fileName == nil ? ", of another producer, version \(record.version)" : ""
            steps.append(Step(time: raw.published, place: "kafka", what: "\(named(place)), log \(record.log)\(source)"))
            steps.append(
                Step(
                    time: raw.created, place: "raw",
                    what: "\(raw.bytes) bytes\(raw.isJSON ? " of JSON" : ", not JSON"), from \(named(place))"))
        }
        for reject in rejects {
            steps.append(
                Step(
                    time: reject.created, place: "rejects",
                    what: "\(reject.state.words): \(reject.reasons.map(\.code.rawValue).joined(separator: ", "))"))
        }
        if let stored {
            let customer = stored.customerID.map { "customer \($0)" } ?? "no customer"
            let content = "\(stored.datetime), \(customer)"
            let source = "from \(named(stored.decidedBy))"
            if stored.updated == stored.created {
                let revision = "revision \(stored.revision)"
                steps.append(Step(time: stored.created, place: "ods", what: "\(revision), \(content), \(source)"))
            } else {
                steps.append(Step(time: stored.created, place: "ods", what: "first written"))
                steps.append(
                    Step(
                        time: stored.updated, place: "ods",
                        what: "changed to revision \(stored.revision), \(content), \(source)"))
            }
        }
        if let revision = generation.revision {
            steps.append(
                Step(
                    time: generation.built ?? "-", place: "dmt",
                    what: "generation \(generation.number), from revision \(revision)"))
        }
        // Equal times keep the order of the flow; "-" goes behind every digit.
        let ordered = steps.enumerated().sorted { left, right in
            let (first, second) = (
                left.element.time == "-" ? "~" : left.element.time, right.element.time == "-" ? "~" : right.element.time
            )
            return (first, left.offset) < (second, right.offset)
        }
        return ordered.map(\.element)
    }

    private func inMart(_ line: Line) -> String {
        guard let mart = line.mart else {
            return generation.number == 0 ? "no mart yet" : "not in generation \(generation.number)"
        }
        if let reason = mart.orphanReason { return "orphan: \(reason), since \(mart.since ?? "-")" }
        let discount = mart.discount.map { "discount \(JSONValue.decimal($0, 2)) %" } ?? "no discount"
        return "row \(sale)-\(line.sku), \(mart.description ?? ""), \(discount)"
    }

    /// `topic[partition]@offset`.
    private func named(_ place: RecordPlace) -> String {
        let topic = records.first { $0.log == place.log }?.topic ?? "log \(place.log) "
        return "\(topic)[\(place.partition)]@\(place.offset)"
    }
}

extension RejectState {
    fileprivate var words: String {
        switch self {
        case .open: "open"
        case .pendingCorrection: "pending correction"
        case .superseded: "superseded"
        }
    }
}
