import Configuration
import Testing

@Suite("Secrets")
struct SecretTests {
    private let word = "hunter2-swordfish"

    @Test("A secret shows in no description, no dump, no interpolation")
    func redaction() throws {
        var settings = try settings(
            environment: [
                "RETAILFLOW_API_KEY": word,
                "RETAILFLOW_WAREHOUSE_URL": "postgresql://shop:\(word)@db.example/mart",
                "RETAILFLOW_KAFKA_PROPERTIES_SASL_PASSWORD": word,
                "RETAILFLOW_KAFKA_PROPERTIES_SASL_USERNAME": "shop",
            ])
        settings.api.keyFile = "/run/key"
        var dumped = ""
        dump(settings, to: &dumped)
        let texts = [
            dumped, "\(settings)", String(reflecting: settings), "\(Secret(word))", String(reflecting: Secret(word)),
            "\(settings.warehouse.url)", "\(settings.kafka.properties)", String(describing: Optional(Secret(word))),
        ]
        for text in texts { #expect(!text.contains(word)) }
        #expect(settings.kafka.properties.description == "sasl.password=<redacted> sasl.username=shop")
        #expect(try settings.api.requireKey().revealed == word)
        #expect(settings.kafka.properties.values["sasl.password"] == word)
    }

    @Test("The key is read from its file without surrounding blanks; the variable goes before the file")
    func keyFile() throws {
        let folder = try Folder()
        let file = try folder.write("  \(word)\r\n\n", to: "key")
        #expect(try settings(set: ["api.key_file=\(file)"]).api.requireKey().revealed == word)
        let both = try settings(environment: ["RETAILFLOW_API_KEY": "other\n", "RETAILFLOW_API_KEY_FILE": file])
        #expect(try both.api.requireKey().revealed == "other")
    }

    @Test("A key file that is missing, empty or of several lines is refused by name, without its content")
    func badKeyFiles() throws {
        let folder = try Folder()
        let files = [
            "/nowhere/key", try folder.write(" \n", to: "empty"), try folder.write("\(word)\nX-Evil: 1", to: "lines"),
            try folder.write("\(word)é", to: "letters"),
        ]
        for file in files {
            let api = try settings(set: ["api.key_file=\(file)"]).api
            let error = try #require(throws: ConfigurationError.self) { try api.requireKey() }
            #expect(error.description.contains(file))
            #expect(!error.description.contains(word))
        }
        let error = try #require(throws: ConfigurationError.self) { try Settings().api.requireKey() }
        #expect(error.advice.contains("api.key_file") && error.advice.contains("RETAILFLOW_API_KEY"))
    }

    @Test("The key itself is refused in a file and in --set, with the reason")
    func keyInTheOpen() throws {
        for error in [
            try refusal(yaml: "api:\n  key: \(word)\n"), try refusal(set: ["api.key=\(word)"]),
        ] {
            #expect(error.code == .exposedSecret)
            #expect(error.description.contains("where others can read it"))
            #expect(!error.description.contains(word))
        }
    }

    @Test(
        "Passwords in --set are refused, in the file and the environment not",
        arguments: ["sasl.password", "ssl.key.password", "sasl.oauthbearer.client.secret", "ssl.key.pem"])
    func passwords(property: String) throws {
        let error = try refusal(set: ["kafka.properties.\(property)=\(word)"])
        #expect(error.code == .exposedSecret)
        #expect(!error.description.contains(word))
        let yaml = "kafka:\n  properties:\n    \(property): \(word)\n"
        #expect(try settings(yaml: yaml).kafka.properties.values[property] == word)
    }

    @Test("A database password in --set is refused, a URL without one is not")
    func databasePassword() throws {
        for url in ["postgresql://u:\(word)@h/d", "postgres://h/d?user=u&password=\(word)"] {
            let error = try refusal(set: ["warehouse.url=\(url)"])
            #expect(error.code == .exposedSecret)
            #expect(!error.description.contains(word))
        }
        #expect(try settings(set: ["warehouse.url=postgresql://u@h/d"]).warehouse.url.description == "postgresql://h/d")
    }

    @Test("A warehouse URL that is wrong is not shown")
    func wrongURL() throws {
        let error = try refusal(environment: ["RETAILFLOW_WAREHOUSE_URL": "mysql://u:\(word)@h/d"])
        #expect(!error.description.contains(word))
    }

    @Test(
        "A warehouse URL tells host and database, nothing of users and passwords",
        arguments: [
            ("postgresql://u:hunter2@h.example:5433/d?sslmode=require", "postgresql://h.example:5433/d"),
            ("postgresql://u:hunter2@hunter2@h/d", "postgresql://…"),
            ("postgresql://h/d?password=hunter2", "postgresql://h/d"),
            ("sqlite:/var/lib/mart", "sqlite:/var/lib/mart"),
            ("sqlite:///var/lib/mart", "sqlite:/var/lib/mart"),
        ])
    func urls(text: String, shown: String) throws {
        #expect(try #require(WarehouseURL(text)).description == shown)
    }
}
