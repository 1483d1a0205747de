import Ingest
import Kafka
import Retail
import Telemetry
import Warehouse

/// `retailflow replay`: sets where ingestion reads on, or reads raw again.
struct ReplayCommand: CommandAction {
    let options: ReplayOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let deployment = Deployment(context)
        let zone = try deployment.timeZone()
        let target: ReplayTarget =
            switch options.place {
            case .earliest: .earliest
            case .offsets(let offsets): .offsets(offsets)
            case .time(let time): .time(milliseconds: time.instant(in: zone) * 1_000)
            case .skip(let offsets): .skip(offsets)
            }
        if options.isFromRaw {
            try await RawReplayService(deployment, target, timeZone: zone).run(context, isDryRun: options.isDryRun)
        } else {
            try await GroupReplayService(deployment, target).run(context, isDryRun: options.isDryRun)
        }
        return .done
    }
}
