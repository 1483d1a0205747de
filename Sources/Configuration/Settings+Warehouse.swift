extension Settings {
    /// `warehouse.*`: the SQL data mart.
    package struct Warehouse: Hashable, Sendable {
        /// Which engine, and where.
        package var url = WarehouseURL.sqlite(directory: "./warehouse")

        /// The defaults.
        package init() {}
    }
}
