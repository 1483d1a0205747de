internal import CCurl
internal import Dispatch
internal import Synchronization

/// Runs the transfers of one client on a private serial queue: one libcurl multi handle, with its open connections.
///
/// The queue has a thread only while transfers are under way; waiting is `curl_multi_poll`, which a new request or a
/// cancel ends at once by `curl_multi_wakeup`. No thread of Swift's pool ever waits here.
///
/// `@unchecked Sendable`: `multi`, `running` and `idle` are touched only by `drain` on the queue, of which at most one
/// runs at a time (`Inbox.isDraining`), and by `deinit`, when none can; `curl_multi_wakeup` alone is called from other
/// threads, which libcurl allows.
final class TransferLoop: @unchecked Sendable {
    private struct Inbox {
        var arrivals: [Transfer] = []
        var isDraining = false
    }

    private static let idleHandlesMax = 4
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let multi: UnsafeMutableRawPointer?
    private let configuration: HTTPClientConfiguration
    private let queue = DispatchQueue(label: "RetailFlow.HTTPClient")
    private let inbox = Mutex(Inbox())
    private var running: [UnsafeMutableRawPointer: (handle: EasyHandle, transfer: Transfer)] = [:]
    private var idle: [EasyHandle] = []

    init(_ configuration: HTTPClientConfiguration) {
        self.configuration = configuration
        multi = Self.isLibraryReady ? curl_multi_init() : nil
        if let multi {
            let connections = max(1, configuration.connectionsPerHostMax)
            _ = retailflow_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections)
        }
    }

    deinit {
        // A running drain keeps the loop alive, so that no transfer is under way here.
        idle.removeAll()
        if let multi { _ = curl_multi_cleanup(multi) }
    }

    /// Takes a transfer to run; it is told its end by itself.
    func submit(_ transfer: Transfer) {
        let mustStart = inbox.withLock { inbox in
            inbox.arrivals.append(transfer)
            defer { inbox.isDraining = true }
            return !inbox.isDraining
        }
        if mustStart {
            queue.async { self.drain() }
        } else {
            wake()
        }
    }

    /// Ends the wait of the queue, so that it looks at new and cancelled transfers.
    func wake() {
        if let multi { _ = curl_multi_wakeup(multi) }
    }

    private func drain() {
        while let arrivals = takeArrivals() {
            for transfer in arrivals { start(transfer) }
            stopCancelled()
            guard let multi, !running.isEmpty else { continue }
            var stillRunning: Int32 = 0
            let performed = curl_multi_perform(multi, &stillRunning)
            collectFinished(multi)
            if performed != CURLM_OK {
                failAll(performed)
            } else if !running.isEmpty {
                // libcurl shortens the wait by its own timers.
                let polled = curl_multi_poll(multi, nil, 0, 10_000, nil)
                if polled != CURLM_OK { failAll(polled) }
            }
        }
    }

    /// Nil when there is nothing left to do: the next `submit` starts a new drain.
    private func takeArrivals() -> [Transfer]? {
        let isIdle = running.isEmpty
        return inbox.withLock { inbox in
            if isIdle && inbox.arrivals.isEmpty {
                inbox.isDraining = false
                return nil
            }
            defer { inbox.arrivals = [] }
            return inbox.arrivals
        }
    }

    private func start(_ transfer: Transfer) {
        guard let multi, let handle = idle.popLast() ?? EasyHandle() else {
            return transfer.fail(.other, "libcurl cannot be started; there may be no memory left")
        }
        guard handle.prepare(for: transfer, configuration) else {
            handle.reset()
            return transfer.fail(.other, "libcurl refuses an option of the request")
        }
        let added = curl_multi_add_handle(multi, handle.pointer)
        guard added == CURLM_OK else {
            handle.reset()
            return transfer.fail(.other, Self.text(added))
        }
        running[handle.pointer] = (handle, transfer)
    }

    private func stopCancelled() {
        for (handle, transfer) in running.values where transfer.isCancelled {
            retire(handle)
            transfer.fail(.cancelled, "the request was cancelled")
        }
    }

    private func collectFinished(_ multi: UnsafeMutableRawPointer) {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle,
                let (handle, transfer) = running[pointer]
            else { continue }
            let result = retailflow_curl_message_result(message)
            let status = handle.status
            let redirectURL = handle.redirectURL
            let reason = handle.reason(of: result)
            retire(handle)
            if result == CURLE_OK {
                transfer.succeed(status: status, redirectURL: redirectURL)
            } else if transfer.isTooLarge || result == CURLE_FILESIZE_EXCEEDED {
                transfer.fail(.tooLarge, "the answer is larger than \(configuration.bodyBytesMax) bytes")
            } else {
                transfer.fail(HTTPClientError.Code(result), reason)
            }
        }
    }

    private func failAll(_ result: CURLMcode) {
        for (handle, transfer) in running.values {
            retire(handle)
            transfer.fail(.other, Self.text(result))
        }
    }

    private func retire(_ handle: EasyHandle) {
        running[handle.pointer] = nil
        if let multi { _ = curl_multi_remove_handle(multi, handle.pointer) }
        handle.reset()
        if idle.count < Self.idleHandlesMax { idle.append(handle) }
    }

    private static func text(_ result: CURLMcode) -> String {
        guard let text = curl_multi_strerror(result) else { return "libcurl multi error \(result.rawValue)" }
        return String(cString: text)
    }
}
