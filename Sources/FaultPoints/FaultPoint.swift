/// A step after which something lasts: a write, a commit, a send, a flip. Whatever kills the process before or after
/// it must cost nothing but the work since the last commit.
///
/// The places are compiled in, so that what is tried is the program that ships. They do nothing, for the price of one
/// look at a constant, unless the environment names them (`FaultPlan`).
package enum FaultPoint: String, Sendable, CaseIterable {
    /// A page of the API is written under a name of its own for the while, then given its name. Failed pages and what is
    /// told of them alike.
    case pageWrite = "page.write"
    case pageRename = "page.rename"
    /// The transactional id is taken over; whoever had it is fenced.
    case extractTakeOver = "extract.take_over"
    /// The records of one page go to the producer.
    case extractSend = "extract.send"
    /// The cursor goes to the producer, in the same transaction.
    case extractCursor = "extract.cursor"
    /// The transaction of records and cursor is committed.
    case extractCommit = "extract.commit"
    /// A transaction that failed is aborted.
    case extractAbort = "extract.abort"
    /// A full refresh is written into raw, and committed there.
    case snapshotWrite = "snapshot.write"
    case snapshotCommit = "snapshot.commit"

    /// A batch is written into raw, and committed there.
    case rawWrite = "raw.write"
    case rawCommit = "raw.commit"
    /// A batch is written into ods, and committed there.
    case odsWrite = "ods.write"
    case odsCommit = "ods.commit"
    /// Records of rejects that were judged again are written into ods, and committed there.
    case rejectsWrite = "rejects.write"
    case rejectsCommit = "rejects.commit"
    /// The batch's offsets are committed to Kafka.
    case offsetCommit = "offset.commit"
    /// A log is noted before the first of its records is read, and a range of it that Kafka has lost and the operator
    /// gave up.
    case logBegin = "log.begin"
    case lossAccept = "loss.accept"
    /// That all of raw was searched for the older content of sales that were withdrawn.
    case restoreNote = "restore.note"
    /// Partitions are given back to the group.
    case partitionRelease = "partition.release"
    /// The group's offsets are set from outside, for a replay; a range that shall be passed over is noted before.
    case replayAlter = "replay.alter"
    case replaySkip = "replay.skip"

    /// A snapshot is merged into ods, and committed there.
    case mergeWrite = "merge.write"
    case mergeCommit = "merge.commit"
    /// A range of sales is built into the new generation, and committed there.
    case martWrite = "mart.write"
    case martCommit = "mart.commit"
    /// The new generation is audited.
    case martAudit = "mart.audit"
    /// Readers are pointed at the new generation, and that is committed.
    case flipWrite = "flip.write"
    case flipCommit = "flip.commit"
    /// The balance of some hours is noted, and committed.
    case balanceWrite = "balance.write"
    case balanceCommit = "balance.commit"

    /// Call it just before the step.
    package func before() { FaultPlan.active?.reach(self, .before) }

    /// Call it just after the step.
    package func after() { FaultPlan.active?.reach(self, .after) }

    /// Takes the step between its two points; after a step that failed there is no point.
    package func around<Result, Failure>(_ step: () throws(Failure) -> Result) throws(Failure) -> Result {
        before()
        let result = try step()
        after()
        return result
    }
}
