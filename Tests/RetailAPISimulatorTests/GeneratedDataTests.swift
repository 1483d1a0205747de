import Foundation
import RetailAPI
import RetailAPISimulator
import Testing

@Suite("Made-up shop", .timeLimit(.minutes(3)))
struct GeneratedDataTests {
    @Test("The same seed gives the same bytes, another seed others")
    func deterministic() async throws {
        let first = try await SimulatorKit(sales: 500).allSales()
        let second = try await SimulatorKit(sales: 500).allSales()
        #expect(first == second)
        let other = try await SimulatorKit(sales: 500) {
            $0.data = .generated(GeneratedDataConfiguration(sales: 500, products: 600, customers: 300, seed: 2))
        }.allSales()
        #expect(other.keys.sorted() == first.keys.sorted())
        #expect(other != first)
    }

    @Test("A sale is the same on every page it comes on")
    func anyPage() async throws {
        let kit = try SimulatorKit(sales: 2_000)
        let whole = try await kit.allSales()
        for start in whole.keys.sorted().enumerated().filter({ $0.offset % 131 == 0 }).map(\.element) {
            let page = try await kit.client.sales(from: .id(start), limit: 3)
            for (id, row) in zip(SimulatorKit.ids(page), SimulatorKit.rows(page)) { #expect(whole[id] == row) }
        }
    }

    @Test("Sales look like sales: sums that are right, opening hours, returns, guests, promotions, repeated products")
    func realistic() async throws {
        let kit = try SimulatorKit(sales: 10_000)
        var prices: [String: Decimal] = [:]
        for row in try await kit.allProducts() {
            let product = try #require(object(row))
            let sku = try #require(product["product_sku"] as? String)
            prices[sku] = decimal(product["unit_amount"])
        }
        #expect(prices.count == 600)
        let sales = try await kit.allSales()
        #expect(sales.count == 10_000)

        var returns = 0, guests = 0, promotions = 0, repeated = 0, unknown = 0, lineCount = 0, bytes = 0
        var previousTime = ""
        for (id, row) in sales.sorted(by: { $0.key < $1.key }) {
            let sale = try #require(object(row), "sale \(id)")
            let time = try #require(sale["datetime"] as? String)
            #expect(time >= previousTime)
            previousTime = time
            let hour = try #require(Int(time.dropFirst(11).prefix(2)))
            #expect((9..<20).contains(hour))
            if sale["customer_id"] is NSNull { guests += 1 }
            let lines = try #require(sale["items"] as? [[String: Any]])
            var sum = Decimal(0)
            var skus: Set<String> = []
            for line in lines {
                let quantity = try #require(line["quantity"] as? Int)
                let amount = try #require(decimal(line["amount"]))
                let sku = try #require(line["product_sku"] as? String)
                sum += amount
                if quantity < 0 { returns += 1 }
                if !skus.insert(sku).inserted { repeated += 1 }
                guard let price = prices[sku] else {
                    unknown += 1
                    continue
                }
                if abs(amount) < price * Decimal(abs(quantity)) { promotions += 1 }
                #expect(abs(amount) <= price * Decimal(abs(quantity)))
            }
            #expect(decimal(sale["total_amount"]) == sum)
            lineCount += lines.count
            bytes += row.utf8.count
        }
        #expect((100...400).contains(returns))
        #expect((750...1_250).contains(guests))
        #expect((1_500...4_500).contains(promotions))
        #expect((100...1_000).contains(repeated))
        #expect((3...10).contains(unknown))
        #expect((20_000...30_000).contains(lineCount))
        #expect((220...320).contains(bytes / 10_000))
    }

    @Test("Ids ascend, with gaps; a start at a gap or before the first is the next sale")
    func ids() async throws {
        let kit = try SimulatorKit(sales: 1_000)
        let ids = try await kit.allSales().keys.sorted()
        #expect(ids.first == 500_001)
        #expect(ids.count == 1_000)
        let gaps = zip(ids, ids.dropFirst()).filter { $1 - $0 > 1 }
        #expect(gaps.count == 10)
        for (before, after) in gaps {
            let page = try await kit.client.sales(from: .id(before + 1), limit: 1)
            #expect(SimulatorKit.ids(page) == [after])
        }
        for start in ids.filter({ $0 % 37 == 0 }) {
            #expect(SimulatorKit.ids(try await kit.client.sales(from: .id(start), limit: 2)).first == start)
        }
        for start in [Int64.min, -1, 0, 500_001] {
            #expect(SimulatorKit.ids(try await kit.client.sales(from: .id(start), limit: 1)) == [500_001])
        }
        for start in [try #require(ids.last) + 1, Int64.max] {
            #expect(try await kit.client.sales(from: .id(start)).rows.isEmpty)
        }
    }

    @Test("A date begins with the first sale of that day, or of the next day that has one")
    func dates() async throws {
        let kit = try SimulatorKit(sales: 5_000) {
            $0.data = .generated(GeneratedDataConfiguration(sales: 5_000, salesPerDay: 250))
        }
        var firstOfDay: [String: Int64] = [:]
        for (id, row) in try await kit.allSales() {
            let datetime = try #require(row.range(of: #""datetime":""#))
            let day = String(row[datetime.upperBound...].prefix(10))
            firstOfDay[day] = min(firstOfDay[day] ?? Int64.max, id)
        }
        #expect(firstOfDay.count > 10)
        for (day, id) in firstOfDay {
            #expect(SimulatorKit.ids(try await kit.client.sales(from: .date(day), limit: 1)) == [id])
        }
        #expect(SimulatorKit.ids(try await kit.client.sales(from: .date("2020-02-29"), limit: 1)) == [500_001])
        #expect(try await kit.client.sales(from: .date("2099-01-01")).rows.isEmpty)
        await #expect(throws: RetailAPIError.self) { try await kit.client.sales(from: .date("2025-02-29")) }
    }

    @Test("Customers have distinct ids, and no address that could be someone's")
    func customers() async throws {
        let kit = try SimulatorKit(sales: 1)
        var ids: Set<String> = []
        for page in 1...2 {
            for row in SimulatorKit.rows(try await kit.client.customers(page: page)) {
                let customer = try #require(object(row))
                ids.insert(try #require(customer["customer_id"] as? String))
                for email in try #require(customer["emails"] as? [String]) { #expect(email.hasSuffix("@example.com")) }
                for phone in try #require(customer["phone_numbers"] as? [String]) {
                    #expect(phone.hasPrefix("+44 20 7946 0"))
                }
            }
        }
        #expect(ids.count == 300)
    }

    private func decimal(_ value: Any?) -> Decimal? {
        (value as? NSNumber).flatMap { Decimal(string: "\($0)") }
    }
}
