import Configuration
import Testing

@Suite("Kafka properties")
struct KafkaPropertyTests {
    @Test("Any librdkafka property can be given, in each of the three ways")
    func ways() throws {
        let properties = try settings(
            yaml: """
                kafka:
                  properties:
                    security.protocol: SSL
                    socket.keepalive.enable: true
                    client.rack: "a"
                """,
            environment: ["RETAILFLOW_KAFKA_PROPERTIES_CLIENT_RACK": "b", "RETAILFLOW_KAFKA_PROPERTIES_X__Y_Z": "1"],
            set: ["kafka.properties.security.protocol=SASL_SSL", "kafka.properties.client.dns.lookup=a=b"]
        ).kafka.properties.values
        #expect(
            properties == [
                "security.protocol": "SASL_SSL", "socket.keepalive.enable": "true", "client.rack": "b", "x_y.z": "1",
                "client.dns.lookup": "a=b",
            ])
    }

    @Test(
        "What has its own key, and what the promises rest on, is refused with the reason",
        arguments: [
            ("bootstrap.servers", "kafka.bootstrap_servers"), ("group.id", "kafka.group"),
            ("group.instance.id", "ingest.instance_id"), ("enable.auto.commit", "no sale is lost"),
            ("auto.offset.reset", "no sale is lost"), ("isolation.level", "no sale is lost"),
            ("transactional.id", "no sale is lost"),
        ])
    func reserved(property: String, reason: String) throws {
        let error = try refusal(set: ["kafka.properties.\(property)=x"])
        #expect(error.code == .conflict)
        #expect(error.advice.contains(reason))
    }

    @Test(
        "What is no name of a property is refused",
        arguments: [
            "kafka:\n  properties:\n    security:\n      protocol: SSL\n", "kafka:\n  properties: SSL\n",
            "kafka:\n  properties:\n    Security.Protocol: SSL\n", "kafka:\n  properties:\n    \"\": SSL\n",
        ])
    func malformed(yaml: String) throws {
        let error = try refusal(yaml: yaml)
        #expect([.wrongType, .unknownKey].contains(error.code))
        #expect(error.origin.map { "\($0)".hasPrefix("c.yaml:") } == true)
    }
}
