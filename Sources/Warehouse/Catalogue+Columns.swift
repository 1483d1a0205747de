extension Catalogue {
    /// The column of the key in ods.
    var keyColumn: String {
        switch self {
        case .products: "product_sku"
        case .customers: "customer_id"
        }
    }

    /// The columns of a row's content in ods, the same in its history.
    var valueColumns: [String] {
        switch self {
        case .products: ["description", "unit_amount", "supplier", "updated_at"]
        case .customers: ["emails", "phone_numbers"]
        }
    }

    /// Whether its history has the price ranges that leave no moment without one.
    var hasPrices: Bool { self == .products }
}
