import Foundation
import PostgreSQL
import PostgreSQLTestKit
import Testing

@Suite("A connection to PostgreSQL", .timeLimit(.minutes(2)))
struct ConnectionTests {
    @Test("takes a URL with a password of any characters, escaped")
    func password() async throws {
        try await OwnThread.run {
            let server = try SharedServer.server
            let connection = try Connection(ConnectionParameters(url: server.networkURL()))
            #expect(try connection.query("SELECT current_user")[0].text(at: 0) == "postgres")
            #expect(connection.parameters.description == "postgresql://127.0.0.1:\(server.port)/postgres")
            #expect(connection.serverVersion >= 150_000)
        }
    }

    @Test("with a wrong password, or to a database that is not there, says which it is, and not the password")
    func refused() async throws {
        try await OwnThread.run {
            let server = try SharedServer.server
            let wrong = try #require(throws: PostgreSQLError.self) {
                _ = try Connection(ConnectionParameters(url: server.networkURL(password: "hush/hush@")))
            }
            #expect(wrong.code == .authentication)
            #expect(wrong.sqlState == "28P01")
            #expect(!"\(wrong)".contains("hush"))
            let missing = try #require(throws: PostgreSQLError.self) {
                _ = try Connection(ConnectionParameters(url: server.networkURL(database: "nowhere")))
            }
            #expect(missing.code == .undefinedObject)
            #expect(!"\(missing)".contains("p@ss"))
        }
    }

    @Test("to where nobody listens can't be made")
    func nobody() async throws {
        try await OwnThread.run {
            let error = try #require(throws: PostgreSQLError.self) {
                _ = try Connection(ConnectionParameters(url: "postgresql://u:hush@127.0.0.1:1/shop"))
            }
            #expect(error.code == .cannotConnect)
            #expect(error.place == "postgresql://127.0.0.1:1/shop")
            #expect(!"\(error)".contains("hush"))
        }
    }

    @Test("to a server that takes connections and says nothing is given up in the time the URL allows")
    func silent() async throws {
        let listener = try SilentListener()
        try await OwnThread.run {
            let error = try #require(throws: PostgreSQLError.self) {
                _ = try Connection(
                    ConnectionParameters(url: "postgresql://u@127.0.0.1:\(listener.port)/shop?connect_timeout=1"))
            }
            #expect(error.code == .cannotConnect)
            #expect(error.message.contains("1 s"))
        }
    }

    @Test(
        "whose URL was not escaped, or is none, shows nothing of it",
        arguments: [
            "postgresql://u:hu@sh@host/db", "postgresql://u:hu/sh@host/db", "postgresql://u:hu?sh@host/db",
            "postgresql://u:hu#sh@host/db", "postgresql://u:hush%zz@host/db", "postgresql://host/db?password=hu@sh",
            "postgresql://u:hush@host:po/db", "postgresql://u:hush@[host/db", "postgresql://host/db?hush=1",
            "mysql://u:hush@host/db", "hush",
        ])
    func unreadable(_ url: String) throws {
        let error = try #require(throws: PostgreSQLError.self) { _ = try ConnectionParameters(url: url) }
        #expect(error.code == .invalidURL)
        for part in ["hush", "hu@", "hu/", "hu?", "hu#", "sh@"] { #expect(!"\(error)".contains(part)) }
    }

    @Test("is encrypted and checks who the server is, as its URL asks")
    func tls() async throws {
        try await OwnThread.run {
            let server = try PostgreSQLServer(tls: true)
            func connect(_ parameters: String, host: String = "localhost") throws -> Connection {
                try Connection(ConnectionParameters(url: server.networkURL(host: host, parameters: parameters)))
            }
            let authority = "sslrootcert=\(server.directory)/server.crt"
            #expect(try connect("?sslmode=verify-full&\(authority)").isEncrypted)
            #expect(try !connect("?sslmode=disable").isEncrypted)
            // The certificate is for another name; then, of an authority that nobody knows.
            let name = try #require(throws: PostgreSQLError.self) {
                _ = try connect("?sslmode=verify-full&\(authority)", host: "127.0.0.1")
            }
            #expect(name.code == .cannotConnect)
            #expect(throws: PostgreSQLError.self) { _ = try connect("?sslmode=verify-ca&sslrootcert=/etc/hostname") }
        }
    }

    @Test("shows nothing of what the server notices on standard error, and reads text as UTF-8")
    func quiet() async throws {
        let database = try await TestDatabase()
        try await OwnThread.run {
            let connection = try database.connect()
            try connection.execute("DO $$ BEGIN RAISE NOTICE 'noticed'; END $$")
            #expect(try connection.query("SHOW client_encoding")[0].text(at: 0) == "UTF8")
        }
    }
}
