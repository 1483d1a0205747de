"""The mechanisms that keep the promise, each with the edit that takes it out and the tests that must then fail.

An edit is exact: `old` occurs once in the file and is replaced by `new`; `also` holds further pairs of that kind, for a
mechanism that is kept in two places. `tests` is a filter of `swift test`; at least one of the tests that it finds must go
red. `kafka` says that only a real Kafka shows it, `may_not_end` that tests which hang or crash count as red too.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    name: str
    mechanism: str
    file: str
    old: str
    new: str
    tests: str
    kafka: bool = False
    also: tuple[tuple[str, str], ...] = ()
    may_not_end: bool = False


INGESTION = "Sources/Ingest/Ingestion.swift"
REBALANCE = "Sources/Ingest/Ingestion+Rebalance.swift"
CHECKS = "Sources/Ingest/Ingestion+Checks.swift"
BREAKER = "Sources/Ingest/RejectBreaker.swift"
ASSEMBLER = "Sources/Ingest/BatchAssembler.swift"
START = "Sources/Ingest/StartDecision.swift"
RAW = "Sources/Warehouse/SQLite/RawSalesWriter.swift"
ODS = "Sources/Warehouse/SQLite/OdsSalesWriter.swift"
CONSUMER = "Sources/Kafka/Consumer/ConsumerConfiguration.swift"
FETCHER = "Sources/Extract/SalesFetcher.swift"
PUBLISHER = "Sources/Extract/SalesPublisher.swift"
LOOK_BACK = "Sources/Extract/SalesFetcher+AskAgain.swift"
WALK = "Sources/Extract/SalesWalk.swift"
CATALOGUE = "Sources/Retail/CatalogueParser.swift"
SNAPSHOTS = "Sources/Warehouse/SQLite/StoredSnapshots.swift"
HISTORY = "Sources/Warehouse/SQLite/CatalogueHistory.swift"
PERIOD = "Sources/Warehouse/VersionPeriod.swift"
MERGE = "Sources/Warehouse/SQLite/CatalogueMerge.swift"
SCHEDULES = "Sources/Service/ScheduleRunner.swift"
FACTS = "Sources/Warehouse/SQLite/SQLitePipelineFactsReader.swift"
POSTGRESQL = "Sources/Warehouse/PostgreSQL/"

MUTATIONS = [
    # ---- offsets follow the data
    Mutation(
        "commit-before-write", "offsets are committed only once their batch is written", INGESTION,
        "        let counts = try batch.write.wait()\n",
        "        try commit(batch.offsets, by: consumer)\n        let counts = try batch.write.wait()\n",
        "IngestTests.WriteThenCommitTests",
    ),
    Mutation(
        "commit-on-lost", "partitions that are lost are dropped without a commit", REBALANCE,
        '        forget(partitions, areGone: true)\n        logger.warning("partitions lost"',
        '        try settle(consumer)\n        forget(partitions, areGone: true)\n        logger.warning("partitions lost"',
        "IngestTests.LostPartitionTests|IngestTests.ReleaseTests/lost",
    ),
    Mutation(
        "commit-of-revoked", "a batch's offsets of partitions that are gone are not committed", REBALANCE,
        "            inFlight?.offsets[partition.partition] = nil\n", "",
        "IngestTests.LostPartitionTests",
    ),
    Mutation(
        "commit-of-let-go", "a batch that was not written in time is never committed", REBALANCE,
        "                inFlight = nil\n                isHeld = true\n", "                isHeld = true\n",
        "IngestTests.ReleaseTests/hangs",
        also=(("            inFlight?.offsets[partition.partition] = nil\n", ""),),
    ),
    Mutation(
        "records-of-others", "records of partitions that the group has not given are not written", ASSEMBLER,
        "polled.partitions.map { owned.contains($0.partition) }", "polled.partitions.map { _ in true }",
        "IngestTests.ReleaseTests/notOurs",
    ),
    Mutation(
        "revoke-without-finish", "partitions go to another member only when their batch is written and committed",
        REBALANCE,
        "try FaultPoint.partitionRelease.around { try settle(consumer) }", "_ = FaultPoint.partitionRelease",
        "IngestTests.LostPartitionTests|IngestTests.ReleaseTests/inTime",
    ),
    Mutation(
        "unproven-log", "a batch that follows a silence is proven to be of the log that was read before",
        INGESTION, "        try proveLog()\n", "",
        "IngestTests.RecreatedTopicTests/madeAnew|IngestTests.OtherLogTests/madeAnew", kafka=True,
    ),
    Mutation(
        "unproven-end", "the last record of the look before is compared, not only the oldest",
        "Sources/Ingest/Ingestion+Watch.swift", "        try compare(newest, probe)\n", "",
        "IngestTests.RecreatedTopicTests/madeAnew", kafka=True,
    ),
    Mutation(
        "open-transaction-stalls", "an open transaction is not taken for a stall", "Sources/Ingest/LogProbe.swift",
        "cluster, group: nil, properties", "cluster, group: nil, isolation: .readUncommitted, properties",
        "IngestTests.RecreatedTopicTests/openTransaction", kafka=True,
    ),
    Mutation(
        "offset-reset", "a lost range of offsets is an error, never a jump (auto.offset.reset)", CONSUMER,
        '"auto.offset.reset": "error"', '"auto.offset.reset": "earliest"',
        "KafkaTests.ConsumerTests/outOfRange|KafkaTests.GroupTests/noCommittedOffset",
    ),
    Mutation(
        "offset-reset-of-ingest", "records that are deleted before they are read stop ingestion (auto.offset.reset)",
        CONSUMER, '"auto.offset.reset": "error"', '"auto.offset.reset": "earliest"',
        "IngestTests.LostRangeTests/deletedMeanwhile", kafka=True,
    ),
    Mutation(
        "trust-the-group", "reading starts at the smallest offset that Kafka, raw and ods know", START,
        "let lacked = min(committed ?? .max, raw ?? low, ods ?? 0)", "let lacked = committed ?? raw ?? ods ?? low",
        "IngestTests.StartDecisionTests",
    ),
    Mutation(
        "proof-committed", "a record that is read again to prove the log takes no offset back", INGESTION,
        "let offsets = batch.offsets.filter { $1 >= progress[$0]?.wanted ?? 0 }", "let offsets = batch.offsets",
        "IngestTests.TransactionTests/markers", kafka=True,
    ),
    Mutation(
        "stored-offset-falls", "a stored offset only rises", RAW,
        "            WHERE excluded.next_offset > next_offset\n", "            WHERE true\n",
        "WarehouseConformance.OdsLayerTests",
    ),
    Mutation(
        "read-uncommitted", "records of aborted transactions are not read", CONSUMER,
        '"isolation.level": isolation.rawValue', '"isolation.level": "read_uncommitted"',
        "IngestTests.TransactionTests/markers", kafka=True,
    ),
    Mutation(
        "budget-of-release", "a write that takes too long is interrupted before partitions are released", REBALANCE,
        "            writer.interrupt()\n            guard batch.write", "            guard batch.write",
        "IngestTests.ReleaseTests/hangs",
    ),
    Mutation(
        "sleeper", "a member that slept writes and commits nothing of what it has in hand",
        "Sources/Ingest/Ingestion+Membership.swift",
        "guard consumer.isAssignmentLost || silence > consumer.sessionTimeoutMilliseconds else", "guard silence < 0 else",
        "IngestTests.ZombieTests", kafka=True,
    ),
    # ---- writes are idempotent
    Mutation(
        "version-guard", "an ods row is replaced only by the same or a higher version", ODS,
        "            if place < stored {", "            if place < stored, stored < place {",
        "WarehouseConformance.OdsLayerTests|WarehouseConformance.SaleHistoryTests",
    ),
    Mutation(
        "raw-compare", "the same place with other bytes is an error", RAW,
        "        if !same {\n", "        if !same, log < 0 {\n",
        "WarehouseConformance.RawLayerTests",
    ),
    Mutation(
        "compare-before-write", "another log is noticed before anything of it is written", CHECKS,
        "        if !isSame { throw otherLog(", "        if !isSame, record.offset < 0 { throw otherLog(",
        "IngestTests.OtherLogTests",
    ),
    Mutation(
        "process-lock", "a SQLite warehouse has one ingest process", "Sources/Warehouse/SQLite/ProcessLock.swift",
        "flock(descriptor, LOCK_EX | LOCK_NB)", "flock(descriptor, LOCK_SH | LOCK_NB)",
        "WarehouseTests.ProcessLockTests",
    ),
    Mutation(
        "lock-in-place", "a warehouse that was put in the place of the old one is locked too",
        "Sources/Warehouse/SQLite/SQLiteSalesWriter.swift",
        "if !lock.isInPlace {", "if !lock.isInPlace, directory.isEmpty {",
        "WarehouseTests.InterruptionTests",
    ),
    # ---- rejects
    Mutation(
        "breaker-run", "a long run of new rejects stops ingestion", BREAKER,
        "longest > consecutiveMax {", "longest > consecutiveMax * 1_000_000 {",
        "IngestTests.RejectBreakerTests",
    ),
    Mutation(
        "breaker-share", "a large share of new rejects stops ingestion", BREAKER,
        "Double(refused) * 100 > percentMax * Double(seen)", "Double(refused) > percentMax * Double(seen)",
        "IngestTests.RejectBreakerTests",
    ),
    Mutation(
        "breaker-before-write", "the batch that trips the breaker is not written", INGESTION,
        "        try checkRejects(of: batch)\n",
        "        do { try checkRejects(of: batch) } catch { _ = try writer.write(batch).wait(); throw error }\n",
        "IngestTests.BadRecordTests/breakerStops",
    ),
    Mutation(
        "breaker-memory", "the breaker's state survives a restart", INGESTION,
        "RejectBreaker(json: try writer.breakerState())", "RejectBreaker(json: try writer.breakerState().map { _ in \"\" })",
        "IngestTests.BadRecordTests/runOverRestart",
    ),
    Mutation(
        "withdrawal", "a sale that is refused when it is read again leaves ods",
        "Sources/Warehouse/SQLite/RejectLedger.swift",
        "                if try withdrawal.withdraw(sale: sale, decidedBy: record, log: batch.log) { counts.withdrawn += 1 }\n",
        "",
        "WarehouseConformance.WithdrawalTests",
    ),
    # ---- extraction
    Mutation(
        "cursor-outside", "the cursor is committed in the transaction of its records", PUBLISHER,
        "        try FaultPoint.extractCursor.around {\n",
        "        try producer.commitTransaction(timeoutMilliseconds: SalesPublisher.timeoutMilliseconds)\n"
        "        try producer.beginTransaction()\n        try FaultPoint.extractCursor.around {\n",
        "ExtractTests.TransactionTests/atomic", kafka=True,
    ),
    Mutation(
        "end-unconfirmed", "the end is believed only when the next page says so too", WALK,
        "if unconfirmedEnds < 2 { return .confirm }", "if unconfirmedEnds < 1 { return .confirm }",
        "ExtractTests.SalesWalkTests|ExtractTests.SalesWalkModelTests|ExtractTests.MisbehaviourTests",
    ),
    Mutation(
        "repeated-page", "a page of rows below the start is never taken for the end", WALK,
        "{ return .repeated }", "{ _ = floor }",
        "ExtractTests.SalesWalkTests|ExtractTests.SalesWalkModelTests",
    ),
    Mutation(
        "version-of-the-clock", "versions rise although the clock was set back", PUBLISHER,
        "max(next.version + 1, publication.page.page.answeredAtMicroseconds)",
        "publication.page.page.answeredAtMicroseconds",
        "ExtractTests.ResumeTests/clockSetBack",
    ),
    Mutation(
        "fencing", "a second follower fences the first", "Sources/Extract/SalesExtraction+Session.swift",
        'transactionalID: "\\(configuration.stateTopic).\\(key)"',
        'transactionalID: "\\(configuration.stateTopic).\\(key).\\(UInt64.random(in: 0 ... .max))"',
        "ExtractTests.TransactionTests/fencing", kafka=True,
    ),
    Mutation(
        "overlap", "the last sales are asked again at the end of each run", FETCHER,
        "if try await askAgain(upTo: walk.lastID) { try await resweepIfDue(upTo: walk.lastID) }",
        "try await resweepIfDue(upTo: walk.lastID)",
        "ExtractTests.ResumeTests",
    ),
    Mutation(
        "resweep", "the sales of the last days are asked again every night", FETCHER,
        "if try await askAgain(upTo: walk.lastID) { try await resweepIfDue(upTo: walk.lastID) }",
        "_ = try await askAgain(upTo: walk.lastID)",
        "ExtractTests.ResweepTests",
    ),
    Mutation(
        "overlap-of-the-first-day", "a late sale of the first day is published, though its id is below the first one's",
        LOOK_BACK,
        "if let origin, walkRecords <= configuration.overlapSales { return origin }",
        "if let origin, walkRecords < 0 { return origin }",
        "ExtractTests.FirstDayTests",
    ),
    Mutation(
        "beginning-without-sales", "a run that met no sale notes where it began", FETCHER,
        "        await noteBeginning()\n        if try await", "        if try await",
        "ExtractTests.ResumeTests/beginningWithoutSales",
    ),
    Mutation(
        "follower-without-sales", "a follower that met no sale notes where it began as soon as it waits", FETCHER,
        "        await noteBeginning()\n        let now", "        let now",
        "ExtractTests.FollowTests/beginningWithoutSales",
    ),
    # ---- the catalogue
    Mutation(
        "lenient-text", "a product without supplier or description is a product", CATALOGUE,
        "if value.kind == json_kind_null || value.kind == json_kind_missing { return nil }",
        "if value.kind == json_kind_null { return nil }",
        "RetailTests.CatalogueTests",
    ),
    Mutation(
        "lenient-lists", "a customer without e-mails or telephone numbers is a customer", CATALOGUE,
        "if value.kind == json_kind_missing || value.kind == json_kind_null { return }",
        "if value.kind == json_kind_missing { return }",
        "RetailTests.CatalogueTests",
    ),
    Mutation(
        "held-back", "a snapshot that is not believed is never merged", "Sources/Warehouse/UnmergedSnapshots.swift",
        "guard kept.isBelieved, hasNewRows", "guard hasNewRows",
        "WarehouseConformance.HeldSnapshotTests/held|CommandTests.CatalogueCommandTests/rightAgain",
    ),
    Mutation(
        "objection-lost", "what is absurd is noted with the snapshot", "Sources/Batch/CatalogueRefresh.swift",
        "try store.keep(snapshot, objection: objection)", "try store.keep(snapshot, objection: nil)",
        "CommandTests.CatalogueCommandTests/heldBack",
    ),
    Mutation(
        "held-baseline", "the next snapshot is compared with the last one believed, not with one that was held back",
        SNAPSHOTS,
        "            WHERE \\(endpoint) AND \\(StoredSnapshots.isBelieved)\n            \"\"\")\n    }\n",
        "            WHERE \\(endpoint)\n            \"\"\")\n    }\n",
        "WarehouseConformance.HeldSnapshotTests/baseline",
    ),
    Mutation(
        "accepts-what-comes", "what is accepted is what was held back, not what the API serves by then",
        "Sources/Batch/Reconciliation.swift",
        "acceptsFresh: accepting && held.isEmpty", "acceptsFresh: accepting",
        "BatchTests.ReconciliationTests/acceptsHeld",
    ),
    Mutation(
        "unchanged-noted", "a snapshot that changes nothing writes nothing to ods", MERGE,
        "guard isOther || counts.changesAnything else", "guard isOther || counts.unchanged >= 0 else",
        "WarehouseConformance.CatalogueHistoryTests/unchanged|WarehouseConformance.CatalogueTests/unchanged",
    ),
    Mutation(
        "price-of-today", "a sale takes the price of its time", "Sources/Warehouse/MartSQL.swift",
        "AND product.price_from <= sale.instant * 1000000 AND product.price_to > sale.instant * 1000000",
        "AND product.price_to = 9223372036854775807",
        "WarehouseTests.PriceOfTheTimeTests",
    ),
    Mutation(
        "earliest-reaches-back", "a sale before the earliest version takes that one", HISTORY,
        "insert.bind(before == nil ? Int64.min : from, at: 22)", "insert.bind(from, at: 22)",
        "WarehouseTests.PriceOfTheTimeTests",
    ),
    Mutation(
        "version-during-build", "a price list that comes during a rebuild is in its generation",
        "Sources/Warehouse/SQLite/Catalogues.swift",
        "AS sale ON sale.id = item.sale_id\n", "AS sale ON sale.id = item.sale_id AND product.valid_from < 0\n",
        "WarehouseTests.PriceOfTheTimeTests/duringBuild",
    ),
    Mutation(
        "clock-of-versions", "versions of one key never overlap, though the clock was set back", PERIOD,
        "return max(from, before?.earliestNext ?? .min)", "return from",
        "WarehouseConformance.CatalogueHistoryTests/clockSetBack",
    ),
    Mutation(
        "stale-update", "an updated_at that lies before the last version does not change what was sold at it", PERIOD,
        "updatedAt <= answeredAt, updatedAt >= before?.earliestNext ?? .min", "updatedAt <= answeredAt",
        "WarehouseConformance.CatalogueHistoryTests/updatedAt",
    ),
    # ---- the service
    Mutation(
        "due-before-the-lock", "a batch that another one has done meanwhile is not done again", SCHEDULES,
        """            guard try await isDue(job, memory, now) else {
                memory = Memory(lookedAt: now)
                return
            }
            logger.info""", "            logger.info",
        "ServiceTests.ScheduleRunnerTests/locked",
    ),
    Mutation(
        "last-run-in-the-future", "a clock that was wrong does not stop the schedules", SCHEDULES,
        "last <= now ? last : memory.lookedAt ?? now", "last",
        "ServiceTests.ScheduleRunnerTests/clockSetBack",
    ),
    Mutation(
        "clock-for-every-line", "an hourly line is due every hour, also when clocks are put back",
        "Sources/Service/Timetable.swift",
        "schedule.isEveryHour ? local - (last - first) : timeZone", "timeZone",
        "ServiceTests.TimetableTests/hourly",
    ),
    Mutation(
        "killed-run-counts", "a batch that was killed is made up for", FACTS,
        "AND outcome IN ('done', 'failed')", "",
        "WarehouseConformance.PipelineFactsTests/runs",
    ),
    Mutation(
        "batch-without-lock", "a batch by hand keeps out of another one's way",
        "Sources/retailflow/Commands/BatchCommand.swift",
        "        let lock = try warehouse.lockBatches()\n        defer { withExtendedLifetime(lock) {} }\n", "",
        "CommandTests.RunCommandTests/lock",
    ),
    Mutation(
        "others-go-on", "a part that stops ends the service", "Sources/Service/Supervisor.swift",
        "                    group.cancelAll()\n", "",
        "ServiceTests.SupervisorTests/stop", may_not_end=True,
    ),
    Mutation(
        "old-figures", "a metric that nobody can ask for is told no more", "Sources/Service/MetricSampler.swift",
        "                tell(nil)\n", "",
        "ServiceTests.PipelineMetricsTests",
    ),
    Mutation(
        "offsets-without-group", "a coordinator that has moved does not crash the process",
        "Sources/Kafka/Admin/AdminClient+Groups.swift", "guard group == self.group else", "guard true else",
        "KafkaTests.GroupTests/movedCoordinator", may_not_end=True,
    ),
    # ---- PostgreSQL: several writers, and whoever may look
    Mutation(
        "postgresql-version-guard", "an ods row is replaced only by the same or a higher version",
        POSTGRESQL + "SaleDecisions.swift",
        "if place < known.place {", "if place < known.place, known.place < place {",
        "WarehouseConformance.OdsLayerTests|WarehouseConformance.SaleHistoryTests",
    ),
    Mutation(
        "postgresql-raw-compare", "the same place with other bytes is an error",
        POSTGRESQL + "PostgreSQLRawLayer.swift",
        " OR sale.payload IS DISTINCT FROM incoming.payload", "",
        "WarehouseConformance.RawLayerTests",
    ),
    Mutation(
        "postgresql-crossing", "a batch that another writer crossed is written again, alone",
        POSTGRESQL + "PostgreSQLBatchWriter.swift",
        "isAlone ? PostgreSQLBatchWriter.alone : PostgreSQLBatchWriter.besideOthers",
        "isAlone ? PostgreSQLBatchWriter.besideOthers : PostgreSQLBatchWriter.besideOthers",
        "WarehouseTests.PostgreSQLWriterTests/together",
    ),
    Mutation(
        "postgresql-reject-lock", "a batch that refuses something is alone with the verdicts",
        POSTGRESQL + "PostgreSQLRejectLedger.swift",
        "batch.sales.refusals.isEmpty ? PostgreSQLRejectLedger.shared : PostgreSQLRejectLedger.exclusive",
        "PostgreSQLRejectLedger.shared",
        "WarehouseTests.PostgreSQLWriterTests/verdictOfTwo",
    ),
    Mutation(
        "postgresql-revision", "a row that returns goes on counting its revisions",
        POSTGRESQL + "PostgreSQLRejectLedger+Statements.swift",
        "SET revision = sale.revision + returned.revision", "SET revision = sale.revision",
        "WarehouseConformance.WithdrawalTests",
    ),
    Mutation(
        "postgresql-analyst", "analysts read dmt and nothing else", POSTGRESQL + "PostgreSQLSchema+Privileges.swift",
        "GRANT USAGE ON SCHEMA dmt TO retailflow_analyst;",
        "GRANT USAGE ON SCHEMA dmt, ods TO retailflow_analyst; GRANT SELECT ON ods.sales TO retailflow_analyst;",
        "WarehouseTests.PostgreSQLSchemaTests/analyst",
    ),
    Mutation(
        "postgresql-interrupt", "an interrupt leaves a connection that works", "Sources/PostgreSQL/Connection+Transaction.swift",
        "try? withoutInterrupts { () throws(PostgreSQLError) in try run(\"ROLLBACK\") }", "try? run(\"ROLLBACK\")",
        "PostgreSQLTests.InterruptionTests",
    ),
    Mutation(
        "postgresql-commit", "a transaction that had failed is not taken for committed",
        "Sources/PostgreSQL/Connection+Transaction.swift",
        'try run("COMMIT").tag == "COMMIT"', 'try run("COMMIT").tag != ""',
        "PostgreSQLTests.TransactionTests",
    ),
    Mutation(
        "postgresql-password", "no part of a URL's password is shown", "Sources/PostgreSQL/ConnectionParameters.swift",
        "        try ConnectionParameters.requirePlainAuthority(url)\n", "",
        "PostgreSQLTests.ConnectionTests/unreadable",
    ),
    Mutation(
        "postgresql-search", "a sale that returns before raw was searched for it is searched for all the same",
        POSTGRESQL + "PostgreSQLRejectLedger+Statements.swift",
        "WHERE withdrawn.sale_id = returned.sale_id AND returned.is_searched)", "WHERE withdrawn.sale_id = returned.sale_id)",
        "WarehouseConformance.WithdrawalTests/search",
        also=(("returned.sale_id AND NOT returned.is_searched)", "returned.sale_id AND false)"),),
    ),
    Mutation(
        "postgresql-held-baseline", "the next snapshot is compared with the last one believed, not with one that was held back",
        POSTGRESQL + "PostgreSQLStoredSnapshots.swift",
        "            WHERE snapshot.endpoint = $1 AND \\(PostgreSQLStoredSnapshots.isBelieved)\n            \"\"\", [endpoint])[0].optionalInteger(at: 0)\n    }",
        "            WHERE snapshot.endpoint = $1\n            \"\"\", [endpoint])[0].optionalInteger(at: 0)\n    }",
        "WarehouseConformance.HeldSnapshotTests/baseline",
    ),
    Mutation(
        "postgresql-unchanged", "a snapshot that changes nothing writes nothing to ods", POSTGRESQL + "PostgreSQLCatalogueMerge.swift",
        "guard isOther || counts.changesAnything else", "guard isOther || counts.unchanged >= 0 else",
        "WarehouseConformance.CatalogueHistoryTests/unchanged|WarehouseConformance.CatalogueTests/unchanged",
    ),
    Mutation(
        "postgresql-batch-lock", "one batch at a time", POSTGRESQL + "PostgreSQLBatchLock.swift",
        "SELECT pg_try_advisory_lock($1)", "SELECT pg_try_advisory_xact_lock($1)",
        "WarehouseConformance.PipelineFactsTests/batchLock",
    ),
]
