internal import RetailAPI
internal import Telemetry

// One question to the API after another, until an answer leads on. What can't be right is asked again, counted and
// told; it is never taken for the end, and never asked for ever.
extension SalesFetcher {
    /// The next page with something new, and which of its rows that is; nil at the end.
    ///
    /// - Parameter confirmsEnd: a page with nothing new is believed only when the next one says so too.
    mutating func next(_ walk: inout SalesWalk, confirmsEnd: Bool) async throws -> (SalesPage, [Int])? {
        var tries = 0
        var isConfirming = false
        while true {
            try Task.checkCancellation()
            let start = walk.start
            guard let page = try await ask(&walk) else { continue }
            lastPage = page
            checkTotal(of: page)
            if page.isOutOfOrder, !toleratesDisorder {
                report.disorderedPages += 1
                if tries < configuration.retries {
                    try await askAgain("rows out of order", start, &tries)
                    continue
                }
                // It is how this server is. A sale that is jumped over by that is found by looking back, which not
                // every walk does.
                guard configuration.overlapSales > 0, !report.isBackfill else {
                    throw ExtractError(
                        code: .disordered,
                        reason: "the API keeps serving sales from \(start) on out of order, so that some may be missed",
                        remedy: "tell the API's owner; extraction goes on from its cursor when it is started again")
                }
                logger.warning("rows out of order, taken as they come", [("start", LogValue(describing: start))])
                toleratesDisorder = true
            }
            switch walk.take(page) {
            case .new(let rows):
                if isConfirming {
                    report.emptyPages += 1
                    logger.warning("page with nothing new before the end", [("start", LogValue(describing: start))])
                }
                return (page, withoutCopies(page, rows))
            case .confirm:
                if !confirmsEnd { return nil }
                isConfirming = true
            case .end:
                return nil
            case .contradicted:
                report.wrongTotals += 1
                guard tries < configuration.retries else { return nil }
                try await askAgain("end contradicted by the declared total", start, &tries)
            case .repeated:
                report.repeatedPages += 1
                guard tries < configuration.retries else {
                    throw ExtractError(
                        code: .repeatedPage,
                        reason: "the API keeps serving sales below the start that was asked, \(start)",
                        remedy: "tell the API's owner; extraction goes on from its cursor when it is started again")
                }
                try await askAgain("page repeated", start, &tries)
            case .stuck:
                report.stuckPages += 1
                guard tries < configuration.retries else {
                    throw ExtractError(
                        code: .stuck,
                        reason:
                            "a whole page from \(start) on has no sale beyond it, so that it is not known where to go on",
                        remedy:
                            "raise api.page_size, or tell the API's owner of rows without a usable id; extraction goes on from its cursor when it is started again"
                    )
                }
                try await askAgain("page leads nowhere", start, &tries)
            }
        }
    }

    /// The page that the walk asks for; nil when it can't be read and the walk has gone on behind it, because it was
    /// published from a repaired file.
    private func ask(_ walk: inout SalesWalk) async throws -> SalesPage? {
        do {
            return SalesPage(try await api.sales(from: walk.start), parser: parser)
        } catch let error as RetailAPIError where error.isUnreadable {
            guard let way = try await repaired?.way(from: walk.start) else { throw error }
            logger.warning(
                "unreadable page passed",
                [("start", LogValue(describing: walk.start)), ("repaired_to", LogValue(way.lastID))])
            walk.skip(to: way.lastID, askingFrom: way.next)
            return nil
        }
    }

    /// Tells what was wrong with an answer and waits before the same is asked again.
    private func askAgain(_ fault: String, _ start: SalesStart, _ tries: inout Int) async throws {
        tries += 1
        logger.warning(fault, [("start", LogValue(describing: start)), ("try", LogValue(tries))])
        try await clock.sleep(api.configuration.backoff.milliseconds(afterTry: tries, random: clock.random()))
    }

    /// A page with more rows than there are in all. Nothing is concluded from totals but that they are wrong.
    private mutating func checkTotal(of page: SalesPage) {
        guard let total = page.page.declaredTotal, total < page.rows.count else { return }
        report.wrongTotals += 1
        guard !hasToldTotal else { return }
        hasToldTotal = true
        logger.warning(
            "declared total is wrong", [("total", LogValue(total)), ("rows_in_page", LogValue(page.rows.count))])
    }

    /// The rows without those that come again as they are.
    private mutating func withoutCopies(_ page: SalesPage, _ rows: [Int]) -> [Int] {
        let ids = Set(rows.compactMap { page.rows[$0].id })
        guard ids.count < rows.count else { return rows }
        var contents: Set<[Int64]> = []
        let kept = rows.filter { index in
            let row = page.rows[index]
            return row.id.map { contents.insert([$0, row.contentHash]).inserted } ?? true
        }
        if kept.count < rows.count {
            report.duplicateRows += rows.count - kept.count
            logger.warning("rows twice in a page", [("rows", LogValue(rows.count - kept.count))])
        }
        return kept
    }
}
