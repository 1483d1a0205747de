package import Retail

/// Where one sale is, layer by layer, as far as a warehouse knows. Times are UTC text, `YYYY-MM-DDTHH:MM:SS.mmmZ`.
package struct SaleTrace: Sendable, Hashable {
    /// One record of the sales topic that is this sale's.
    package struct Record: Sendable, Hashable {
        package var log: Int64
        /// nil when the warehouse does not know any more which topic the log was of.
        package var topic: String?
        package var partition: Int32
        package var offset: Int64
        package var version: Int64
        /// When the API answered with it, which is what the version says; nil in records of other producers.
        package var answered: String?
        /// The page file that it came in; nil in records of other producers.
        package var fileName: String?
        /// nil: raw does not hold the record, though another layer was written from it.
        package var raw: Raw?
    }

    /// A record as raw holds it.
    package struct Raw: Sendable, Hashable {
        /// Kafka's record timestamp.
        package var published: String
        package var bytes: Int64
        /// Whether views may open the payload as JSON.
        package var isJSON: Bool
        package var created: String
    }

    /// The row of ods.
    package struct Stored: Sendable, Hashable {
        package var datetime: String
        package var customerID: String?
        /// In 1/10,000.
        package var totalAmount: Int64?
        package var version: Int64
        package var revision: Int64
        /// The record that decided the row.
        package var decidedBy: RecordPlace
        package var created: String
        package var updated: String
    }

    /// One refused content of the sale.
    package struct Reject: Sendable, Hashable {
        package var state: RejectState
        package var reasons: [ValidationReason]
        /// The records with this content.
        package var places: [RecordPlace]
        /// Which program refused it last.
        package var codeVersion: String
        package var created: String
    }

    /// What the sale sold of one product, in ods and in the mart. Money is in 1/10,000.
    package struct Line: Sendable, Hashable {
        package var sku: String
        /// nil: ods has no such line.
        package var stored: Sold?
        /// nil: the served generation has no such line.
        package var mart: MartLine?
    }

    /// Quantity and amount, summed over the lines of one product.
    package struct Sold: Sendable, Hashable {
        package var quantity: Int64
        package var amount: Int64
    }

    /// A line of the served generation.
    package struct MartLine: Sendable, Hashable {
        package var sold: Sold
        package var description: String?
        /// In steps of 0.01 %.
        package var discount: Int64?
        /// Why the line is no row of the mart; nil when it is one.
        package var orphanReason: String?
        /// Of an orphan: when the sale was first ingested.
        package var since: String?
    }

    /// The generation of the mart that is served.
    package struct Generation: Sendable, Hashable {
        package var number: Int64
        /// nil: there was none yet.
        package var built: String?
        /// The revision of the sale that it was built from; nil when it does not know the sale.
        package var revision: Int64?
    }

    package var sale: Int64
    /// In the order that decides: by version, then by where they lie.
    package var records: [Record]
    package var stored: Stored?
    package var rejects: [Reject]
    /// By product.
    package var lines: [Line]
    package var generation: Generation

    /// Whether any layer knows the sale.
    package var isKnown: Bool {
        !records.isEmpty || stored != nil || !rejects.isEmpty || !lines.isEmpty || generation.revision != nil
    }
}

/// Finds one sale in all layers of a warehouse. Blocking: called from a thread of its own.
package protocol SaleTracer: Sendable {
    /// Looks everywhere. Each layer is seen as it is at one moment, which need not be the same one for all of them.
    ///
    /// raw knows no sale ids, so all of it is read and judged again: about a second for a million records.
    func trace(sale: Int64) throws -> SaleTrace
}
