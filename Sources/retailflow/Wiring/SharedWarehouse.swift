import Warehouse

/// The warehouse of a process that lives for long: made where it is missing, but only once. When the disk that holds it
/// goes away later, its empty place must not get another one.
final class SharedWarehouse: Sendable {
    private let deployment: Deployment
    private let worker = SerialWorker<(any WarehousePorts)?>(label: "retailflow.warehouse", state: nil)

    init(_ deployment: Deployment) { self.deployment = deployment }

    /// - Throws: `WarehouseError`, as long as it can't be opened.
    func open() async throws -> any WarehousePorts {
        let deployment = deployment
        return try await worker.perform { opened in
            if let opened { return opened }
            let warehouse = try deployment.warehouse()
            opened = warehouse
            return warehouse
        }
    }

    /// Asks it something, off Swift's own threads.
    func ask<Answer: Sendable>(_ question: @escaping @Sendable (any WarehousePorts) throws -> Answer) async throws
        -> Answer
    {
        let warehouse = try await open()
        return try await worker.perform { _ in try question(warehouse) }
    }
}
