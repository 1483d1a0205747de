import Testing

@testable import Telemetry

@Suite("Progress")
struct ProgressTests {
    private let lines = Lines()
    private let clock = SetClock(5_000_000)

    private func progress(total: Int64? = nil, columns: Int = 80) -> (Progress, StatusStream) {
        let stream = StatusStream(write: lines.write)
        return (
            Progress("extract", total: total, on: stream, columns: { columns }, clock: clock.read), stream
        )
    }

    @Test("The line tells pages, sales, rate and time left")
    func line() {
        let (progress, _) = progress(total: 10_000)
        clock.advance(milliseconds: 2_000)
        progress.add(pages: 16, sales: 4_000)
        #expect(lines.all == ["\r\u{1B}[Kextract  16 pages  4,000 of 10,000 sales  2,000/s  0:03 left"])
    }

    @Test("Without a total no time left is told")
    func noTotal() {
        let (progress, _) = progress()
        clock.advance(milliseconds: 1_000)
        progress.add(sales: 250)
        #expect(lines.all == ["\r\u{1B}[Kextract  250 sales  250/s"])
    }

    @Test("It is redrawn at most ten times a second, and counts what came between")
    func redraws() {
        let (progress, _) = progress()
        for _ in 0..<1_000 {
            clock.advance(milliseconds: 1)
            progress.add(sales: 1)
        }
        #expect(lines.all.count == 10)
        clock.advance(milliseconds: 100)
        progress.add(sales: 1)
        #expect(lines.all.last?.contains("1,001 sales") == true)
    }

    @Test("The rate is that of the last seconds")
    func rate() {
        let (progress, _) = progress()
        for second in 0..<60 {
            clock.advance(milliseconds: 1_000)
            progress.add(sales: second < 30 ? 1_000 : 10)
        }
        #expect(lines.all.last?.hasSuffix("  10/s") == true)
    }

    @Test("It clears itself at the end and stays away")
    func end() {
        let (progress, _) = progress()
        progress.add(sales: 1)
        progress.finish()
        #expect(lines.all.last == "\r\u{1B}[K")
        let count = lines.all.count
        clock.advance(milliseconds: 1_000)
        progress.add(sales: 1)
        progress.finish()
        #expect(lines.all.count == count)
    }

    @Test("Without a terminal nothing is written")
    func silent() {
        let progress = Progress("extract", on: nil, clock: clock.read)
        progress.add(pages: 1, sales: 1)
        progress.finish()
        #expect(lines.all.isEmpty)
    }

    @Test("A log line takes the progress line away and puts it back")
    func beside() {
        let (progress, stream) = progress()
        progress.add(sales: 1)
        stream.writeLines("a log line\n")
        #expect(lines.all.last == "\r\u{1B}[Ka log line\nextract  1 sales")
        progress.finish()
        stream.writeLines("another\n")
        #expect(lines.all.last == "another\n")
    }

    @Test("The line is cut to the terminal")
    func narrow() {
        let (progress, _) = progress(columns: 12)
        progress.add(pages: 1, sales: 123_456)
        #expect(lines.all == ["\r\u{1B}[Kextract  1 "])
    }

    @Test(
        "Durations are told as clocks do",
        arguments: [(0.2, "0:01"), (59, "0:59"), (61, "1:01"), (3_723, "1:02:03"), (400_000, "4 days")])
    func durations(seconds: Double, text: String) {
        #expect(Progress.duration(seconds: seconds) == text)
    }
}
