extension RetailAPIClient {
    /// Sales in ascending id from a start on; `limit` is the page size of the configuration unless given.
    ///
    /// If the array of the answer is broken, also in further tries, or the answer or a row of it is too large, fewer
    /// sales are asked for (half as many each time) until the rows before the bad place come alone: that smaller page
    /// is returned (`requestedLimit` tells its limit). It always holds something beyond the start, so that it cannot
    /// be taken for the end. When the very next sale cannot be had, `pageBroken` (or `tooLarge`, `rowTooLarge`) names
    /// the start, and what was served is kept in the archive. Throws `RetailAPIError` or `CancellationError`.
    package func sales(from start: SalesStart, limit: Int? = nil) async throws -> APIPage {
        let asked = max(1, limit ?? configuration.pageSize)
        switch try await ask(request(start, asked), brokenRetries: configuration.retries) {
        case .page(let page): return page
        case .unreadable(let answer) where answer.dependsOnLimit:
            return try await isolate(from: start, answer)
        case .unreadable(let answer): throw try await kept(answer)
        }
    }

    private func request(_ start: SalesStart, _ limit: Int) -> PageRequest {
        PageRequest(endpoint: .sales, parameter: "start_sales_id", value: start.description, limit: limit)
    }

    /// Looks for a limit below that of a broken answer whose page is whole and leads on.
    ///
    /// An API that serves the start itself answers limit 1 with the sale we have: whole, but no step ahead. So there
    /// are two bounds: limits that are broken, and limits that lead nowhere.
    private func isolate(from start: SalesStart, _ first: UnreadablePage) async throws -> APIPage {
        var broken = first
        var fruitless = 0
        var servesStart = false
        var attempts = first.error.attempts
        while fruitless + 1 < broken.request.limit {
            let limit = fruitless == 0 ? max(1, broken.request.limit / 2) : fruitless + 1
            switch try await ask(request(start, limit), brokenRetries: 0) {
            case .page(let page):
                attempts += 1
                if Self.leadsOn(page, from: start) { return page }
                servesStart = servesStart || Self.holds(page, start)
                fruitless = limit
            case .unreadable(let answer) where answer.dependsOnLimit:
                attempts += answer.error.attempts
                broken = answer
            case .unreadable(let answer): throw try await kept(answer)
            }
        }
        broken.servesStart = servesStart
        broken.error = RetailAPIError(
            code: broken.error.code, endpoint: .sales, request: broken.request.text, status: broken.error.status,
            attempts: attempts,
            reason: "the first sale after this start cannot be had with any limit from \(first.request.limit) down: "
                + broken.error.reason)
        throw try await kept(broken)
    }

    /// Whether a page holds a row that the start does not already stand for. A row without a readable id does.
    private static func leadsOn(_ page: APIPage, from start: SalesStart) -> Bool {
        guard case .id(let startID) = start else { return !page.rows.isEmpty }
        return page.body.withUnsafeBytes { bytes in
            page.rows.contains { range in
                guard let id = RowScanner.id(of: bytes[range]) else { return true }
                return id > startID
            }
        }
    }

    /// Whether a page holds the sale that is its start.
    private static func holds(_ page: APIPage, _ start: SalesStart) -> Bool {
        page.body.withUnsafeBytes { bytes in
            page.rows.contains { range in RowScanner.id(of: bytes[range]).map { .id($0) == start } ?? false }
        }
    }
}
