internal import Synchronization
package import Telemetry

/// Keeps the parts of a service at work, side by side.
///
/// - A part that meets an outage waits, longer each time up to five minutes, and begins anew; the others go on.
/// - A part that ends for another reason stops the service: the others are asked to end, finish what they have in hand,
///   and the error of the part that was first is the service's.
/// - When its task is cancelled, all parts are asked to end.
package struct Supervisor: Sendable {
    private let board: PartBoard
    private let clock: ServiceClock
    private let logger: Logger
    private let isOutage: @Sendable (any Error) -> Bool
    private let graceMilliseconds: Int
    private let isOverdue: @Sendable (_ parts: [String], _ cause: (any Error)?) -> Void

    /// - Parameters:
    ///   - board: names every part.
    ///   - isOutage: whether waiting may mend an error.
    ///   - graceMilliseconds: how long the parts may take to end once they are asked to.
    ///   - isOverdue: told, on a thread of its own, which parts have not ended by then, and what stopped the service if
    ///     a part did. Their work is such that it may be cut off at any moment: meant to end the process.
    package init(
        board: PartBoard, clock: ServiceClock, logger: Logger, isOutage: @escaping @Sendable (any Error) -> Bool,
        graceMilliseconds: Int, isOverdue: @escaping @Sendable (_ parts: [String], _ cause: (any Error)?) -> Void
    ) {
        self.board = board
        self.clock = clock
        self.logger = logger
        self.isOutage = isOutage
        self.graceMilliseconds = graceMilliseconds
        self.isOverdue = isOverdue
    }

    /// Runs the parts until all have ended.
    ///
    /// - Throws: what the first part threw that stopped by itself.
    package func run(_ parts: [ServicePart]) async throws {
        let ending = Mutex(Ending())
        @Sendable func end(because cause: (any Error)? = nil) {
            let isFirst = ending.withLock { ending in
                defer { ending.hasBegun = true }
                ending.cause = ending.cause ?? cause
                return !ending.hasBegun
            }
            guard isFirst else { return }
            board.stopAll()
            logger.info("service ends", [("grace_milliseconds", LogValue(graceMilliseconds))])
            clock.runLater(graceMilliseconds) {
                let late = board.entries.filter { !$0.state.isOver }.map(\.part)
                let state = ending.withLock { $0 }
                if !late.isEmpty, !state.isOver { isOverdue(late, state.cause) }
            }
        }
        await withTaskCancellationHandler {
            await withTaskGroup(of: (any Error)?.self) { group in
                for part in parts { group.addTask { await keep(part) } }
                for await error in group {
                    guard let error else { continue }
                    end(because: error)
                    group.cancelAll()
                }
            }
        } onCancel: {
            end()
        }
        let cause = ending.withLock { ending in
            ending.isOver = true
            return ending.cause
        }
        if let cause { throw cause }
    }

    /// How far the end of the service is.
    private struct Ending {
        var hasBegun = false
        var isOver = false
        /// The error of the part that stopped first.
        var cause: (any Error)?
    }

    /// Runs one part until it ends; what stopped it, if it did so by itself.
    private func keep(_ part: ServicePart) async -> (any Error)? {
        let status = PartStatus(board: board, part: part.name)
        var backoff = Backoff()
        while true {
            do {
                try await part.run(status)
                if Task.isCancelled { return end(part, after: nil) }
                return stop(part, EndedByItself(part: part.name))
            } catch {
                if Task.isCancelled { return end(part, after: error) }
                guard isOutage(error) else { return stop(part, error) }
                if board.entries.contains(where: { $0.part == part.name && $0.state == .working }) { backoff.reset() }
                let milliseconds = backoff.next()
                let reason = String(describing: error)
                board.set(part.name, .waiting(reason: reason))
                logger.warning(
                    "waiting",
                    [
                        ("part", .text(part.name)), ("reason", .text(reason)),
                        ("milliseconds", LogValue(milliseconds)),
                    ])
                do {
                    try await clock.sleep(milliseconds)
                } catch {
                    return end(part, after: error)
                }
            }
        }
    }

    /// It was asked to end. What was not done because something was out of order is done by the next process.
    private func end(_ part: ServicePart, after error: (any Error)?) -> (any Error)? {
        if let error, !(error is CancellationError) {
            guard isOutage(error) else { return stop(part, error) }
            logger.warning(
                "not all finished",
                [("part", .text(part.name)), ("reason", LogValue(describing: String(describing: error)))])
        }
        board.set(part.name, .ended)
        return nil
    }

    private func stop(_ part: ServicePart, _ error: any Error) -> any Error {
        let reason = String(describing: error)
        board.set(part.name, .stopped(reason: reason))
        logger.error("part stopped", [("part", .text(part.name)), ("reason", .text(reason))])
        return error
    }
}

/// A part returned although nobody had asked it to end.
package struct EndedByItself: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which one.
    package let part: String

    package var description: String { "the part \(part) of the service ended by itself" }
}
