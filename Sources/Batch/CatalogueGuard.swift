internal import Retail
internal import Warehouse

/// Says why a full refresh that was proven complete is absurd all the same.
///
/// A proof tells that all came which the API serves; that the API serves the right thing it cannot tell.
struct CatalogueGuard {
    /// How far back a catalogue must not have been much larger: what shrinks a little every night is seen too.
    static let windowMicroseconds: Int64 = 7 * 86_400 * 1_000_000

    /// By how much a catalogue may shrink and still be believed, in percent.
    let shrinkPercentMax: Double
    let timeZone: RetailTimeZone

    /// - Parameter baseline: what was believed last; nil when nothing was yet.
    /// - Returns: what is absurd, in words and without any row of data; nil when nothing is.
    func objection(to snapshot: CatalogueSnapshot, after baseline: CatalogueBaseline?) -> String? {
        let keyed = snapshot.rows.filter { $0.key != nil }
        if keyed.isEmpty {
            if let baseline, baseline.rows.isEmpty { return nil }
            return snapshot.rows.isEmpty ? "it is empty" : "none of its \(snapshot.rows.count) rows has a usable key"
        }
        guard let baseline else { return nil }
        if let reason = shrunk(keyed.count, from: baseline.rows.count, "the last one") { return reason }
        if let reason = shrunk(keyed.count, from: baseline.largest, "the largest of the last 7 days") { return reason }
        let known = Set(baseline.rows.compactMap(Self.key))
        if !known.isEmpty, !keyed.contains(where: { Self.key($0).map(known.contains) ?? false }) {
            return "none of the \(known.count) keys of the last one is in it"
        }
        guard snapshot.catalogue == .products else { return nil }
        let before = prices(baseline.rows)
        let after = prices(keyed)
        return PriceShift(before.compactMap { key, price in after[key].map { (price, $0) } }).objection
    }

    private func shrunk(_ rows: Int, from most: Int, _ what: String) -> String? {
        guard Double(most - rows) * 100 > shrinkPercentMax * Double(most) else { return nil }
        let percent = Int((Double(most - rows) * 100 / Double(most)).rounded())
        return "it has \(rows) rows, \(what) had \(most): \(percent) % less"
    }

    private func prices(_ rows: [CatalogueRow]) -> [[UInt8]: Int64] {
        let parser = CatalogueParser(timeZone: timeZone)
        var prices: [[UInt8]: Int64] = [:]
        for row in rows {
            guard let key = Self.key(row), case .valid(let product) = row.payload.withUnsafeBytes(parser.product)
            else { continue }
            prices[key] = product.unitAmount.units
        }
        return prices
    }

    /// As bytes: keys that look the same are equal as strings.
    private static func key(_ row: CatalogueRow) -> [UInt8]? { row.key.map { Array($0.utf8) } }
}
