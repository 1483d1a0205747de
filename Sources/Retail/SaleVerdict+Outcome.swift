extension SaleVerdict {
    /// What the warehouse is to write for one judged record, in one transaction.
    package struct Outcome: Sendable, Hashable {
        /// What becomes of the sale's row in ods.
        package var sale = SaleAction.keep
        /// The state in which this record's refusal is to be recorded; nil for a valid record.
        package var reject: RejectState?
        /// Whether the reject of this same version is to be removed, because the record is valid now.
        package var removesReject = false
        /// The new state of the reject that was the sale's highest before; nil when it does not change.
        ///
        /// Rejects below the highest are superseded already, and stay so.
        package var earlierReject: RejectState?

        /// Makes an outcome; by default nothing is to be written.
        package init(
            sale: SaleAction = .keep, reject: RejectState? = nil, removesReject: Bool = false,
            earlierReject: RejectState? = nil
        ) {
            self.sale = sale
            self.reject = reject
            self.removesReject = removesReject
            self.earlierReject = earlierReject
        }
    }

    /// What becomes of the sale's row in ods.
    package enum SaleAction: Sendable, Hashable {
        /// Nothing: ods has it already, or has something newer.
        case keep
        /// Insert it, or replace what is there (equal content raises the stored version and nothing else).
        case write
        /// Remove it with its lines and speed rows: the same version is refused now.
        case remove
    }
}
