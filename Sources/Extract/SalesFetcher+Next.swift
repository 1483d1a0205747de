internal import RetailAPI
internal import Telemetry

// One question to the API after another, until an answer leads on.
extension SalesFetcher {
    /// The next page with something new, and which of its rows that is; nil at the end.
    ///
    /// - Parameter confirmsEnd: a page with nothing new is believed only when the next one says so too.
    mutating func next(_ walk: inout SalesWalk, confirmsEnd: Bool) async throws -> (SalesPage, [Int])? {
        var repeats = 0
        while true {
            try Task.checkCancellation()
            let page = SalesPage(try await api.sales(from: walk.start), parser: parser)
            lastPage = page
            switch walk.take(page) {
            case .new(let rows):
                return (page, rows)
            case .confirm:
                if !confirmsEnd { return nil }
            case .end:
                return nil
            case .repeated:
                repeats += 1
                report.repeatedPages += 1
                logger.warning(
                    "page repeated", [("start", LogValue(describing: walk.start)), ("try", LogValue(repeats))])
                guard repeats <= configuration.retries else {
                    throw ExtractError(
                        code: .repeatedPage,
                        reason: "the API keeps serving sales below the start that was asked, \(walk.start)",
                        remedy: "tell the API's owner; extraction goes on from its cursor when it is started again")
                }
                try await clock.sleep(configuration.backoffMilliseconds << (repeats - 1))
            case .stuck:
                throw ExtractError(
                    code: .stuck,
                    reason:
                        "a whole page from \(walk.start) on has no sale beyond it, so that it is not known where to go on",
                    remedy:
                        "raise api.page_size, or tell the API's owner of rows without a usable id; extraction goes on from its cursor when it is started again"
                )
            }
        }
    }
}
