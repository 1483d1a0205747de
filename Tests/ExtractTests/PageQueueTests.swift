import Testing

@testable import Extract

@Suite("The queue between fetching and publishing", .timeLimit(.minutes(1)))
struct PageQueueTests {
    @Test("What is sent is received, in order, as much at a time as is there and wanted")
    func order() async {
        let queue = PageQueue<Int>(elementsMax: 10)
        for number in 0..<5 { #expect(await queue.send(number)) }
        #expect(await queue.receive(max: 2) == [0, 1])
        #expect(await queue.receive(max: 100) == [2, 3, 4])
    }

    // Catches a queue without a limit: the pages of a fast API would fill the memory while Kafka is slow.
    @Test("It is bounded: one element more than its limit is not taken before another one is out")
    func bounded() async {
        for _ in 0..<50 {
            let queue = PageQueue<Int>(elementsMax: 3)
            let isFull = Signal()
            let sending = Task {
                for number in 0..<3 { _ = await queue.send(number) }
                isFull.set()
                return await queue.send(3)
            }
            await isFull.wait()
            await Task.yield()
            queue.finish()
            #expect(await value(sending) == false)
            #expect(await queue.receive(max: 100) == [0, 1, 2])
            #expect(await queue.receive(max: 100) == nil)
        }
    }

    @Test("A sender that waits goes on when there is room, and never is there more than the limit")
    func backpressure() async {
        let queue = PageQueue<Int>(elementsMax: 4)
        let sending = Task {
            for number in 0..<2_000 where await !queue.send(number) { return false }
            queue.finish()
            return true
        }
        var received: [Int] = []
        while let some = await queue.receive(max: 1_000) {
            #expect(some.count <= 4)
            received += some
        }
        #expect(await value(sending) == true)
        #expect(received == Array(0..<2_000))
    }

    // Catches a finish that does not wake who waits: extraction would never end.
    @Test("Finishing frees a receiver that waits, and a sender that waits")
    func finishing() async {
        for _ in 0..<200 {
            let empty = PageQueue<Int>(elementsMax: 1)
            let receiving = Task { await empty.receive(max: 1) }
            await Task.yield()
            empty.finish()
            #expect(await value(receiving) == .some(nil))
            let full = PageQueue<Int>(elementsMax: 1)
            _ = await full.send(0)
            let sending = Task { await full.send(1) }
            await Task.yield()
            full.finish()
            #expect(await value(sending) == false)
        }
    }

    @Test("After the finish what is there may still be received, and nothing is taken any more")
    func finished() async {
        let queue = PageQueue<Int>(elementsMax: 10)
        _ = await queue.send(1)
        _ = await queue.send(2)
        queue.finish()
        queue.finish()
        #expect(await queue.send(3) == false)
        #expect(await queue.receive(max: 1) == [1])
        #expect(await queue.receive(max: 1) == [2])
        #expect(await queue.receive(max: 1) == nil)
        #expect(await queue.receive(max: 1) == nil)
    }

    // Catches a wait that a cancellation ends with its page thrown away: what was fetched is to be published.
    @Test("Cancelling a sender that waits loses nothing: its element is taken when there is room, and it comes back")
    func cancelledSender() async {
        for _ in 0..<200 {
            let queue = PageQueue<Int>(elementsMax: 1)
            _ = await queue.send(0)
            let sending = Task { await queue.send(1) }
            await Task.yield()
            sending.cancel()
            #expect(await queue.receive(max: 1) == [0])
            #expect(await value(sending) == true)
            #expect(await queue.receive(max: 1) == [1])
        }
    }

    @Test("Cancelling a sender that waits does not hang it: it comes back when the receiver is gone")
    func cancelledSenderWithoutReceiver() async {
        for _ in 0..<200 {
            let queue = PageQueue<Int>(elementsMax: 1)
            _ = await queue.send(0)
            let sending = Task { await queue.send(1) }
            await Task.yield()
            sending.cancel()
            queue.finish()
            #expect(await value(sending) == false)
        }
    }

    @Test("Cancelling a receiver that waits does not hang it, and it still gets what comes")
    func cancelledReceiver() async {
        for _ in 0..<200 {
            let queue = PageQueue<Int>(elementsMax: 1)
            let receiving = Task { await [queue.receive(max: 1), queue.receive(max: 1)] }
            await Task.yield()
            receiving.cancel()
            #expect(await queue.send(7))
            queue.finish()
            #expect(await value(receiving) == [[7], nil])
        }
    }
}
