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
    /// When it was changed, as the API writes it; nil leaves it out.
    package var updatedAt: String?

    /// Makes a product.
    package init(_ sku: String, _ description: String, _ unitAmount: Int64, updatedAt: String? = nil) {
        self.sku = sku
        self.description = description
        self.unitAmount = unitAmount
        self.updatedAt = updatedAt
    }

    /// The product as the API serves it.
    package var text: String {
        "{\"product_sku\": \(json(sku)), \"description\": \(json(description)), "
            + "\"unit_amount\": \(Money(units: unitAmount)), \"supplier\": null"
            + (updatedAt.map { ", \"updated_at\": \(json($0))" } ?? "") + "}"
    }
}

extension CatalogueSnapshot {
    /// A full refresh of rows given by key and JSON text.
    ///
    /// - Parameter answeredAt: microseconds of UTC.
    package init(
        _ catalogue: Catalogue, _ rows: [(key: String?, text: String)], fileName: String = "page_1.json",
        answeredAt: Int64 = 1
    ) {
        self.init(
            catalogue: catalogue,
            rows: rows.map {
                CatalogueRow(key: $0.key, payload: Array($0.text.utf8), isJSON: true, fileName: fileName)
            },
            pages: 1, declaredTotal: Int64(rows.count), sweeps: 1, proof: "declared total",
            answeredAt: answeredAt)
    }

    /// A full refresh of products.
    package static func products(_ products: [ProductDraft], answeredAt: Int64 = 1) -> CatalogueSnapshot {
        CatalogueSnapshot(.products, products.map { ($0.sku, $0.text) }, answeredAt: answeredAt)
    }

    /// A full refresh of customers without addresses.
    package static func customers(_ ids: [String], answeredAt: Int64 = 1) -> CatalogueSnapshot {
        CatalogueSnapshot(
            .customers,
            ids.map { ($0, "{\"customer_id\": \(json($0)), \"emails\": [], \"phone_numbers\": []}") },
            answeredAt: answeredAt)
    }
}

extension CatalogueStore {
    /// Keeps a snapshot that nothing is objected to.
    package func keep(_ snapshot: CatalogueSnapshot) throws -> (snapshot: Int64, rowsKept: Int) {
        try keep(snapshot, objection: nil)
    }

    /// Keeps a snapshot and merges it.
    @discardableResult
    package func refresh(_ snapshot: CatalogueSnapshot) throws -> MergeCounts {
        let (number, _) = try keep(snapshot)
        return try merge(number, of: snapshot.catalogue, timeZone: .utc)
    }
}
