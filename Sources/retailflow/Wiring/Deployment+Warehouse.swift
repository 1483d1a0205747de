import Configuration
import Telemetry
import Warehouse

/// Where the warehouse is, and of which engine: the one place that knows both.
extension Deployment {
    /// The warehouse, made where it is missing. Blocks.
    func warehouse() throws -> any WarehousePorts {
        switch settings.warehouse.url {
        case .sqlite(let directory): try SQLiteWarehouse(directory: directory, clock: clock)
        case .postgresql(let url): try PostgreSQLWarehouse(url: url.revealed, clock: clock)
        }
    }

    /// The warehouse of a command that only looks: one that is not there is not made by asking. Blocks.
    func presentWarehouse() throws -> any WarehousePorts {
        let isPresent =
            switch settings.warehouse.url {
            case .sqlite(let directory): SQLiteWarehouse.exists(in: directory)
            case .postgresql(let url): try PostgreSQLWarehouse.exists(at: url.revealed)
            }
        guard isPresent else { throw missingWarehouse }
        return try warehouse()
    }

    /// The warehouse of which at least the raw layer is there: what else is lost is made anew, empty. Blocks.
    func warehouseWithRaw() throws -> any WarehousePorts {
        guard case .sqlite(let directory) = settings.warehouse.url else { return try presentWarehouse() }
        guard SQLiteWarehouse.existsRaw(in: directory) else { throw missingWarehouse }
        return try warehouse()
    }

    /// The warehouse's book of runs.
    func ledger(_ warehouse: any WarehousePorts) -> any RunLedger {
        let ledger = warehouse.runLedger()
        return metrics.map { MeasuredLedger(ledger, $0) } ?? ledger
    }

    private var missingWarehouse: MissingWarehouse {
        if case .sqlite(let directory) = settings.warehouse.url { return MissingWarehouse(place: directory) }
        return MissingWarehouse(place: settings.warehouse.url.description)
    }
}

/// There is nothing to tell about a warehouse that was never made.
struct MissingWarehouse: Error, CustomStringConvertible {
    /// The directory, or the URL without its secrets.
    let place: String

    var description: String {
        "there is no warehouse; \(place); ingest something first, or name another one with --set warehouse.url=sqlite:DIRECTORY"
    }
}
