import Foundation
import RetailAPI
import RetailAPISimulator
import Synchronization
import Testing

@Suite("What the simulator serves", .timeLimit(.minutes(3)))
struct ServingTests {
    static let sales = (1...9).map {
        #"{"id":\#($0 * 10), "datetime":"2024-05-0\#(($0 + 2) / 3)T10:00:0\#($0)", "items":[]}"#
    }
    static let stored = SimulatorData.rows(
        sales: sales.reversed(), products: (1...5).map { #"{"product_sku":"\#($0)","unit_amount":1.50}"# },
        customers: [])

    @Test("An inclusive start serves the sale named, an exclusive one those behind it; a date is always inclusive")
    func starts() async throws {
        let inclusive = try SimulatorKit(SimulatorConfiguration(data: Self.stored))
        #expect(SimulatorKit.ids(try await inclusive.client.sales(from: .id(30), limit: 2)) == [30, 40])
        #expect(SimulatorKit.ids(try await inclusive.client.sales(from: .id(31), limit: 2)) == [40, 50])
        #expect(SimulatorKit.ids(try await inclusive.client.sales(from: .date("2024-05-02"), limit: 1)) == [40])
        let exclusive = try SimulatorKit(SimulatorConfiguration(data: Self.stored, start: .exclusive))
        #expect(SimulatorKit.ids(try await exclusive.client.sales(from: .id(30), limit: 2)) == [40, 50])
        #expect(SimulatorKit.ids(try await exclusive.client.sales(from: .id(29), limit: 2)) == [30, 40])
        #expect(SimulatorKit.ids(try await exclusive.client.sales(from: .date("2024-05-02"), limit: 1)) == [40])
        #expect(try await exclusive.client.sales(from: .id(90)).rows.isEmpty)
        #expect(try await exclusive.client.sales(from: .id(.max)).rows.isEmpty)
    }

    @Test("Rows are served byte for byte, in ascending id")
    func bytes() async throws {
        let kit = try SimulatorKit(SimulatorConfiguration(data: Self.stored))
        #expect(SimulatorKit.rows(try await kit.client.sales(from: .id(0))) == Self.sales)
    }

    @Test(
        "Every shape can be asked through, whatever the size of the page and whether the start is inclusive",
        arguments: PageShape.allCases, [2, 7, 250])
    func shapes(shape: PageShape, rowsMax: Int) async throws {
        for start in [SimulatorConfiguration.Start.inclusive, .exclusive] {
            let kit = try SimulatorKit(sales: 300) {
                $0.shape = shape
                $0.pageRowsMax = rowsMax
                $0.start = start
            }
            let sales = try await kit.allSales()
            #expect(sales.count == 300)
            let page = try await kit.client.products(page: 2)
            #expect(page.rows.count == rowsMax)
            switch shape {
            case .data(true), .items(true): #expect(page.declaredTotal == 600)
            default: #expect(page.declaredTotal == nil)
            }
        }
    }

    @Test("Each shape has a name of its own, from which it comes back")
    func names() {
        #expect(PageShape.allCases.map(\.rawValue) == ["array", "data", "items", "data+total", "items+total"])
        for shape in PageShape.allCases { #expect(PageShape(rawValue: shape.rawValue) == shape) }
        #expect(PageShape(rawValue: "total") == nil)
    }

    @Test("A catalogue is served in pages from 1, empty behind its end")
    func catalogue() async throws {
        let kit = try SimulatorKit(SimulatorConfiguration(data: Self.stored, pageRowsMax: 2))
        var counts: [Int] = []
        for page in 1...5 { counts.append(try await kit.client.products(page: page).rows.count) }
        #expect(counts == [2, 2, 1, 0, 0])
        #expect(try await kit.client.products(page: Int.max).rows.isEmpty)
        #expect(try await kit.client.customers(page: 1).rows.isEmpty)
        await #expect(throws: RetailAPIError.self) { try await kit.client.products(page: 0) }
    }

    @Test("A limit beyond all measure does no harm")
    func hugeLimit() async throws {
        let kit = try SimulatorKit(sales: 300) { $0.pageRowsMax = .max }
        #expect(try await kit.client.sales(from: .id(0), limit: .max).rows.count == 300)
    }

    @Test("Without the right key there is nothing but 401")
    func key() async throws {
        let configuration = SimulatorConfiguration(data: Self.stored, apiKey: "right", keyHeader: "X-Shop")
        let right = try SimulatorKit(configuration, key: "right")
        #expect(try await right.client.sales(from: .id(0)).rows.count == 9)
        let wrong = try SimulatorKit(configuration, key: "wrong")
        await #expect { try await wrong.client.sales(from: .id(0)) } throws: {
            ($0 as? RetailAPIError)?.code == .keyRefused
        }
    }

    @Test("Sales appear as time goes by")
    func rate() async throws {
        let now = TestTime()
        let kit = try SimulatorKit(sales: 100) {
            $0.salesAtStart = 10
            $0.salesPerSecond = 4
            $0.nowMicroseconds = { now.microseconds }
        }
        #expect(try await kit.client.sales(from: .id(0)).rows.count == 10)
        now.advance(bySeconds: 5)
        #expect(try await kit.client.sales(from: .id(0)).rows.count == 30)
        now.advance(bySeconds: 1e9)
        #expect(try await kit.client.sales(from: .id(0)).rows.count == 100)
        #expect(kit.simulator.salesCount == 100)
    }

    @Test("A sale can be published while it runs, new or in the place of another")
    func publish() async throws {
        let kit = try SimulatorKit(SimulatorConfiguration(data: Self.stored))
        try kit.simulator.publish(sale: #"{"id":35}"#)
        try kit.simulator.publish(sale: #"{"id":40,"total_amount":1}"#)
        #expect(
            SimulatorKit.rows(try await kit.client.sales(from: .id(31), limit: 3))
                == [#"{"id":35}"#, #"{"id":40,"total_amount":1}"#, Self.sales[4]])
        kit.simulator.replace(.customers, with: ["{}"])
        #expect(SimulatorKit.rows(try await kit.client.customers(page: 1)) == ["{}"])
        let generated = try SimulatorKit(sales: 1)
        #expect(throws: SimulatorError.self) { try generated.simulator.publish(sale: "{}") }
    }

    @Test("A row without a usable id stays behind the one it followed")
    func rowWithoutID() async throws {
        let rows = [#"{"id":1}"#, "words", #"{"id":"x"}"#, #"{"id":2}"#]
        let kit = try SimulatorKit(SimulatorConfiguration(data: .rows(sales: rows, products: [], customers: [])))
        #expect(SimulatorKit.rows(try await kit.client.sales(from: .id(1))) == rows)
    }

    @Test("A folder of lines is served; blank lines and a missing catalogue do no harm, missing sales do")
    func folder() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = "\n" + Self.sales.joined(separator: "\r\n") + "\n\n  \n"
        try text.write(to: folder.appendingPathComponent("sales.jsonl"), atomically: true, encoding: .utf8)
        let kit = try SimulatorKit(SimulatorConfiguration(data: .folder(folder.path)))
        #expect(SimulatorKit.rows(try await kit.client.sales(from: .id(0))) == Self.sales)
        #expect(try await kit.client.products(page: 1).rows.isEmpty)
        #expect {
            try RetailAPISimulator(SimulatorConfiguration(data: .folder(folder.path + "/nowhere")))
        } throws: {
            ($0 as? SimulatorError)?.code == .dataUnreadable
        }
    }

    @Test("What is done is counted")
    func counters() async throws {
        let kit = try SimulatorKit(sales: 300, faults: [Fault(.status(500, retryAfterSeconds: nil), .first(1))])
        _ = try await kit.client.sales(from: .id(0))
        _ = try await kit.client.products(page: 1)
        let counters = kit.simulator.counters
        #expect(counters.requests == 3)
        #expect(counters.requestsByEndpoint == [.sales: 2, .products: 1])
        #expect(counters.pagesByEndpoint == [.sales: 1, .products: 1])
        #expect(counters.rowsByEndpoint == [.sales: 250, .products: 250])
        #expect(counters.faultsFired == ["500": 1])
    }

    @Test("A port that is taken is said so")
    func portInUse() throws {
        let first = try RetailAPISimulator(SimulatorConfiguration(data: Self.stored))
        #expect {
            try RetailAPISimulator(SimulatorConfiguration(data: Self.stored, port: first.port))
        } throws: {
            ($0 as? SimulatorError)?.code == .cannotListen
        }
    }
}

/// A clock that goes on only when told.
final class TestTime: Sendable {
    private let now = Mutex<Int64>(0)

    var microseconds: Int64 { now.withLock { $0 } }

    func advance(bySeconds seconds: Double) { now.withLock { $0 += Int64(seconds * 1_000_000) } }
}
