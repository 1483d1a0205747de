import Foundation
import Telemetry
import Testing

@Suite("Logger")
struct LoggerTests {
    private let lines = Lines()

    private func logger(_ format: LogFormat, level: LogLevel = .debug) -> Logger {
        Logger(level: level, format: format, clock: { 1_795_262_399_123_456 }, sink: lines.write)
    }

    private func object() throws -> [String: Any] {
        let line = try #require(lines.all.first)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test("A text line has time, level, event and fields")
    func textLine() {
        logger(.text).info("batch written", [("rows", 5000), ("topic", "retail.sales.v1"), ("full", true)])
        #expect(
            lines.all == ["2026-11-21T11:59:59.123Z INFO    batch written rows=5000 topic=retail.sales.v1 full=true\n"])
    }

    @Test("A JSON line is one object with the same")
    func jsonLine() throws {
        logger(.json).warning("page refused", [("page", 7), ("share", 0.5), ("last", .null), ("why", "a \"b\"\n\\")])
        let object = try object()
        #expect(object["time"] as? String == "2026-11-21T11:59:59.123Z")
        #expect(object["level"] as? String == "warning")
        #expect(object["event"] as? String == "page refused")
        #expect(object["page"] as? Int == 7)
        #expect(object["share"] as? Double == 0.5)
        #expect(object["last"] is NSNull)
        #expect(object["why"] as? String == "a \"b\"\n\\")
    }

    @Test("A value can neither break a line nor steer a terminal", arguments: LogFormat.allCases)
    func hostileValues(format: LogFormat) {
        let hostile = "a\r\nb\u{1B}[2J\u{85}\u{2028}\u{202E}\u{0}\u{9B}1m"
        logger(format).info(hostile, [(hostile, .text(hostile))])
        let line = lines.all[0]
        #expect(line.hasSuffix("\n"))
        let bad: Set<Unicode.Scalar> = ["\n", "\r", "\u{1B}", "\u{85}", "\u{2028}", "\u{0}", "\u{9B}"]
        #expect(!line.dropLast().unicodeScalars.contains { bad.contains($0) })
    }

    @Test("Values that could be misread are quoted in text")
    func quoting() {
        logger(.text).info("e", [("a", ""), ("b", "x y"), ("c", "k=v"), ("d", "say \"hi\""), ("e", "plain")])
        #expect(lines.all[0].hasSuffix(#" e a="" b="x y" c="k=v" d="say \"hi\"" e=plain"# + "\n"))
    }

    @Test("Below the level nothing is written, and fields are not made")
    func levels() {
        var made = 0
        func fields() -> [Logger.Field] {
            made += 1
            return []
        }
        let logger = logger(.text, level: .warning)
        logger.debug("a", fields())
        logger.info("b", fields())
        #expect(made == 0)
        logger.warning("c", fields())
        logger.error("d", fields())
        #expect(made == 2)
        #expect(lines.all.count == 2)
        #expect(!logger.writes(.info) && logger.writes(.error))
    }

    @Test("A field of context is overridden by the event's own, and no name comes twice")
    func context() throws {
        logger(.json).with(("part", "extract"), ("try", 1)).with(("try", 2)).info("e", [("try", 3), ("level", "mine")])
        let line = lines.all[0]
        #expect(line.contains(#""part":"extract","try":3,"level_":"mine"}"#))
        #expect(line.components(separatedBy: "\"try\"").count == 2)
    }

    @Test("Numbers that JSON has not become text")
    func notFinite() throws {
        logger(.json).info("e", [("a", .number(.nan)), ("b", .number(.infinity)), ("c", LogValue(UInt64.max))])
        let object = try object()
        #expect(object["a"] as? String == "nan")
        #expect(object["b"] as? String == "inf")
        #expect(object["c"] as? String == "18446744073709551615")
    }

    @Test(
        "Times agree with Foundation over the centuries",
        arguments: [
            0, -1, 951_782_400_000_000, 1_709_164_800_000_000, -11_644_473_600_000_000, 4_107_542_399_999_999,
        ] as [Int64])
    func timestamps(microseconds: Int64) throws {
        Logger(level: .info, format: .json, clock: { microseconds }, sink: lines.write).info("e")
        let seconds = (Double(microseconds) / 1_000_000).rounded(.down)
        let date = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        let fraction = String(1_000 + (microseconds - Int64(seconds) * 1_000_000) / 1_000).dropFirst()
        let expected = date.dropLast() + ".\(fraction)Z"
        #expect(try object()["time"] as? String == String(expected))
    }

    @Test("Lines of many threads stay whole")
    func concurrency() async {
        let stream = StatusStream(write: lines.write)
        let logger = Logger(level: .info, format: .text, clock: { 0 }, sink: { stream.writeLines($0) })
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for step in 0..<100 { logger.info("e", [("task", .init(task)), ("step", .init(step))]) }
                }
            }
        }
        #expect(lines.all.count == 800)
        #expect(lines.all.allSatisfy { $0.hasSuffix("\n") })
    }
}
