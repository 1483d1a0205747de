/// What the warehouse knows about the pipeline whoever runs it, for metrics.
package struct PipelineFacts: Sendable, Hashable {
    /// When ods first had the oldest sale that the served mart lacks, in microseconds of UTC; nil: it lacks none. Told
    /// by ids: a sale is lacking when its id is above all that the mart was built from.
    package var behindSince: Int64?
    /// The lines, by (sale, sku), that are not in the mart.
    package var orphanLines: Int64
    /// When the last run of each name was done, in microseconds of UTC.
    package var lastSuccess: [String: Int64]

    package init(behindSince: Int64?, orphanLines: Int64, lastSuccess: [String: Int64]) {
        self.behindSince = behindSince
        self.orphanLines = orphanLines
        self.lastSuccess = lastSuccess
    }
}

/// Reads the facts. Blocking, and cheap enough to be asked every few seconds.
package protocol PipelineFactsReader: Sendable {
    func read() throws -> PipelineFacts
}
