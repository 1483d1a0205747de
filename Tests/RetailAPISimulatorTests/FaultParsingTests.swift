import RetailAPISimulator
import Testing

@Suite("Faults as they are written")
struct FaultParsingTests {
    @Test("A fault is read from its text")
    func reading() throws {
        let cases: [(String, Fault)] = [
            ("401", Fault(.status(401, retryAfterSeconds: nil))),
            ("429=7@every:10", Fault(.status(429, retryAfterSeconds: 7), .every(10))),
            ("500@first:2", Fault(.status(500, retryAfterSeconds: nil), .first(2))),
            ("sales/cut@5%", Fault(.cut, .probability(0.05), on: .sales)),
            ("timeout", Fault(.hang)),
            ("row-duplicate-key@every:100", Fault(.badRow(.duplicateKey), .every(100))),
            ("products/row-types", Fault(.badRow(.types), on: .products)),
            ("customers/catalogue-halved@first:1", Fault(.catalogue(.halved), .first(1), on: .customers)),
            ("late@0.5%", Fault(.lateSale, .probability(0.005))),
        ]
        for (text, fault) in cases { #expect(try Fault(parsing: text) == fault, "\(text)") }
    }

    @Test("Every name is read and is the name of what it makes")
    func names() throws {
        #expect(Fault.names.count == 22)
        for name in Fault.names { #expect(try Fault(parsing: name).name == name) }
    }

    @Test(
        "What cannot be understood is refused with what can be written",
        arguments: [
            "", "nothing", "200", "600", "cut=5", "500=", "500=x", "500=-1", "500@", "500@first", "500@first:x",
            "500@every:0", "500@101%", "500@-1%", "orders/500", "/500", "sales/", "sales/catalogue-empty",
            "products/late",
            "row-", "catalogue-nothing",
        ])
    func refusing(text: String) {
        #expect { try Fault(parsing: text) } throws: { error in
            let error = error as? SimulatorError
            return error?.code == .faultUnknown && error?.reason.contains("\"\(text)\"") == true
        }
    }
}
