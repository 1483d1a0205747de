import Configuration
import Foundation
import RetailAPISimulator
import Telemetry

/// `retailflow simulate`: the source API, for development.
struct SimulateCommand: CommandAction {
    let options: SimulateOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let simulator = try RetailAPISimulator(try configuration(context))
        defer { simulator.stop() }
        try context.write(
            json: ["base_url": .text(simulator.baseURL), "sales": JSONValue(simulator.salesCount)],
            text: "serving \(simulator.salesCount) sales at \(simulator.baseURL); stop with Ctrl-C")
        // The server answers on its own threads until a signal cancels this task.
        let (events, end) = AsyncStream<Void>.makeStream()
        await withTaskCancellationHandler {
            for await _ in events {}
        } onCancel: {
            end.finish()
        }
        return .done
    }

    private func configuration(_ context: CommandContext) throws -> SimulatorConfiguration {
        let data: SimulatorData
        if let directory = options.dataDirectory {
            data = .folder(directory)
        } else {
            var generated = GeneratedDataConfiguration()
            if let sales = options.sales { generated.sales = sales }
            if let seed = options.seed { generated.seed = seed }
            data = .generated(generated)
        }
        var configuration = SimulatorConfiguration(data: data, port: options.port)
        configuration.keyHeader = context.settings.api.keyHeader
        if let shape = options.shape { configuration.shape = shape }
        if let start = options.start { configuration.start = start }
        configuration.faults = try options.faults.map { try Fault(parsing: $0) }
        if let seed = options.seed { configuration.seed = seed }
        if let rate = options.salesPerSecond {
            configuration.salesAtStart = 0
            configuration.salesPerSecond = rate
        }
        if let file = options.keyFile {
            var settings = context.settings.api
            settings.key = nil
            settings.keyFile = file
            configuration.apiKey = try settings.requireKey().revealed
        }
        return configuration
    }
}
