internal import Glibc
internal import Synchronization

/// What happens at which point, as the environment says: `RETAILFLOW_FAULT=POINT[@N][=ACTION],…`.
///
/// POINT is a step and a side of it, such as `ods.commit.before`; N says at which of its visits (1, the first, unless
/// given); ACTION is `kill` (SIGKILL to this process, unless given) or `stop` (SIGSTOP: it goes on at SIGCONT).
package final class FaultPlan: Sendable {
    /// The environment variable that names the faults of a process.
    package static let variable = "RETAILFLOW_FAULT"

    /// The plan of this process; nil when the variable is unset, empty or wrong.
    package static let active: FaultPlan? = environment.flatMap { try? FaultPlan($0) }

    private static let environment = getenv(variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }

    /// - Throws: `FaultPlanError` when the variable names what there is not: a fault that never comes proves nothing.
    package static func checkEnvironment() throws(FaultPlanError) {
        if let environment { _ = try FaultPlan(environment) }
    }

    package enum Side: String, Sendable, CaseIterable {
        case before, after
    }

    package enum Action: String, Sendable, CaseIterable {
        case kill, stop
    }

    /// One fault that is to come.
    package struct Entry: Sendable, Hashable {
        package var point: FaultPoint
        package var side: Side
        /// At which visit, from 1.
        package var visit: Int
        package var action: Action

        package init(point: FaultPoint, side: Side, visit: Int, action: Action) {
            self.point = point
            self.side = side
            self.visit = visit
            self.action = action
        }
    }

    package let entries: [Entry]
    private let visits = Mutex<[String: Int]>([:])
    private let act: @Sendable (Action, String) -> Void

    /// - Parameter act: what carries an action out; told the point's name for the log.
    package init(_ text: String, act: @escaping @Sendable (Action, String) -> Void = signalThisProcess)
        throws(FaultPlanError)
    {
        var entries: [Entry] = []
        for part in text.split(separator: ",") { entries.append(try FaultPlan.entry(String(part))) }
        self.entries = entries
        self.act = act
    }

    private static func entry(_ text: String) throws(FaultPlanError) -> Entry {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let place = halves[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let visit = place.count == 2 ? Int(place[1]) : 1
        let action = halves.count == 2 ? Action(rawValue: String(halves[1])) : .kill
        guard let dot = place[0].lastIndex(of: "."), let point = FaultPoint(rawValue: String(place[0][..<dot])),
            let side = Side(rawValue: String(place[0][place[0].index(after: dot)...])), let visit, visit > 0, let action
        else { throw FaultPlanError(text: text) }
        return Entry(point: point, side: side, visit: visit, action: action)
    }

    /// Counts a visit, and does what the plan has for it.
    func reach(_ point: FaultPoint, _ side: Side) {
        let name = "\(point.rawValue).\(side.rawValue)"
        let visit = visits.withLock { visits in
            visits[name, default: 0] += 1
            return visits[name, default: 0]
        }
        for entry in entries where entry.point == point && entry.side == side && entry.visit == visit {
            act(entry.action, name)
        }
    }
}

/// A fault that the program has not.
package struct FaultPlanError: Error, Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package var description: String {
        "\(FaultPlan.variable) names a fault that there is not; \(text); "
            + "write STEP.before or STEP.after, then perhaps @VISIT and =kill or =stop, with a step of: "
            + FaultPoint.allCases.map(\.rawValue).joined(separator: " ")
    }
}

/// Says on standard error which point it is and ends or freezes the process, as nothing in it can prevent.
package func signalThisProcess(_ action: FaultPlan.Action, at point: String) {
    let line = "fault: \(action.rawValue) at \(point)\n"
    line.utf8CString.withUnsafeBytes { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count - 1) }
    _ = kill(getpid(), action == .kill ? SIGKILL : SIGSTOP)
}
