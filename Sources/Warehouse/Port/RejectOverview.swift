package import Retail

/// Refused contents, counted in groups. Holds no value of any record but sale ids.
package struct RejectOverview: Sendable, Hashable {
    /// The contents that have a fault of one kind in one field; one with several faults is in several groups.
    package struct Group: Sendable, Hashable {
        /// The field's path, positions in arrays left out: `items[].quantity`.
        package var field: String
        package var code: String
        /// Distinct contents.
        package var rejects: Int64
        /// The records that they came in.
        package var records: Int64
        /// How many of the contents a retry has refused again.
        package var triedInVain: Int64
        /// When the first of the contents was refused first, and the last of the records written: times of UTC as text.
        package var firstSeen: String
        package var lastSeen: String
        package var example: Example
    }

    /// One record of a group: of its newest content the first one.
    package struct Example: Sendable, Hashable {
        /// nil: the topic of the log is not known here.
        package var topic: String?
        package var log: Int64
        package var partition: Int32
        package var offset: Int64
        /// nil when the record has no usable id.
        package var saleID: Int64?
    }

    /// Distinct contents that the filter lets through, by state; states without any are left out.
    package var rejects: [RejectState: Int64]
    package var groups: [Group]
    /// Groups that were not told.
    package var groupsLeftOut: Int64
}
