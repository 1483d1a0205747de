/// Records of refused contents, read back from raw.
package struct RejectedRecords: Sendable {
    /// Those of one log, in the order of their contents.
    package struct Part: Sendable {
        package let log: Int64
        package let topic: String
        package let raw: RawRecords
        /// The content of each record in `raw`, by the same index.
        package let rejects: [Int64]
    }

    package let parts: [Part]
    /// Places that raw no longer holds.
    package let gone: [RejectPlace]
    /// The last place that was looked at, for the next call; nil when there are no more.
    package let last: RejectPlace?
}
