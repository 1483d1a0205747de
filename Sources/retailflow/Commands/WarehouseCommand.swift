import Configuration
import Telemetry
import Warehouse

/// `retailflow warehouse init`: the schemas, and in PostgreSQL the roles.
struct WarehouseCommand: CommandAction {
    func run(_ context: CommandContext) async throws -> ExitCode {
        let deployment = Deployment(context)
        let roles = try await SerialWorker(label: "retailflow.warehouse", state: ()).perform { _ in
            try deployment.warehouse().grantRoles()
        }
        let place = context.settings.warehouse.url.description
        try context.write(
            json: ["warehouse": .text(place), "roles": .array(roles.map { .text($0) })],
            text: "the warehouse is ready: \(place)"
                + (roles.isEmpty ? "" : "\nroles: \(roles.joined(separator: ", "))"))
        return .done
    }
}
