internal import Retail
internal import RetailAPI
internal import Telemetry

// What was published is asked for again: the last sales often, the last days once a night.
extension SalesFetcher {
    var overlapMicroseconds: Int64 { Int64(configuration.overlapMilliseconds) * 1_000 }

    /// The longest time from one look back to the next, as long as the clock runs on.
    var overlapWaitMicrosecondsMax: Int64 {
        max(overlapMicroseconds, Int64(OutageWait.millisecondsMax) * 1_000)
    }

    /// While following: asks again for the last sales. New ones do not wait for that: what fails is tried again later.
    mutating func lookBack(upTo last: Int64?) async throws -> Bool {
        do {
            let isTaken = try await askAgain(upTo: last)
            lookBackWait.isBack()
            overlapAt = clock.nowMicroseconds() + overlapMicroseconds
            return isTaken
        } catch {
            guard let outage = Outage(error) else { throw error }
            overlapAt = clock.nowMicroseconds() + Int64(lookBackWait.failed(outage)) * 1_000
            return true
        }
    }

    /// Asks again for the last sales, though for none before the walk's beginning, and publishes what is new among
    /// them or has changed; false when nobody takes it any more.
    mutating func askAgain(upTo last: Int64?) async throws -> Bool {
        guard let last, configuration.overlapSales > 0 else { return true }
        var walk = SalesWalk(from: try await overlapStart(last))
        while let (page, rows) = try await next(&walk, confirmsEnd: true) {
            let within = rows.filter { page.rows[$0].id.map { $0 <= last } ?? true }
            guard try await publishDifferent(page, within) != nil else { return false }
            if let reached = walk.lastID, reached >= last { break }
        }
        return true
    }

    /// Where the last sales begin. A walk that has published no more than these is asked again from its beginning: of
    /// a day it is not known which sale is its first, and an earlier one may become visible late.
    ///
    /// Until this process has published so many, the warehouse says which sale is that many back: ids may be far apart.
    private func overlapStart(_ last: Int64) async throws -> SalesStart {
        if let origin, walkRecords <= configuration.overlapSales { return origin }
        var first = last - configuration.overlapSales + 1
        if let lowest = published.lowestRecentID {
            first = min(first, lowest)
        } else if let known = try await published.saleID(numberFromLast: configuration.overlapSales, upTo: last) {
            first = min(first, known)
        }
        if case .id(let begin) = origin { return .id(max(1, first, begin)) }
        return .id(max(1, first))
    }

    /// Publishes those of the rows that are new or have changed, and says how many; nil when nobody takes them any
    /// more.
    private mutating func publishDifferent(_ page: SalesPage, _ rows: [Int]) async throws -> Int? {
        let different = try await published.different(page, rows)
        if different.isEmpty { return 0 }
        published.noteAgain(page, different)
        report.lateOrChanged += different.count
        return await send(page, different, lastID: nil) ? different.count : nil
    }

    // MARK: The nightly re-sweep

    /// Waits until the next sales are asked for. The wait is used for the re-sweep when one is due, page by page, so
    /// that new sales never wait for more than one page of it. False when nobody takes pages any more.
    mutating func pause(upTo last: Int64?) async throws -> Bool {
        let until = clock.nowMicroseconds() + Int64(configuration.pollMilliseconds) * 1_000
        do {
            if resweep == nil { resweep = try await dueResweep(upTo: last) }
            while resweep != nil {
                guard try await stepResweep() else { return false }
                if clock.nowMicroseconds() >= until { return true }
            }
        } catch {
            // New sales do not wait for old ones: whether the API is down for both, the next question will tell.
            guard Outage(error) != nil else { throw error }
            resweep = nil
            resweepNotBefore = clock.nowMicroseconds() + SalesFetcher.resweepWaitMicroseconds
            logger.warning("re-sweep broken off", [("reason", LogValue(describing: String(describing: error)))])
        }
        try await clock.sleep(configuration.pollMilliseconds)
        return true
    }

    /// Does the whole re-sweep, if one is due.
    mutating func resweepIfDue(upTo last: Int64?) async throws {
        resweep = try await dueResweep(upTo: last)
        while resweep != nil { guard try await stepResweep() else { return } }
    }

    /// The re-sweep that is to be begun now. Without a warehouse there is nothing to compare with.
    private mutating func dueResweep(upTo last: Int64?) async throws -> Resweep? {
        guard let isDue = configuration.resweepIsDue, configuration.resweepDays > 0, published.hasWarehouse, let last
        else { return nil }
        let now = clock.nowMicroseconds()
        // Noted by a clock that was ahead: it would not be due until then.
        resweepAt = min(resweepAt, now)
        resweepNotBefore = min(resweepNotBefore, now + SalesFetcher.resweepWaitMicroseconds)
        guard now >= resweepNotBefore, isDue(resweepAt, now) else { return nil }
        let today = timeZone.localSeconds(ofInstant: now / 1_000_000)
        let begin = today - Int64(configuration.resweepDays) * CivilTime.secondsPerDay
        let day = String(CivilTime.text(of: begin).prefix(10))
        logger.info("re-sweep begins", [("day", .text(day)), ("up_to_sale", LogValue(last))])
        return Resweep(
            startedAtMicroseconds: now, day: day, last: last,
            lowestKnown: try await published.lowestSaleID(sinceDay: day, upTo: last), origin: origin)
    }

    /// Asks for one page of the re-sweep and publishes what differs; false when nobody takes it any more.
    private mutating func stepResweep() async throws -> Bool {
        guard var sweep = resweep else { return true }
        guard var walk = sweep.next else { return await finish(sweep) }
        let answer = try await next(&walk, confirmsEnd: true)
        if let (page, rows) = answer {
            guard let count = try await publishDifferent(page, sweep.within(page, rows)) else { return false }
            sweep.count(published: count)
        }
        let published = published
        try await sweep.take(answer?.0, after: walk) { try await published.saleIDs(in: $0) }
        resweep = sweep
        return true
    }

    /// Tells what was found, and commits with the cursor that it was done, behind all that it has published.
    private mutating func finish(_ sweep: Resweep) async -> Bool {
        resweep = nil
        resweepAt = sweep.startedAtMicroseconds
        let found = sweep.report
        report.resweeps += 1
        report.missing += found.missing
        if found.missing > 0 {
            logger.warning(
                "sales not served any more",
                [
                    ("sales", LogValue(found.missing)), ("since", .text(found.day)),
                    ("first_ids", .text(found.missingIDs.map(String.init).joined(separator: " "))),
                ])
        }
        logger.info(
            "re-sweep done",
            [
                ("since", .text(found.day)), ("listed", LogValue(found.listed)),
                ("late_or_changed", LogValue(found.lateOrChanged)), ("missing", LogValue(found.missing)),
            ])
        await didResweep(found)
        guard let lastPage else { return true }
        return await queue.send(Publication(page: lastPage, rows: [], lastID: nil, resweepAt: resweepAt))
    }
}
