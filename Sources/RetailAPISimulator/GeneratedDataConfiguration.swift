/// The size and seed of a made-up shop. The same values give the same bytes.
package struct GeneratedDataConfiguration: Sendable, Hashable {
    /// How many sales there are.
    package var sales: Int
    /// How many products the catalogue has.
    package var products: Int
    /// How many customers there are.
    package var customers: Int
    /// How many sales a day, on average over a week: Saturdays have more, Sundays fewer.
    package var salesPerDay: Int
    /// The id of the first sale. Now and then an id is missing, as in real shops.
    package var firstSaleID: Int64
    /// The day of the first sale, in days since 1970-01-01.
    package var firstDay: Int
    /// One sale of so many names a product that is not in the catalogue; 0 for none.
    package var unknownProductEvery: Int
    /// One sale of so many names a customer who is not known; 0 for none.
    package var unknownCustomerEvery: Int
    /// What all the chance comes from.
    package var seed: UInt64

    /// Makes a configuration; the default first day is 2025-01-06, a Monday.
    package init(
        sales: Int = 100_000, products: Int = 1_000, customers: Int = 4_000, salesPerDay: Int = 2_000,
        firstSaleID: Int64 = 500_001, firstDay: Int = 20_094, unknownProductEvery: Int = 2_000,
        unknownCustomerEvery: Int = 2_000, seed: UInt64 = 1
    ) {
        self.sales = sales
        self.products = products
        self.customers = customers
        self.salesPerDay = salesPerDay
        self.firstSaleID = firstSaleID
        self.firstDay = firstDay
        self.unknownProductEvery = unknownProductEvery
        self.unknownCustomerEvery = unknownCustomerEvery
        self.seed = seed
    }
}
