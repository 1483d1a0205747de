import Foundation
import Retail
import RetailTestKit
import Testing

@Suite("A retail time zone")
struct RetailTimeZoneTests {
    private func seconds(_ text: String) throws -> Int64 {
        try #require(CivilTime.seconds(of: text))
    }

    @Test(
        "turns local times into instants",
        arguments: [
            ("UTC", "2010-12-01 08:04:00", "2010-12-01 08:04:00"),
            ("Europe/Berlin", "2020-01-15 12:00:00", "2020-01-15 11:00:00"),
            ("Europe/Berlin", "2020-07-15 12:00:00", "2020-07-15 10:00:00"),
            // The hour from 2 to 3 comes twice: the earlier instant.
            ("Europe/Berlin", "2020-10-25 01:59:59", "2020-10-24 23:59:59"),
            ("Europe/Berlin", "2020-10-25 02:00:00", "2020-10-25 00:00:00"),
            ("Europe/Berlin", "2020-10-25 02:30:00", "2020-10-25 00:30:00"),
            ("Europe/Berlin", "2020-10-25 02:59:59", "2020-10-25 00:59:59"),
            ("Europe/Berlin", "2020-10-25 03:00:00", "2020-10-25 02:00:00"),
            // The hour from 2 to 3 is skipped: as if clocks had not been put forward yet.
            ("Europe/Berlin", "2020-03-29 01:59:59", "2020-03-29 00:59:59"),
            ("Europe/Berlin", "2020-03-29 02:00:00", "2020-03-29 01:00:00"),
            ("Europe/Berlin", "2020-03-29 02:30:00", "2020-03-29 01:30:00"),
            ("Europe/Berlin", "2020-03-29 03:00:00", "2020-03-29 01:00:00"),
            ("America/St_Johns", "2020-01-15 12:00:00", "2020-01-15 15:30:00"),
            ("Asia/Kathmandu", "2020-01-15 12:00:00", "2020-01-15 06:15:00"),
            // Half an hour of summer time.
            ("Australia/Lord_Howe", "2020-04-05 01:45:00", "2020-04-04 14:45:00"),
            // Moscow moved to another zone: no summer time began or ended.
            ("Europe/Moscow", "2014-10-26 00:30:00", "2014-10-25 20:30:00"),
            ("Europe/Moscow", "2014-10-26 02:30:00", "2014-10-25 23:30:00"),
            // Samoa left out a whole day.
            ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 22:00:00"),
            ("Pacific/Apia", "2011-12-31 12:00:00", "2011-12-30 22:00:00"),
            ("Europe/Berlin", "2150-07-15 12:00:00", "2150-07-15 10:00:00"),
        ])
    func instants(identifier: String, local: String, instant: String) throws {
        let zone = try #require(RetailTimeZone(identifier: identifier))
        #expect(CivilTime.text(of: zone.instant(ofLocalSeconds: try seconds(local))) == instant)
    }

    @Test("shows the local time of an instant as Foundation does", arguments: [UInt64(5)])
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let identifiers = [
            "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata",
            "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Tehran", "Antarctica/Troll",
        ]
        for identifier in identifiers {
            let foundation = try #require(TimeZone(identifier: identifier))
            let zone = try #require(RetailTimeZone(identifier: identifier))
            for _ in 0..<5_000 {
                let instant = Int64.random(in: 0...4_000_000_000, using: &generator)
                let offset = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant)))
                let local = zone.localSeconds(ofInstant: instant)
                #expect(local == instant + Int64(offset), "seed \(seed): \(identifier) \(instant)")
                let back = zone.instant(ofLocalSeconds: local)
                #expect(
                    back == instant || (back < instant && zone.localSeconds(ofInstant: back) == local),
                    "seed \(seed): \(identifier) \(instant)")
            }
        }
    }

    @Test("is not made from a name that nobody knows")
    func unknown() {
        #expect(RetailTimeZone(identifier: "Europe/Atlantis") == nil)
        #expect(RetailTimeZone(identifier: "") == nil)
        #expect(RetailTimeZone(identifier: "UTC")?.identifier == "UTC")
    }
}
