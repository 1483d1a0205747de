internal import HTTPClient

extension RetailAPIClient {
    /// How one attempt ended without a page.
    private struct Failure {
        var kind: RetryPolicy.Failure
        var code: RetailAPIError.Code
        var status: Int?
        var reason: String
    }

    private enum Attempt {
        case page(APIPage)
        case failed(Failure)
        /// An answer came, and was no page.
        case unreadable(Failure, body: [UInt8], answeredAtMicroseconds: Int64)
    }

    /// What a request brings in the end.
    enum Outcome {
        case page(APIPage)
        case unreadable(UnreadablePage)
    }

    /// Asks until there is a page or the policy gives up; what came and can't be read is kept in the archive.
    func fetch(_ request: PageRequest) async throws -> APIPage {
        switch try await ask(request, brokenRetries: configuration.retries) {
        case .page(let page): return page
        case .unreadable(let answer): throw try await kept(answer)
        }
    }

    /// Asks until there is a page, which is in the archive then, or the policy gives up; a broken array is tried again
    /// `brokenRetries` times.
    func ask(_ request: PageRequest, brokenRetries: Int) async throws -> Outcome {
        var policy = RetryPolicy(configuration, retriesMax: configuration.retries)
        var brokenPages = 0
        var attempts = 0
        while true {
            try Task.checkCancellation()
            attempts += 1
            let failure: Failure
            var answer: (body: [UInt8], at: Int64)?
            switch try await attempt(request) {
            case .page(let page):
                try await keep(page, of: request)
                return .page(page)
            case .failed(let found): failure = found
            case .unreadable(let found, let body, let at): (failure, answer) = (found, (body, at))
            }
            // Servers like to repeat what they refuse, in a header or in the address of a redirect as well.
            let reason = configuration.key.removed(from: failure.reason)
            var action = policy.next(after: failure.kind, random: clock.random())
            if failure.code == .pageBroken {
                brokenPages += 1
                if brokenPages > brokenRetries { action = .giveUp }
            }
            guard case .retry(let waitMilliseconds) = action else {
                let error = RetailAPIError(
                    code: failure.code, endpoint: request.endpoint, request: request.text, status: failure.status,
                    attempts: attempts, reason: reason)
                guard let answer else { throw error }
                return .unreadable(
                    UnreadablePage(
                        request: request, body: answer.body, answeredAtMicroseconds: answer.at, error: error))
            }
            onRetry(
                RetryNotice(
                    endpoint: request.endpoint, request: request.text, code: failure.code, reason: reason,
                    attempts: attempts, waitMilliseconds: waitMilliseconds))
            try await clock.sleep(waitMilliseconds)
        }
    }

    private func attempt(_ request: PageRequest) async throws -> Attempt {
        let response: HTTPResponse
        do {
            let headers = [(configuration.keyHeader, configuration.key.secret), ("Accept", "application/json")]
            response = try await transport.get(request.url(base: configuration.baseURL), headers)
        } catch {
            let failure = try failure(of: error)
            guard failure.code == .tooLarge else { return .failed(failure) }
            return .unreadable(failure, body: [], answeredAtMicroseconds: clock.nowMicroseconds())
        }
        guard (200..<300).contains(response.status) else { return .failed(failure(of: response)) }
        // The moment the answer was complete: before anything is done with it.
        let answeredAt = clock.nowMicroseconds()
        do {
            let page = try APIPage(
                endpoint: request.endpoint, body: response.body, requestedLimit: request.limit,
                answeredAtMicroseconds: answeredAt,
                fileName: PageFileName.make(
                    endpoint: request.endpoint, atMicroseconds: answeredAt, random: clock.random))
            guard let failure = rowTooLarge(page, response) else { return .page(page) }
            return .unreadable(failure, body: response.body, answeredAtMicroseconds: answeredAt)
        } catch {
            return .unreadable(
                failure(of: error, in: response), body: response.body, answeredAtMicroseconds: answeredAt)
        }
    }

    /// A sale that no record can hold is as good as unreadable.
    private func rowTooLarge(_ page: APIPage, _ response: HTTPResponse) -> Failure? {
        guard page.endpoint == .sales, let row = page.rows.first(where: { $0.count > configuration.saleBytesMax })
        else { return nil }
        return Failure(
            kind: .lasting, code: .rowTooLarge, status: response.status,
            reason: "the row at byte \(row.lowerBound) of \(response.body.count) has \(row.count) bytes; "
                + "a record of the topic may have \(configuration.saleBytesMax)")
    }

    private func failure(of error: HTTPClientError) throws -> Failure {
        if error.code == .cancelled { throw CancellationError() }
        let code: RetailAPIError.Code
        switch error.code {
        case .invalidURL, .invalidHeader: code = .configuration
        case .redirectRefused: code = .requestRefused
        case .tooLarge: code = .tooLarge
        default: code = .unreachable
        }
        // An untrusted certificate stays untrusted; a name unknown for a moment may be known in the next.
        let isPassing = error.isRetriable || error.code == .other
        return Failure(kind: isPassing ? .passing : .lasting, code: code, reason: error.description)
    }

    private func failure(of response: HTTPResponse) -> Failure {
        let status = response.status
        let wait = response.headers["Retry-After"].flatMap {
            RetryAfter.milliseconds(
                $0, serverDate: response.headers["Date"], nowMicroseconds: clock.nowMicroseconds())
        }
        let code: RetailAPIError.Code
        switch status {
        case 401, 403: code = .keyRefused
        case 429: code = .throttled
        case 503 where wait != nil: code = .throttled
        case 408, 500...: code = .serverFailed
        default: code = .requestRefused
        }
        return Failure(
            kind: .status(status, retryAfterMilliseconds: wait), code: code, status: status,
            reason: "the server answers \(status)\(excerpt(of: response))")
    }

    private func failure(of fault: PageFault, in response: HTTPResponse) -> Failure {
        let kind = RetryPolicy.Failure.body
        switch fault.kind {
        case .notJSON:
            return Failure(
                kind: kind, code: .notAPage, status: response.status,
                reason: "the answer is not JSON\(excerpt(of: response))")
        // What is JSON may hold rows: it is not quoted.
        case .noArray:
            return Failure(
                kind: kind, code: .notAPage, status: response.status, reason: "the answer is \(fault.reason)")
        case .broken:
            return Failure(
                kind: kind, code: .pageBroken, status: response.status,
                reason: "the page is broken: \(fault) of \(response.body.count)")
        }
    }

    /// What kind of body it is and how it begins, for a person to recognise it.
    private func excerpt(of response: HTTPResponse) -> String {
        let type = response.headers["Content-Type"].map { " of type \(BodyExcerpt.cleaned($0))" } ?? ""
        // The key is taken out before the text is cut, so that no part of it is left at the end.
        let start = BodyExcerpt.cleaned(configuration.key.removed(from: BodyExcerpt.text(of: response.body)))
        if start.isEmpty { return " with an empty body\(type)" }
        return " with a body\(type) that begins: \(start)"
    }
}
