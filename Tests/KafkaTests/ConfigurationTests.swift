import Dispatch
import Kafka
import KafkaTestKit
import Testing

@WrapperActor
@Suite struct ConfigurationTests {
    private func error(_ properties: [String: String]) -> KafkaError? {
        #expect(throws: KafkaError.self) {
            _ = try Producer(
                ProducerConfiguration(
                    KafkaConfiguration(bootstrapServers: "127.0.0.1:1", properties: properties),
                    transactionalID: "configuration"))
        }
    }

    @Test("A property that librdkafka does not know is an error that names it")
    func unknownProperty() {
        let error = error(["linger.mss": "5"])
        #expect(error?.code == .unknownProperty)
        #expect(error?.property == "linger.mss")
        #expect(error?.description.contains("linger.mss") == true)
    }

    @Test("A property with a wrong value is an error that names both")
    func wrongValue() {
        let error = error(["linger.ms": "soon"])
        #expect(error?.code == .invalidPropertyValue)
        #expect(error?.property == "linger.ms")
        #expect(error?.description.contains("soon") == true)
    }

    @Test("The wrong value of a secret property is not shown")
    func secret() {
        let error = error(["enable.ssl.certificate.verification": "perhaps", "ssl.key.pem": "hunter2"])
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "A property that the promises depend on is refused with the reason",
        arguments: [
            "enable.auto.commit", "auto.offset.reset", "isolation.level", "acks", "enable.idempotence", "group.id",
        ])
    func reserved(_ name: String) throws {
        let error = error([name: "true"])
        #expect(error?.code == .reservedProperty)
        #expect(error?.property == name)
        let reason = try #require(KafkaConfiguration.reservedProperties[name])
        #expect(error?.description.contains(reason) == true)
    }

    @Test("Properties that contradict each other are an error that names one")
    func contradiction() {
        let error = error(["delivery.timeout.ms": "60000", "transaction.timeout.ms": "1000"])
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("message.timeout.ms") == true)
    }

    @Test("A coordinator that is away is looked for every second")
    func reconnects() throws {
        let attempts = DispatchSemaphore(value: 0)
        let broker = try EmbeddedCluster()
        var cluster = broker.configuration
        cluster.properties["debug"] = "broker"
        cluster.logHandler = { line in
            if line.message.contains("TxnCoordinator: Broker changed state TRY_CONNECT -> CONNECT") {
                attempts.signal()
            }
        }
        let producer = try Producer(ProducerConfiguration(cluster, transactionalID: "reconnects"))
        try producer.initTransactions(timeoutMilliseconds: timeout)
        attempts.wait()
        try broker.setBroker(1, isUp: false)
        let started = ContinuousClock.now
        for _ in 0..<9 { attempts.wait() }
        // Measured: 9 s, and 56 s with librdkafka's own limit.
        #expect(ContinuousClock.now - started < .seconds(25))
    }

    @Test("A property goes before the default, also under its other name")
    func otherName() throws {
        // The default is lz4; a codec that is given as `compression.codec` must not be overridden by it. Seen by an
        // impossible one that fails only if it is really used.
        let error = error(["compression.codec": "nonsense"])
        #expect(error?.property == "compression.codec")
        _ = try Producer(
            ProducerConfiguration(
                KafkaConfiguration(
                    bootstrapServers: "127.0.0.1:1",
                    properties: ["queue.buffering.max.ms": "1", "compression.codec": "none"])))
    }

    @Test("A probe of a port where nobody listens says unreachable and names the servers")
    func unreachable() throws {
        let port = try #require(try FreePorts.take(1).first)
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(port)")
        let error = #expect(throws: KafkaError.self) { try configuration.probe(timeoutMilliseconds: 300) }
        #expect(error?.code == .unreachable)
        #expect(error?.disposition == .retriable)
        #expect(error?.description.contains("127.0.0.1:\(port)") == true)
    }

    @Test("A probe tells the brokers of a cluster")
    func probe() throws {
        let cluster = try EmbeddedCluster(brokers: 2)
        let probe = try cluster.configuration.probe(timeoutMilliseconds: 10_000)
        #expect(probe.brokers.sorted() == cluster.bootstrapServers.split(separator: ",").map(String.init).sorted())
        #expect(EmbeddedCluster.limits.contains("5 MiB"))
        #expect(KafkaLibrary.version.hasPrefix("2."))
    }

    @Test("Log lines go to the handler")
    func logHandler() throws {
        let lines = Lines()
        var configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:1", properties: ["debug": "generic"])
        configuration.logHandler = { lines.add($0) }
        _ = try Producer(ProducerConfiguration(configuration))
        #expect(lines.all.contains { $0.level == .debug })
    }
}
