import Configuration
import Telemetry
import Warehouse

/// `retailflow trace sale ID`: where that sale is, layer by layer.
struct TraceCommand: CommandAction {
    let options: TraceOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let tracer = try Deployment(context).presentWarehouse().saleTracer()
        let sale = options.sale
        let trace = try await SerialWorker(label: "retailflow.trace", state: ()).perform { _ in
            try tracer.trace(sale: sale)
        }
        try context.write(json: trace.json, text: trace.text)
        return trace.isKnown ? .done : .unknown
    }
}
