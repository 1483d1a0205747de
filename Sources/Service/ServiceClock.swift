internal import Dispatch
internal import Telemetry

/// Time as the service sees it, so that tests decide it.
package struct ServiceClock: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var now: @Sendable () -> Int64
    /// Waits so many milliseconds; throws when the task is cancelled meanwhile.
    package var sleep: @Sendable (_ milliseconds: Int) async throws -> Void
    /// Runs a body after so many milliseconds whatever the tasks of the process do.
    package var runLater: @Sendable (_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) -> Void

    /// Makes a clock from its parts.
    package init(
        now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (_ milliseconds: Int) async throws -> Void,
        runLater: @escaping @Sendable (_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) -> Void
    ) {
        self.now = now
        self.sleep = sleep
        self.runLater = runLater
    }

    /// The clock of this machine. A machine that slept is found to have been away; sleeps end when their time has come.
    package static let system = ServiceClock(
        now: SystemClock.microseconds, sleep: { try await Task.sleep(for: .milliseconds($0)) },
        runLater: { milliseconds, body in
            DispatchQueue(label: "retailflow.later").asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                body()
            }
        })
}
