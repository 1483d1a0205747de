internal import RetailAPI
internal import Telemetry

/// Waits for what does not answer: longer each time, up to five minutes, and with one word for each change.
struct OutageWait {
    private let backoff: Backoff
    private let clock: APIClock
    private let logger: Logger
    private let didChange: @Sendable (Health) -> Void
    private var tries = 0
    /// What is being waited for, and how it fails.
    private var told: Outage?
    /// Whether it was told that all is well, and nothing has failed since.
    private var isWell = false

    /// The longest wait.
    static let millisecondsMax = 300_000

    /// - Parameter didChange: told what is waited for, each time that it fails, and that all is well.
    init(
        firstMilliseconds: Int, clock: APIClock, logger: Logger,
        didChange: @escaping @Sendable (Health) -> Void = { _ in }
    ) {
        backoff = Backoff(firstMilliseconds: max(1, firstMilliseconds), millisecondsMax: OutageWait.millisecondsMax)
        self.clock = clock
        self.logger = logger
        self.didChange = didChange
    }

    /// Notes a failure and tells it, if it is another one than the last; returns how long to wait.
    mutating func failed(_ outage: Outage) -> Int {
        if told?.part != outage.part || told?.code != outage.code {
            logger.warning("waiting", [("for", .text(outage.part)), ("reason", .text(outage.reason))])
        }
        told = outage
        isWell = false
        didChange(.waits(for: outage.part, reason: outage.reason))
        tries += 1
        return backoff.milliseconds(afterTry: tries, random: clock.random())
    }

    /// Waits after a failure; ends at once, with an error, when the task is cancelled.
    mutating func wait(for outage: Outage) async throws { try await clock.sleep(failed(outage)) }

    /// It answers again; whether all is well will show, so that the waits stay as long as they were.
    mutating func answers() {
        guard let told else { return }
        logger.warning("going on", [("after", .text(told.part)), ("tries", LogValue(tries))])
        self.told = nil
    }

    /// Something was done meanwhile: the next waits are short again.
    mutating func forget() {
        answers()
        tries = 0
    }

    /// All is well again.
    mutating func isBack() {
        forget()
        if isWell { return }
        isWell = true
        didChange(.works)
    }
}
