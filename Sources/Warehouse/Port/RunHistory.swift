/// What the warehouse's book of runs says of the past. Blocking: called from a thread of its own.
package protocol RunHistory: Sendable {
    /// When the last run of a name began that came to an end of its own, in microseconds of UTC: it was done, or failed
    /// for good. One that was killed, stopped or met an outage does not count. nil: there is none.
    func lastStart(of run: String) throws -> Int64?
}
