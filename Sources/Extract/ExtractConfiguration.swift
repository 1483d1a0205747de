package import RetailAPI

/// What extraction of sales asks for, and how it publishes.
package struct ExtractConfiguration: Sendable {
    package var topic: String
    package var stateTopic: String
    /// The start that was asked for; nil: go on from the cursor.
    package var start: SalesStart?
    /// Where the very first run begins when nothing else says.
    package var defaultStart: SalesStart
    /// Go on asking for new sales instead of ending at the end.
    package var follows = false
    /// While following: the wait after a page that was not full.
    package var pollMilliseconds = 1_000
    /// How many of the last sales are asked again for changes and late ids.
    package var overlapSales: Int64 = 1_000
    /// While following: how often they are asked again.
    package var overlapMilliseconds = 60_000
    /// How many of the last days a re-sweep lists again.
    package var resweepDays = 2
    /// Whether a re-sweep has become due after one moment and up to another, in microseconds since 1970; nil: never.
    package var resweepIsDue: (@Sendable (_ after: Int64, _ upTo: Int64) -> Bool)?
    /// How often a page that repeats is asked again, and the first wait, which doubles.
    package var retries = 3
    package var backoffMilliseconds = 1_000
    /// How long the coordinator lets a transaction be open.
    package var transactionMilliseconds = 15_000
    /// One transaction holds at most so many pages and so many bytes of rows.
    package var transactionPagesMax = 64
    package var transactionBytesMax = 4 << 20
    /// The largest record of the topic, in bytes, as the topic's `max.message.bytes` has it; the default is less than
    /// Kafka's.
    package var recordBytesMax = 1_000_000

    package init(topic: String, stateTopic: String, defaultStart: SalesStart) {
        self.topic = topic
        self.stateTopic = stateTopic
        self.defaultStart = defaultStart
    }

    /// The largest sale: a record's key and headers and the batch around it need room too.
    package var saleBytesMax: Int { ExtractConfiguration.saleBytesMax(ofRecord: recordBytesMax) }

    /// The largest sale that fits a record of so many bytes.
    package static func saleBytesMax(ofRecord bytes: Int) -> Int { max(1, bytes - 16_384) }

    /// What the topic takes, the producer must too.
    var producerProperties: [String: String] { ["message.max.bytes": String(max(1_000, recordBytesMax))] }
}
