package import Telemetry

/// One of the long-running parts of a service.
package struct ServicePart: Sendable {
    /// What it is called, unique in its service.
    package let name: String
    /// Works until its task is cancelled, then finishes what it has in hand and returns or throws. Throws before that
    /// when it can't go on.
    package let run: @Sendable (PartStatus) async throws -> Void

    /// Makes a part.
    package init(_ name: String, run: @escaping @Sendable (PartStatus) async throws -> Void) {
        self.name = name
        self.run = run
    }
}

/// Where a part says how it is.
package struct PartStatus: Sendable {
    let board: PartBoard
    let part: String

    /// Notes it.
    package func set(_ health: Health) {
        switch health {
        case .works: board.set(part, .working)
        case .waits(let what, let reason): board.set(part, .waiting(reason: "\(what): \(reason)"))
        }
    }
}
