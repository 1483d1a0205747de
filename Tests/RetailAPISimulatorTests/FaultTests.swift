import Foundation
import RetailAPI
import RetailAPISimulator
import Testing

@Suite("Faults of the simulator, and how the client bears them", .timeLimit(.minutes(3)))
struct FaultTests {
    @Test(
        "A request that fails in passing is tried again until it brings the page",
        arguments: [
            ("500@first:2", ["server_failed", "server_failed"]), ("503=3@first:2", ["throttled", "throttled"]),
            ("429=1@first:5", Array(repeating: "throttled", count: 5)), ("408@first:1", ["server_failed"]),
            ("cut@first:3", Array(repeating: "unreachable", count: 3)), ("html@first:2", ["not_a_page", "not_a_page"]),
            ("malformed@first:3", Array(repeating: "page_broken", count: 3)),
        ])
    func passing(fault: String, retried: [String]) async throws {
        let kit = try SimulatorKit(sales: 300, faults: [try Fault(parsing: fault)])
        let page = try await kit.client.sales(from: .id(0))
        #expect(page.rows.count == 250)
        #expect(kit.retried == retried)
        #expect(kit.simulator.counters.faultsFired.values.reduce(0, +) == retried.count)
    }

    @Test("A server that hangs is given up after the client's timeout, and tried again")
    func hang() async throws {
        let kit = try SimulatorKit(
            SimulatorConfiguration(data: ServingTests.stored, faults: [Fault(.hang, .first(2))]),
            timeoutMilliseconds: 1_000)
        let page = try await kit.client.sales(from: .id(0))
        #expect(page.rows.count == 9)
        #expect(kit.retried == ["unreachable", "unreachable"])
    }

    @Test("Cancelling ends a request that hangs at once")
    func cancelHang() async throws {
        let kit = try SimulatorKit(
            SimulatorConfiguration(data: ServingTests.stored, faults: [Fault(.hang)]), timeoutMilliseconds: 50_000)
        let task = Task { try await kit.client.sales(from: .id(0)) }
        while kit.simulator.counters.requests == 0 { await Task.yield() }
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(
        "What lasts ends in its error",
        arguments: [
            ("401", "key_refused", 1), ("403", "key_refused", 1), ("404", "request_refused", 1),
            ("500", "server_failed", 4),
            ("503", "server_failed", 4), ("429=1", "throttled", 11), ("cut", "unreachable", 4),
            ("html", "not_a_page", 4),
        ])
    func lasting(fault: String, code: String, requests: Int) async throws {
        let kit = try SimulatorKit(sales: 300, faults: [try Fault(parsing: fault)])
        await #expect { try await kit.client.sales(from: .id(0)) } throws: {
            ($0 as? RetailAPIError)?.code.rawValue == code
        }
        #expect(kit.simulator.counters.requests == requests)
    }

    @Test("A storm of passing faults loses no sale", arguments: [UInt64(1), 2, 3])
    func storm(seed: UInt64) async throws {
        let faults = try ["500@5%", "429=1@5%", "cut@5%", "html@5%", "malformed@5%", "fewer@20%"].map {
            try Fault(parsing: $0)
        }
        let kit = try SimulatorKit(sales: 5_000, faults: faults) {
            $0.seed = seed
            $0.pageRowsMax = 50
        }
        let sales = try await kit.allSales()
        #expect(sales.count == 5_000)
        #expect(kit.simulator.counters.faultsFired.count == faults.count)
    }

    @Test("A repeated page is the page before, byte for byte")
    func repeated() async throws {
        let kit = try SimulatorKit(sales: 600, faults: [Fault(.repeatedPage, .every(2))])
        let first = try await kit.client.sales(from: .id(0))
        let second = try await kit.client.sales(from: .id(SimulatorKit.ids(first).last ?? 0))
        let third = try await kit.client.sales(from: .id(SimulatorKit.ids(first).last ?? 0))
        #expect(second.body == first.body)
        #expect(SimulatorKit.ids(third).first == SimulatorKit.ids(first).last)
    }

    @Test("Empty pages, half pages and totals that lie come when told")
    func pages() async throws {
        let kit = try SimulatorKit(sales: 600, faults: [Fault(.emptyPage, .first(1))]) { $0.shape = .data(total: true) }
        let empty = try await kit.client.sales(from: .id(0))
        #expect(empty.rows.isEmpty && empty.declaredTotal == 600)
        kit.simulator.setFaults([Fault(.fewerRows), Fault(.lyingTotal)])
        let half = try await kit.client.sales(from: .id(0))
        #expect(half.rows.count == 125)
        #expect(half.declaredTotal == 607)
        #expect(kit.simulator.counters.faultsFired == ["empty": 1, "fewer": 1, "total": 1])
    }

    @Test("A fault that nobody can see is not counted: a total where there is none, rows withheld behind the last")
    func unseen() async throws {
        let faults = [Fault(.emptyPage, .every(2)), Fault(.fewerRows), Fault(.lyingTotal)]
        for shape in PageShape.allCases {
            let kit = try SimulatorKit(sales: 300, faults: faults) { $0.shape = shape }
            let isTold = shape == .data(total: true) || shape == .items(total: true)
            _ = try await kit.client.sales(from: .id(0))
            #expect(kit.simulator.counters.faultsFired == (isTold ? ["fewer": 1, "total": 1] : ["fewer": 1]))
            _ = try await kit.client.sales(from: .id(.max))
            _ = try await kit.client.sales(from: .id(.max))
            #expect(kit.simulator.counters.faultsFired == (isTold ? ["fewer": 1, "total": 3] : ["fewer": 1]))
        }
    }

