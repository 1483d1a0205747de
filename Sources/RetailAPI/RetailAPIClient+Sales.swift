extension RetailAPIClient {
    /// Sales in ascending id from a start on; `limit` is the page size of the configuration unless given.
    ///
    /// If the array of the answer is broken, also in further tries, or the answer is too large, fewer sales are asked
    /// for (half as many each time) until the rows before the bad place come alone: that smaller page is returned
    /// (`requestedLimit` tells its limit). It always holds something beyond the start, so that it cannot be taken for
    /// the end. When the very next sale cannot be had, `pageBroken` (or `tooLarge`) names the start. Throws
    /// `RetailAPIError` or `CancellationError`.
    package func sales(from start: SalesStart, limit: Int? = nil) async throws -> APIPage {
        let asked = max(1, limit ?? configuration.pageSize)
        do {
            return try await fetch(request(start, asked), brokenRetries: configuration.retries)
        } catch let error as RetailAPIError where Self.dependsOnLimit(error) {
            return try await isolate(from: start, brokenLimit: asked, error)
        }
    }

    private func request(_ start: SalesStart, _ limit: Int) -> PageRequest {
        PageRequest(endpoint: .sales, parameter: "start_sales_id", value: start.description, limit: limit)
    }

    /// Looks for a limit below `brokenLimit` whose page is whole and leads on.
    ///
    /// An API that serves the start itself answers limit 1 with the sale we have: whole, but no step ahead. So there
    /// are two bounds: limits that are broken, and limits that lead nowhere.
    private func isolate(from start: SalesStart, brokenLimit: Int, _ first: RetailAPIError) async throws -> APIPage {
        var broken = brokenLimit
        var fruitless = 0
        var attempts = first.attempts
        while fruitless + 1 < broken {
            let limit = fruitless == 0 ? max(1, broken / 2) : fruitless + 1
            do {
                let page = try await fetch(request(start, limit), brokenRetries: 0)
                attempts += 1
                if Self.leadsOn(page, from: start) { return page }
                fruitless = limit
            } catch let error as RetailAPIError where Self.dependsOnLimit(error) {
                attempts += error.attempts
                broken = limit
            }
        }
        throw RetailAPIError(
            code: first.code, endpoint: .sales, request: "start_sales_id=\(start), limit \(broken)",
            status: first.status, attempts: attempts,
            reason:
                "the first sale after this start cannot be had with any limit from \(brokenLimit) down: \(first.reason)"
        )
    }

    private static func dependsOnLimit(_ error: RetailAPIError) -> Bool {
        error.code == .pageBroken || error.code == .tooLarge
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
}
