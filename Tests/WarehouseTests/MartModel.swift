import Retail
import WarehouseTestKit

/// The mart, computed once more in plain Swift from what a test has put in.
struct MartModel {
    var sales: [Int64: SaleDraft] = [:]
    var products: [String: ProductDraft] = [:]
    /// Where set, products are those of the sale's time.
    var history: PriceHistoryModel?
    var customers: Set<String> = []
    var allowMissingCustomer = false

    mutating func add(_ sale: SaleDraft) { sales[sale.id] = sale }

    /// The rows, in the order of sale and sku.
    var items: [MartItem] {
        totals.compactMap { sale, line in
            guard reason(sale, line.sku) == nil, let product = product(sale, line.sku) else { return nil }
            return MartItem(
                sale: sale.id, sku: line.sku, datetime: sale.datetime, amount: line.amount, quantity: line.quantity,
                description: product.description,
                discount: Discount.basisPoints(
                    amount: line.amount, quantity: line.quantity, unitAmount: product.unitAmount))
        }
    }

    /// `sale|sku|customer|reason`, in the order of sale and sku.
    var orphans: [String] {
        totals.compactMap { sale, line in
            reason(sale, line.sku).map { "\(sale.id)|\(line.sku)|\(sale.customer ?? "-")|\($0)" }
        }
    }

    /// One line per (sale, sku): quantities and amounts summed.
    private var totals: [(SaleDraft, SaleDraft.Line)] {
        sales.values.sorted { $0.id < $1.id }.flatMap { sale in
            var bySKU: [String: SaleDraft.Line] = [:]
            for line in sale.lines {
                bySKU[line.sku, default: SaleDraft.Line(line.sku, 0, 0)].quantity += line.quantity
                bySKU[line.sku]?.amount += line.amount
            }
            return bySKU.values.sorted { $0.sku < $1.sku }.map { (sale, $0) }
        }
    }

    private func reason(_ sale: SaleDraft, _ sku: String) -> String? {
        if let customer = sale.customer {
            if !customers.contains(customer) { return "unknown_customer" }
        } else if !allowMissingCustomer {
            return "no_customer"
        }
        return product(sale, sku) == nil ? "unknown_product" : nil
    }

    private func product(_ sale: SaleDraft, _ sku: String) -> ProductDraft? {
        guard let history else { return products[sku] }
        return history.product(sku, at: CivilTime.seconds(of: sale.datetime) ?? 0)
    }

    /// What a warehouse serves, in the words of `orphans`.
    static func orphans(of warehouse: any WarehouseUnderTest) throws -> [String] {
        try warehouse.rows(
            "SELECT sale_id, product_sku, customer_id, reason FROM dmt.orphans ORDER BY sale_id, product_sku"
        ).map { $0.map { $0 ?? "-" }.joined(separator: "|") }
    }
}
