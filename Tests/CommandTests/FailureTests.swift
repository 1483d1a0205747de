@testable import Batch
import Configuration
import Extract
@testable import Ingest
import Kafka
import RetailAPI
@testable import RetailAPISimulator
import Telemetry
import Testing
import Warehouse
@testable import retailflow

/// What each error means to scripts, and what it says to people.
struct FailureTests {
    private static func kafka(_ code: KafkaError.Code) -> KafkaError {
        KafkaError(code, operation: "poll", reason: "the reason")
    }

    private static func warehouse(_ code: WarehouseError.Code) -> WarehouseError {
        WarehouseError(code: code, what: "the reason", place: "shop/ods.db", remedy: "do this")
    }

    private static func api(_ code: RetailAPIError.Code) -> RetailAPIError {
        RetailAPIError(code: code, endpoint: .sales, request: "limit 250", reason: "the reason")
    }

    private static func extract(_ code: ExtractError.Code) -> ExtractError {
        ExtractError(code: code, reason: "the reason", remedy: "do this")
    }

    private static func ingest(_ code: IngestError.Code) -> IngestError {
        IngestError(code: code, reason: "the reason", place: "topic[0]", remedy: "do this")
    }

    static let cases: [(any Error, Int32)] = [
        (UsageError("the reason", advice: "do this"), 64),
        (ConfigurationError(.unknownKey, "the reason", at: nil, advice: "do this"), 78),
        (ConfigurationError(.unreadableFile, "the reason", at: nil, advice: "do this"), 78),
        (OutputError(number: 28), 74), (CancellationError(), 75),
        (api(.keyRefused), 77), (api(.configuration), 78), (api(.unreachable), 69), (api(.serverFailed), 69),
        (api(.throttled), 69), (api(.requestRefused), 69), (api(.notAPage), 69), (api(.pageBroken), 69),
        (api(.tooLarge), 69), (api(.rowTooLarge), 69), (api(.archiveNotCreated), 73), (api(.archiveNotWritten), 74),
        (PageFileError(code: .cannotRead, path: "page.json", number: 2), 74), (extract(.pageFileRefused), 65),
        (kafka(.unreachable), 69), (kafka(.timedOut), 69), (kafka(.allBrokersDown), 69), (kafka(.transport), 69),
        (kafka(.unknownTopicOrPartition), 69), (kafka(.unknownProperty), 78), (kafka(.invalidPropertyValue), 78),
        (kafka(.reservedProperty), 78), (kafka(.invalidConfiguration), 78), (kafka(.topicNotAuthorized), 77),
        (kafka(.groupNotAuthorized), 77), (kafka(.clusterNotAuthorized), 77), (kafka(.authentication), 77),
        (kafka(.offsetOutOfRange), 65), (kafka(.fenced), 80), (kafka(.fencedInstance), 80),
        (warehouse(.busy), 75), (warehouse(.full), 74), (warehouse(.readOnly), 73), (warehouse(.cannotOpen), 73),
        (warehouse(.notAWarehouse), 73), (warehouse(.newerSchema), 73), (warehouse(.damaged), 74),
        (warehouse(.unreachable), 69), (warehouse(.notPermitted), 77), (warehouse(.configuration), 78),
        (warehouse(.notSupported), 78), (warehouse(.inputOutput), 74), (warehouse(.otherLog), 65),
        (warehouse(.auditFailed), 65), (warehouse(.bug), 70),
        (extract(.fenced), 80), (extract(.cursorUnreadable), 65), (extract(.repeatedPage), 69), (extract(.stuck), 69),
        (ingest(.lostRange), 65), (ingest(.otherLog), 65), (ingest(.tooManyRejects), 65), (ingest(.groupIsLive), 75),
        (ingest(.offsetOutOfRange), 65), (ingest(.noSuchPartition), 65), (ingest(.topicGone), 69),
        (BatchError(catalogue: .products, snapshot: 7, reason: "the reason"), 65),
        (
            ReconciliationError(
                reports: [],
                refusals: [BatchError(catalogue: .products, snapshot: 7, reason: "no")]), 65
        ),
        (SimulatorError(code: .faultUnknown, reason: "the reason"), 64),
        (SimulatorError(code: .dataUnreadable, reason: "the reason"), 74),
        (SimulatorError(code: .cannotListen, reason: "the reason"), 69),
        (MissingTopic(name: "sales", servers: "broker:9092"), 69), (MissingWarehouse(place: "shop"), 74),
    ]

    // Catches an error class that scripts see as another one, as a bug, or not at all.
    @Test("Each error ends the program with its code and one line on standard error")
    func codes() async {
        for (error, code) in Self.cases {
            let errors = Told()
            let application = errors.application()
            #expect(application.report(error).rawValue == code, "\(error)")
            let text = errors.text
            #expect(text.hasPrefix("retailflow: "), "\(error)")
            #expect(text.count { $0 == "\n" } == 1 && text.hasSuffix("\n"), "\(error)")
            #expect(!text.contains("bug") || code == 70, "\(text)")
        }
    }

    private struct Unexpected: Error, CustomStringConvertible { let description = "what\nnobody\u{1B}[2J expected" }

    // Catches an error without a class that scripts take for done, and text that takes over a terminal.
    @Test("An error that nobody expected is a bug, told on one line without control characters")
    func unexpected() {
        let errors = Told()
        #expect(errors.application().report(Unexpected()) == .bug)
        #expect(errors.text.contains("this is a bug; please report it"))
        #expect(errors.text.unicodeScalars.count { $0.value < 32 } == 1)
    }

    @Test("A reader that has enough ends the program without a word")
    func closedPipe() {
        let errors = Told()
        #expect(errors.application().report(OutputError(number: 32)).rawValue == 141)
        #expect(errors.text.isEmpty)
    }
}

/// Standard error of an application that does nothing else.
private final class Told: Sendable {
    private let lines = Texts()

    var text: String { lines.text }

    func application() -> Application {
        Application(
            arguments: [], environment: [:], output: OutputWriter { (_) throws(OutputError) in },
            errorStream: StatusStream { [lines] in lines.append($0) })
    }
}
