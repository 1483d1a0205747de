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
    }

    /// Asks until there is a page or the policy gives up; a broken array is tried again `brokenRetries` times.
    func fetch(_ request: PageRequest, brokenRetries: Int) async throws -> APIPage {
        var policy = RetryPolicy(configuration, retriesMax: configuration.retries)
        var brokenPages = 0
        var attempts = 0
        while true {
            try Task.checkCancellation()
            attempts += 1
            let failure: Failure
            switch try await attempt(request) {
            case .page(let page): return page
            case .failed(let found): failure = found
            }
            // Servers like to repeat what they refuse, in a header or in the address of a redirect as well.
            let reason = configuration.key.removed(from: failure.reason)
            var action = policy.next(after: failure.kind, random: clock.random())
            if failure.code == .pageBroken {
                brokenPages += 1
                if brokenPages > brokenRetries { action = .giveUp }
            }
            guard case .retry(let waitMilliseconds) = action else {
                throw RetailAPIError(
                    code: failure.code, endpoint: request.endpoint, request: request.text, status: failure.status,
                    attempts: attempts, reason: reason)
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
            return .failed(try failure(of: error))
        }
        guard (200..<300).contains(response.status) else { return .failed(failure(of: response)) }
        // The moment the answer was complete: before anything is done with it.
        let answeredAt = clock.nowMicroseconds()
        do {
            return .page(
                try APIPage(
                    endpoint: request.endpoint, body: response.body, requestedLimit: request.limit,
                    answeredAtMicroseconds: answeredAt,
                    fileName: PageFileName.make(
                        endpoint: request.endpoint, atMicroseconds: answeredAt, random: clock.random)))
        } catch {
            return .failed(failure(of: error, in: response))
        }
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
