/// A listing that the simulator serves.
package enum SimulatedEndpoint: String, Sendable, Hashable, CaseIterable {
    /// `GET /sales?start_sales_id=S&limit=L`
    case sales
    /// `GET /products?page=N&limit=L`
    case products
    /// `GET /customers?page=N&limit=L`
    case customers
}
