extension RetailAPIClient {
    /// Keeps a page, if pages are kept.
    func keep(_ page: APIPage, of request: PageRequest) async throws {
        do throws(PageFileError) {
            try await archive?.keep(page)
        } catch {
            throw failure(of: error, request)
        }
    }

    /// The error of an unreadable answer, which is kept if pages are kept.
    func kept(_ answer: UnreadablePage) async throws -> RetailAPIError {
        var error = answer.error
        do throws(PageFileError) {
            error.keptAs = try await archive?.keep(answer)
        } catch {
            throw failure(of: error, answer.request)
        }
        return error
    }

    private func failure(of error: PageFileError, _ request: PageRequest) -> RetailAPIError {
        RetailAPIError(
            code: error.code == .cannotCreate ? .archiveNotCreated : .archiveNotWritten, endpoint: request.endpoint,
            request: request.text, reason: "the page is not kept: \(error)")
    }
}
