import CRdKafka
import Dispatch

/// Owns an `rd_kafka_t` and what its callbacks point at. Whatever needs the client to live keeps this alive.
final class ClientHandle: Sendable {
    // Right: every function of librdkafka that is used on it may be called from any thread.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// Callbacks hold it unretained: it lives until the client is destroyed in `deinit`, before it is released.
    let context: ClientContext

    /// Makes a client of `kind`: everybody's defaults and `defaults`, then the configurations' properties, then `fixed`.
    init(
        _ kind: rd_kafka_type_t, _ configuration: KafkaConfiguration, defaults: [String: String] = [:],
        properties: [String: String] = [:], fixed: [String: String] = [:],
        prepare: (OpaquePointer) -> Void = { _ in }
    ) throws(KafkaError) {
        let native = NativeConfiguration()
        var fixed = fixed
        fixed["bootstrap.servers"] = configuration.bootstrapServers
        fixed["client.id"] = configuration.clientID
        try native.set(
            defaults: KafkaConfiguration.defaults.merging(defaults) { _, ofKind in ofKind },
            user: [configuration.properties, properties], fixed: fixed)
        let context = ClientContext(configuration)
        rd_kafka_conf_set_opaque(native.pointer, Unmanaged.passUnretained(context).toOpaque())
        rd_kafka_conf_set_log_cb(native.pointer, logCallback)
        rd_kafka_conf_set_error_cb(native.pointer, errorCallback)
        prepare(native.pointer)
        let client = try native.makeClient(kind)
        self.context = context
        self.pointer = client
    }

    /// How long the end of a client is waited for.
    private static let destroySeconds = 3.0

    deinit {
        // A client that had partitions of a topic that was deleted may wait in there for ever, for a reference to itself
        // (librdkafka 2.0.2): its threads are left behind then.
        // Right: nobody else has the pointer any more, and any thread may destroy the client.
        nonisolated(unsafe) let pointer = pointer
        let context = context
        let isDestroyed = DispatchSemaphore(value: 0)
        DispatchQueue(label: "kafka.destroy").async {
            rd_kafka_destroy(pointer)
            withExtendedLifetime(context) {}
            isDestroyed.signal()
        }
        _ = isDestroyed.wait(timeout: .now() + Self.destroySeconds)
    }
}
