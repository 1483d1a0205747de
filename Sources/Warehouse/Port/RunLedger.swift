/// One extract, ingest or batch in the warehouse's book of runs. Blocking: called from a thread of its own.
package protocol RunLedger: Sendable {
    /// Notes that a run began; returns its number.
    func begin(run: String) throws -> Int64

    /// Notes how a run ended.
    ///
    /// - Parameters:
    ///   - counts: figures of the run, as a JSON object.
    ///   - error: what ended it, when it failed.
    func end(_ number: Int64, outcome: String, counts: String, error: String?) throws
}
