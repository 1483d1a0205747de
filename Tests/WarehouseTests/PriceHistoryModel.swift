import WarehouseTestKit

/// The versions of products, made once more in plain Swift from the snapshots that a test has merged.
struct PriceHistoryModel {
    private struct Version {
        var from: Int64
        var to: Int64?
        var product: ProductDraft
    }

    private var versions: [String: [Version]] = [:]

    /// Takes in a snapshot that was answered later than all before.
    mutating func add(_ products: [ProductDraft], answeredAt: Int64) {
        let served = Dictionary(uniqueKeysWithValues: products.map { ($0.sku, $0) })
        for (sku, all) in versions {
            guard let last = all.last, last.to == nil, served[sku] != last.product else { continue }
            versions[sku]?[all.count - 1].to = answeredAt
        }
        for product in products where versions[product.sku]?.last.map({ $0.to != nil }) ?? true {
            versions[product.sku, default: []].append(Version(from: answeredAt, to: nil, product: product))
        }
    }

    /// What a sale at an instant, in seconds of UTC, sold: the version valid then, else the latest that began before,
    /// else the earliest; nil when the product was never seen.
    func product(_ sku: String, at instant: Int64) -> ProductDraft? {
        let (all, moment) = (versions[sku] ?? [], instant * 1_000_000)
        let valid = all.first { $0.from <= moment && moment < $0.to ?? .max }
        return (valid ?? all.last { $0.from <= moment } ?? all.first)?.product
    }
}
