internal import Foundation

/// What is told of an unreadable page in the file `NAME.error.json` beside it.
package struct FailedPage: Sendable, Hashable, Codable {
    /// The listing.
    package var endpoint: String
    /// The value of `start_sales_id`, or the number of the page.
    package var start: String
    /// How many rows were asked for.
    package var limit: Int
    /// Whether the API is known to serve the sale that is the start itself.
    package var servesStart: Bool
    /// What is wrong with the page.
    package var reason: String
    /// The status of the answer.
    package var status: Int?
    /// How many bytes were served.
    package var bytes: Int
    /// When the API first answered so, for people, and in microseconds since 1970: the version of the page's records.
    package var answeredAt: String
    package var version: Int64
    /// How often it answered so, each time all tries of one request, and when last.
    package var times: Int
    package var lastAnsweredAt: String

    enum CodingKeys: String, CodingKey {
        case endpoint, start, limit, reason, status, bytes, version, times
        case servesStart = "serves_start"
        case answeredAt = "answered_at"
        case lastAnsweredAt = "last_answered_at"
    }

    init(_ page: UnreadablePage) {
        endpoint = page.request.endpoint.rawValue
        start = page.request.value
        limit = page.request.limit
        servesStart = page.servesStart
        reason = page.error.reason
        status = page.error.status
        bytes = page.body.count
        answeredAt = UTCDate.text(ofMicroseconds: page.answeredAtMicroseconds)
        version = page.answeredAtMicroseconds
        times = 1
        lastAnsweredAt = answeredAt
    }

    /// The same page, served once more.
    func again(atMicroseconds instant: Int64) -> FailedPage {
        var again = self
        again.times += 1
        again.lastAnsweredAt = UTCDate.text(ofMicroseconds: instant)
        return again
    }

    /// Nil when it is not one.
    init?(json: [UInt8]) {
        guard let value = try? JSONDecoder().decode(FailedPage.self, from: Data(json)) else { return nil }
        self = value
    }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Text and numbers only: it can't fail.
        return (try? encoder.encode(self)).map { Array($0) + [0x0A] } ?? []
    }
}
