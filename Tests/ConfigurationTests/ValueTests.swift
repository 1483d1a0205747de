import Configuration
import Testing

@Suite("Values")
struct ValueTests {
    @Test(
        "Cron lines are read as cron does",
        arguments: [
            ("0 * * * *", true), ("*/15 0-6,22-23 1,15 */2 1-5", true), ("5/10 * * * 7", true), ("  0   3 * * *", true),
            ("60 * * * *", false), ("* 24 * * *", false), ("* * 0 * *", false), ("* * * 13 *", false),
            ("* * * * 8", false), ("* * * *", false), ("* * * * * *", false), ("*/0 * * * *", false),
            ("5-1 * * * *", false), ("a * * * *", false), ("1, * * * *", false), ("", false), ("-1 * * * *", false),
            ("1//2 * * * *", false), ("@daily", false),
        ])
    func cron(line: String, isValid: Bool) {
        #expect((CronSchedule(line) != nil) == isValid)
    }

    @Test("A cron line is due when its fields say so, days of month and week either one")
    func due() throws {
        let both = try #require(CronSchedule("30 3 13 * 5"))
        #expect(both.isDue(minute: 30, hour: 3, dayOfMonth: 13, month: 1, dayOfWeek: 1))
        #expect(both.isDue(minute: 30, hour: 3, dayOfMonth: 1, month: 1, dayOfWeek: 5))
        #expect(!both.isDue(minute: 30, hour: 3, dayOfMonth: 1, month: 1, dayOfWeek: 1))
        #expect(!both.isDue(minute: 31, hour: 3, dayOfMonth: 13, month: 1, dayOfWeek: 5))
        let sunday = try #require(CronSchedule("*/20 * * * 7"))
        #expect(sunday.isDue(minute: 40, hour: 0, dayOfMonth: 1, month: 1, dayOfWeek: 0))
        #expect(!sunday.isDue(minute: 40, hour: 0, dayOfMonth: 1, month: 1, dayOfWeek: 1))
        #expect(CronSchedule.hourly.isDue(minute: 0, hour: 23, dayOfMonth: 31, month: 12, dayOfWeek: 6))
        #expect(
            !CronSchedule.daily(hour: 3, minute: 30).isDue(minute: 30, hour: 4, dayOfMonth: 1, month: 1, dayOfWeek: 0))
    }

    @Test(
        "Where sales begin is an id or a day of the calendar",
        arguments: [
            ("536365", "536365"), ("0", "1"), ("9223372036854775807", "9223372036854775807"),
            ("2010-12-01", "2010-12-01"), ("2024-02-29", "2024-02-29"), ("9223372036854775808", nil), ("", nil),
            ("-1", nil), ("2023-02-29", nil), ("2010-13-01", nil), ("2010-1-1", nil), ("0000-01-01", nil),
            ("20101201x", nil), ("today", nil),
        ] as [(String, String?)])
    func start(text: String, shown: String?) {
        #expect(SalesStartPoint(text)?.description == shown)
    }

    @Test(
        "Addresses have a host and a port",
        arguments: [
            ("127.0.0.1:9464", true), ("[::1]:9464", true), ("host-1.example:0", true), ("host", false), (":1", false),
            ("h:65536", false), ("h:", false), ("::1:80", false), ("h:+1", false), ("a b:1", false), ("[]:1", false),
        ])
    func addresses(text: String, isValid: Bool) {
        #expect(HostPort(text).map(\.description) == (isValid ? text : nil))
    }

    @Test(
        "A mistyped word finds the one meant, a strange one finds none",
        arguments: [
            ("extarct", "extract"), ("ingst", "ingest"), ("STATUS", "status"), ("simul", "simulate"), ("s", nil),
            ("frobnicate", nil), ("", nil), ("start-sales-id", "start_sales_id"),
        ] as [(String, String?)])
    func nearest(word: String, meant: String?) {
        let words = ["extract", "ingest", "status", "simulate", "start_sales_id"]
        #expect(NearestWord.find(word, in: words) == meant)
    }
}
