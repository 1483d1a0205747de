import CRdKafka
import Synchronization

/// What callbacks of one client find behind their opaque pointer.
final class ClientContext: Sendable {
    private let logHandler: (@Sendable (LogLine) -> Void)?
    private let errorHandler: (@Sendable (KafkaError) -> Void)?
    private let error = Mutex<KafkaError?>(nil)
    /// The consumer that is polling or closing now.
    // Right: only the consumer's one owner thread sets it, and only around calls that run the rebalance callback,
    // which happens on that same thread.
    nonisolated(unsafe) var activeConsumer: Unmanaged<Consumer>?

    init(_ configuration: KafkaConfiguration) {
        logHandler = configuration.logHandler
        errorHandler = configuration.errorHandler
    }

    var lastError: KafkaError? { error.withLock { $0 } }

    func record(_ newError: KafkaError) {
        error.withLock { $0 = newError }
        errorHandler?(newError)
    }

    func log(level: Int32, facility: UnsafePointer<CChar>?, message: UnsafePointer<CChar>?) {
        guard let logHandler else { return }
        logHandler(
            LogLine(
                level: LogLine.Level(rawValue: level) ?? .debug,
                facility: facility.map { String(cString: $0) } ?? "",
                message: message.map { String(cString: $0) } ?? ""))
    }

    static func of(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// `log_cb`: from any thread of librdkafka, also while the client is made and destroyed.
nonisolated let logCallback:
    @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Void = {
        client, level, facility, message in
        guard let client else { return }
        ClientContext.of(rd_kafka_opaque(client))?.log(level: level, facility: facility, message: message)
    }

/// `error_cb`: on the thread that serves the client.
nonisolated let errorCallback:
    @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void = {
        client, code, reason, opaque in
        guard let client else { return }
        ClientContext.of(opaque)?.record(
            KafkaError(
                rd_kafka_resp_err_t(code), of: client, operation: "talk to the brokers",
                reason: reason.map { String(cString: $0) }))
    }
