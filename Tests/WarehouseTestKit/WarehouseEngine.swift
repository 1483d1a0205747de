/// An engine that a warehouse can run on: what is expected of the ports is expected of each one.
package struct WarehouseEngine: Sendable, CustomStringConvertible {
    /// The engine's name.
    package let name: String
    /// Makes an empty warehouse.
    package let make: @Sendable () throws -> any WarehouseUnderTest

    /// Makes an engine.
    package init(name: String, make: @escaping @Sendable () throws -> any WarehouseUnderTest) {
        self.name = name
        self.make = make
    }

    package var description: String { name }

    /// Those that have every port.
    package static let all = [WarehouseEngine(name: "SQLite") { try SQLiteWarehouseUnderTest() }]

    /// Those that have every port but the rebuild of the mart.
    package static let ingesting = all + [WarehouseEngine(name: "PostgreSQL") { try PostgreSQLWarehouseUnderTest() }]
}
