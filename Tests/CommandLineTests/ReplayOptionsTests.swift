import Retail
import Testing

@testable import retailflow

/// What `replay` takes, and what it does not.
struct ReplayOptionsTests {
    @Test(
        "What names no place, or two, or none that can be read, is refused",
        arguments: [
            ([], "replay needs to know from where"), (["--dry-run"], "replay needs to know from where"),
            (["--to", "latest"], "expected earliest"), (["--to-offset", "5"], "PARTITION:OFFSET"),
            (["--to-offset", "0:-1"], "PARTITION:OFFSET"), (["--to-offset", "0:1:2"], "PARTITION:OFFSET"),
            (["--to-offset", ":"], "PARTITION:OFFSET"),
            (["--to-offset", "0:99999999999999999999"], "PARTITION:OFFSET"),
            (["--to-offset", "0:1", "--to-offset", "0:2"], "each partition once"),
            (["--to-datetime", "yesterday"], "YYYY-MM-DDTHH:MM:SS"),
            (["--to-datetime", "2026-02-30"], "YYYY-MM-DDTHH:MM:SS"),
            (["--to", "earliest", "--to-offset", "0:1"], "exclude each other"),
            (["--to-datetime", "2026-02-01", "--skip-to", "0:1"], "exclude each other"),
            (["--from-raw", "--skip-to", "0:1"], "does not go with --from-raw"),
        ] as [([String], String)])
    func refused(_ words: [String], _ expected: String) throws {
        let error = try #require(throws: UsageError.self) {
            try ArgumentParser(CommandTable.all).parse(["replay"] + words)
        }
        #expect("\(error)".contains(expected), "\(error)")
    }

    private func options(_ words: String...) throws -> ReplayOptions? {
        guard case .replay(let options) = try ArgumentParser(CommandTable.all).parse(["replay"] + words).command else {
            return nil
        }
        return options
    }

    @Test("Each place is read as what it is")
    func places() throws {
        #expect(try options("--to", "earliest") == ReplayOptions(place: .earliest))
        #expect(
            try options("--to-offset", "0:12", "--to-offset=3:0", "--dry-run")
                == ReplayOptions(place: .offsets([0: 12, 3: 0]), isDryRun: true))
        #expect(try options("--skip-to", "1:7") == ReplayOptions(place: .skip([1: 7])))
        #expect(try options("--from-raw") == ReplayOptions(place: .earliest, isFromRaw: true))
        #expect(
            try options("--from-raw", "--to-offset", "0:1") == ReplayOptions(place: .offsets([0: 1]), isFromRaw: true))
    }

    // Catches a time that is read in another zone than it names.
    @Test(
        "A time names its zone or is local",
        arguments: [
            ("2026-07-01T12:00:00Z", 1_782_907_200), ("2026-07-01T12:00:00+02:00", 1_782_900_000),
            ("2026-07-01T12:00:00", 1_782_900_000), ("2026-07-01 12:00:00.75", 1_782_900_000),
            ("2026-07-01", 1_782_856_800),
        ] as [(String, Int64)])
    func times(_ text: String, _ instant: Int64) throws {
        let zone = try #require(RetailTimeZone(identifier: "Europe/Berlin"))
        guard case .time(let time) = try options("--to-datetime", text)?.place else {
            Issue.record("not a time")
            return
        }
        #expect(time.instant(in: zone) == instant)
    }
}
