internal import Retail
package import Warehouse

/// A product as a test thinks of it. The price is in 1/10,000.
package struct ProductDraft: Sendable, Hashable {
    /// The product's key.
    package var sku: String
    /// The description.
    package var description: String
    /// The price of one piece.
    package var unitAmount: Int64

    /// Makes a product.
    package init(_ sku: String, _ description: String, _ unitAmount: Int64) {
        self.sku = sku
        self.description = description
        self.unitAmount = unitAmount
    }

    /// The product as the API serves it.
    package var text: String {
        "{\"product_sku\": \(json(sku)), \"description\": \(json(description)), "
            + "\"unit_amount\": \(Money(units: unitAmount)), \"supplier\": null}"
    }
}

extension CatalogueSnapshot {
    /// A full refresh of rows given by key and JSON text.
    package init(_ catalogue: Catalogue, _ rows: [(key: String?, text: String)], fileName: String = "page_1.json") {
        self.init(
            catalogue: catalogue,
            rows: rows.map {
                CatalogueRow(key: $0.key, payload: Array($0.text.utf8), isJSON: true, fileName: fileName)
            },
            pages: 1, declaredTotal: Int64(rows.count), sweeps: 1, proof: "declared total", answeredAt: 1)
    }

    /// A full refresh of products.
    package static func products(_ products: [ProductDraft]) -> CatalogueSnapshot {
        CatalogueSnapshot(.products, products.map { ($0.sku, $0.text) })
    }

    /// A full refresh of customers without addresses.
    package static func customers(_ ids: [String]) -> CatalogueSnapshot {
        CatalogueSnapshot(
            .customers,
            ids.map { ($0, "{\"customer_id\": \(json($0)), \"emails\": [], \"phone_numbers\": []}") })
    }
}

extension CatalogueStore {
    /// Keeps a snapshot and merges it.
    @discardableResult
    package func refresh(_ snapshot: CatalogueSnapshot) throws -> MergeCounts {
        let (number, _) = try keep(snapshot)
        return try merge(number, of: snapshot.catalogue, timeZone: .utc)
    }
}
