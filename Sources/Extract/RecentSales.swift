/// The content hashes of the sales published last, up to a limit: what is asked again is compared with them first.
struct RecentSales {
    private let salesMax: Int
    private var hashes: [Int64: Int64] = [:]
    private var order: [Int64] = []
    private var oldest = 0

    init(salesMax: Int) { self.salesMax = max(salesMax, 1) }

    /// The smallest id among them, when as many as the limit are kept; else nothing is known of where they begin.
    var lowestID: Int64? { hashes.count >= salesMax ? hashes.keys.min() : nil }

    subscript(id: Int64) -> Int64? { hashes[id] }

    mutating func note(id: Int64, contentHash: Int64) {
        guard hashes.updateValue(contentHash, forKey: id) == nil else { return }
        if order.count < salesMax {
            order.append(id)
        } else {
            hashes[order[oldest]] = nil
            order[oldest] = id
            oldest = (oldest + 1) % salesMax
        }
    }
}
