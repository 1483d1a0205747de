import RetailAPI
import RetailAPISimulator
import Synchronization
import Testing

@testable import Extract

@Suite("Following", .timeLimit(.minutes(2)))
struct FollowTests {
    @Test("A new sale is published without a restart; a cancellation ends it in order")
    func newSale() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        let done = Signal()
        shop.time.onWait { number in
            switch number {
            case 1: try shop.simulator.publish(sale: Rows.sale(58))
            case 2: break
            case 3:
                for id in 59...90 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
            case 4...6: break
            default:
                try await finish(done)
            }
        }
        let extraction = try shop.extraction { $0.follows = true }
        #expect(await extraction.follow(until: done) is CancellationError)
        #expect(try await shop.published().ids.sorted() == Array(1...90))
        #expect(try await shop.cursors()["sales"]?.lastID == 90)
        #expect(Set(shop.time.waits) == [1_000])
    }

    // Catches a follower that is stopped before its first sale and begins on another day when it is started again.
    @Test("A follower that has met no sale yet says where it began as soon as it waits")
    func beginningWithoutSales() async throws {
        let shop = try await Shop([])
        let done = Signal()
        shop.time.onWait { number in
            if number < 3 { return }
            try await finish(done)
        }
        let extraction = try shop.extraction {
            $0.follows = true
            $0.defaultStart = .date("2026-03-01")
        }
        _ = await extraction.follow(until: done)
        let cursor = try await shop.cursors()["sales"]
        #expect(cursor?.start == "2026-03-01")
        #expect(cursor?.lastID == 0)
        #expect(cursor?.pages == 1)
    }

    // Catches a run that met no sale and is forgotten: the next one would begin with the day on which it runs.
    @Test("A start that was asked for before there was any sale is where the next run begins")
    func startWithoutSales() async throws {
        let shop = try await Shop([])
        _ = try await shop.extract { $0.start = .id(1) }
        #expect(try await shop.cursors()["sales"]?.start == "1")
        try shop.simulator.publish(sale: Rows.sale(5))
        let next = try await shop.extract { $0.defaultStart = .date("2027-01-01") }
        #expect(next.records == 1)
    }

    // Catches look backs that wait until the clock is where it was.
    @Test("Where the clock is set back, the last sales are asked again all the same")
    func clockSetBack() async throws {
        let shop = try await Shop(Rows.sales((1...20 as ClosedRange<Int64>).filter { $0 != 15 }))
        let done = Signal()
        shop.time.onWait { number in
            switch number {
            case 1:
                shop.time.nowMicroseconds -= 86_400_000_000
                try shop.simulator.publish(sale: Rows.sale(15))
            case 2...6: break
            default: try await finish(done)
            }
        }
        let extraction = try shop.extraction { configuration in
            configuration.follows = true
            configuration.overlapMilliseconds = 4_000
            configuration.overlapSales = 10
        }
        _ = await extraction.follow(until: done)
        #expect(try await shop.published().ids.sorted() == Array(1...20))
    }

    @Test("Full pages are followed by the next one at once; only after one that was not full there is a wait")
    func waits() async throws {
        let shop = try await Shop(Rows.sales(1...56))
        let done = Signal()
        shop.time.onWait { number in
            if number < 3 { return }
            try await finish(done)
        }
        let extraction = try shop.extraction { $0.follows = true }
        _ = await extraction.follow(until: done)
        // Pages of ten: 1, 10, 19, 28, 37, 46, 55 (not full), then one question after each wait.
        #expect(shop.line.urls.count == 9)
        #expect(shop.time.waits == [1_000, 1_000, 1_000])
    }

    // Catches a follower that asks for the overlap at its end only, which never comes.
    @Test("What changed or became visible late is published after the overlap's interval, without a restart")
    func overlap() async throws {
        let shop = try await Shop(Rows.sales((1...20 as ClosedRange<Int64>).filter { $0 != 15 }))
        let done = Signal()
        let asked = Mutex<[Int]>([])
        shop.time.onWait { number in
            asked.withLock { $0.append(shop.line.urls.count) }
            switch number {
            case 1:
                try shop.simulator.publish(sale: Rows.sale(15))
                try shop.simulator.publish(sale: Rows.sale(18, quantity: 2))
            // Three waits of a second do not make five.
            case 2...6: break
            default:
                try await finish(done)
            }
        }
        let extraction = try shop.extraction { configuration in
            configuration.follows = true
            configuration.overlapMilliseconds = 4_000
            configuration.overlapSales = 10
        }
        _ = await extraction.follow(until: done)
        let values = try await shop.published().valuesBySale
        #expect(values[15] == [Rows.sale(15)])
        #expect(values[18] == [Rows.sale(18), Rows.sale(18, quantity: 2)])
        #expect(values.values.map(\.count).reduce(0, +) == 21)
        // One question a poll, and a whole overlap only in some of them.
        let questions = asked.withLock { $0 }
        let polls = zip(questions.dropFirst(), questions).map { $0 - $1 }
        #expect(polls.filter { $0 == 1 }.count >= 4)
        #expect(polls.contains { $0 > 1 })
    }

    // Catches a cancellation that throws away what waits for Kafka.
    @Test("Cancelled while publishing is held up: all that was fetched is still published")
    func cancelledWhilePublishing() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        let (isFetched, mayPublish) = (Signal(), Signal())
        shop.time.onWait { _ in
            try await finish(isFetched)
        }
        let extraction = try shop.extraction({ $0.follows = true }, willPublish: { _ in await mayPublish.wait() })
        let following = Task { try await extraction.run() }
        await isFetched.wait()
        #expect(try await shop.published() == [])
        following.cancel()
        mayPublish.set()
        #expect(await failure(following) is CancellationError)
        #expect(try await shop.published().ids.sorted() == Array(1...57))
        #expect(try await shop.cursors()["sales"]?.lastID == 57)
    }

    // Catches a fetcher that hangs on a full queue, and a page lost between queue and cursor.
    @Test(
        "Cancelled while the queue is full: it ends, the cursor stands behind what is published, the rest comes later")
    func cancelledWhileFull() async throws {
        let shop = try await Shop(Rows.sales(1...95))
        let (isHeld, mayPublish) = (Signal(), Signal())
        let extraction = try shop.extraction(
            { configuration in
                configuration.follows = true
                configuration.transactionPagesMax = 2
            },
            willPublish: { _ in
                isHeld.set()
                await mayPublish.wait()
            })
        let following = Task { try await extraction.run() }
        await isHeld.wait()
        following.cancel()
        mayPublish.set()
        #expect(await failure(following) is CancellationError)
        let lastID = try #require(try await shop.cursors()["sales"]).lastID
        #expect(try await shop.published().ids.sorted() == Array(1..<(lastID + 1)))
        _ = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.published().ids.sorted() == Array(1...95))
    }

    @Test(
        "Pages waiting are published together, within the limits of a transaction",
        arguments: [(40, 4 << 20), (3, 4 << 20), (40, 1)])
    func transactions(_ pagesMax: Int, _ bytesMax: Int) async throws {
        let shop = try await Shop(Rows.sales(1...57))
        let isFetched = Signal()
        let told = Mutex((bytes: 0, pages: [Int](), records: 0))
        shop.time.onWait { _ in
            try await finish(isFetched)
        }
        let extraction = try shop.extraction(
            { configuration in
                configuration.follows = true
                configuration.transactionPagesMax = pagesMax
                configuration.transactionBytesMax = bytesMax
            },
            willPublish: { bytes in
                // The first one waits until more pages wait behind it.
                if pagesMax == 40 { await isFetched.wait() }
                told.withLock { $0.bytes += bytes }
            },
            didPublish: { pages, records in
                told.withLock { told in
                    told.pages.append(pages)
                    told.records += records
                }
            })
        _ = await extraction.follow(until: isFetched)
        let published = try await shop.published()
        #expect(published.count == 57)
        let (bytes, pages, records) = told.withLock { $0 }
        #expect(records == 57)
        #expect(bytes == published.reduce(0) { $0 + $1.value.utf8.count })
        #expect(pages.reduce(0, +) == 7)
        #expect(try await shop.states().count { $0.key == "sales" } == pages.count)
        // How many pages wait when the publisher looks is chance; the limits are not.
        #expect(pages.allSatisfy { $0 <= (bytesMax == 1 ? 1 : pagesMax) })
        if pagesMax == 40, bytesMax > 1 { #expect(pages.count <= 2) }
    }
}