    @Test("A late sale is missing until a sale five places behind it has been served, and is there then")
    func late() async throws {
        let kit = try SimulatorKit(sales: 300, faults: [Fault(.lateSale, .every(10))])
        let first = try await kit.client.sales(from: .id(0), limit: 100)
        let ids = try await SimulatorKit(sales: 300).allSales().keys.sorted()
        let missing = ids.prefix(111).enumerated().filter { ($0.offset + 1) % 10 == 0 }.map(\.element)
        #expect(SimulatorKit.ids(first) == Array(ids.prefix(111)).filter { !missing.contains($0) })
        let second = try await kit.client.sales(from: .id(0), limit: 100)
        #expect(SimulatorKit.ids(second) == Array(ids.prefix(100)))
        // Asked for again and again, every sale comes at last.
        _ = try await kit.allSales()
        #expect(try await kit.allSales().count == 300)
    }

    @Test("A sale that changes is another valid one once it has been served")
    func change() async throws {
        let kit = try SimulatorKit(sales: 300, faults: [Fault(.changingSale, .first(3))])
        let first = SimulatorKit.rows(try await kit.client.sales(from: .id(0), limit: 10))
        let second = SimulatorKit.rows(try await kit.client.sales(from: .id(0), limit: 10))
        let third = SimulatorKit.rows(try await kit.client.sales(from: .id(0), limit: 10))
        #expect(second == third)
        #expect(zip(first, second).map { $0 != $1 } == [true, true, true] + Array(repeating: false, count: 7))
        for row in second { #expect(object(row) != nil) }
    }

    @Test("A bad row stays within its row", arguments: Fault.BadRow.allCases.filter { $0 != .unbalanced })
    func badRow(how: Fault.BadRow) async throws {
        let kit = try SimulatorKit(sales: 300, faults: [Fault(.badRow(how), .every(100))])
        let goodKit = try SimulatorKit(sales: 300)
        let good = try await goodKit.client.sales(from: .id(0))
        let page = try await kit.client.sales(from: .id(0))
        #expect(page.rows.count == 250)
        let different = (0..<250).filter { page.body[page.rows[$0]] != good.body[good.rows[$0]] }
        #expect(different == [99, 199])
        let row = page.body[page.rows[99]]
        switch how {
        case .words: #expect(object(String(decoding: row, as: UTF8.self)) == nil)
        case .types: #expect(object(String(decoding: row, as: UTF8.self))?["datetime"] is [Any])
        case .missing: #expect(object(String(decoding: row, as: UTF8.self))?.keys.sorted() == ["id"])
        case .duplicateKey:
            #expect(String(decoding: row, as: UTF8.self).components(separatedBy: "\"datetime\"").count == 3)
        case .utf8: #expect(String(validating: row, as: UTF8.self) == nil)
        case .unbalanced: Issue.record("not asked for")
        }
    }

    @Test("A row that breaks its page is isolated: all sales before it are had", arguments: [5, 100, 251])
    func unbalanced(place: Int) async throws {
        let kit = try SimulatorKit(sales: 300, faults: [Fault(.badRow(.unbalanced), .every(place))])
        var last: Int64 = 0
        var count = 0
        var error: RetailAPIError?
        while error == nil {
            do {
                let ids = SimulatorKit.ids(try await kit.client.sales(from: .id(last)))
                count += ids.filter { $0 > last }.count
                last = ids.max() ?? last
            } catch let caught as RetailAPIError {
                error = caught
            }
        }
        #expect(error?.code == .pageBroken)
        #expect(count == place - 1)
    }

    @Test("A catalogue is wrong for a whole sweep, and right in the next")
    func catalogues() async throws {
        let good = try await SimulatorKit(sales: 1).allProducts()
        for kind in Fault.CatalogueFault.allCases {
            let kit = try SimulatorKit(sales: 1, faults: [Fault(.catalogue(kind), .first(1))]) {
                $0.shape = .items(total: true)
            }
            let total = try await kit.client.products(page: 1).declaredTotal
            kit.simulator.setFaults([Fault(.catalogue(kind), .first(1))])
            let bad = try await kit.allProducts()
            switch kind {
            case .truncated:
                #expect(bad == Array(good.prefix(300)))
                #expect(total == 600)
            case .halved:
                #expect(bad == good.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
                #expect(total == 300)
            case .empty:
                #expect(bad.isEmpty && total == 0)
            case .repriced:
                #expect(bad.count == 600)
                for (row, before) in zip(bad, good) {
                    let price = try #require(object(row)?["unit_amount"] as? Int)
                    let priceBefore = try #require(object(before)?["unit_amount"] as? NSNumber).doubleValue
                    #expect(price == Int((priceBefore * 100).rounded()))
                }
            case .duplicated:
                #expect(bad == good + [good[0]])
            case .drift:
                #expect(bad.dropLast() == good[...])
                #expect(bad.last != good[0])
                #expect(
                    object(try #require(bad.last))?["product_sku"] as? String == object(good[0])?["product_sku"]
                        as? String)
            }
            #expect(try await kit.allProducts() == good)
        }
    }

    @Test("The first of several faults takes the request, the next one waits for its own")
    func order() async throws {
        let kit = try SimulatorKit(
            sales: 300, faults: [try Fault(parsing: "429=1@first:1"), try Fault(parsing: "500@first:2")])
        _ = try await kit.client.sales(from: .id(0))
        #expect(kit.retried == ["throttled", "server_failed", "server_failed"])
    }

    @Test("A fault of one listing leaves the others alone")
    func listing() async throws {
        let kit = try SimulatorKit(sales: 300, faults: [try Fault(parsing: "products/401")])
        _ = try await kit.client.sales(from: .id(0))
        _ = try await kit.client.customers(page: 1)
        await #expect(throws: RetailAPIError.self) { try await kit.client.products(page: 1) }
    }
}
