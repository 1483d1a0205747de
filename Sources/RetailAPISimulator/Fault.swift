/// One way in which the simulated API misbehaves, and when.
package struct Fault: Sendable, Hashable {
    /// What goes wrong.
    package enum Kind: Sendable, Hashable {
        /// An answer with this status, perhaps with `Retry-After`.
        case status(Int, retryAfterSeconds: Int?)
        /// No answer: the connection is held until the client gives up.
        case hang
        /// The connection is cut in the middle of the body.
        case cut
        /// The body ends in the middle, though the answer is complete.
        case malformed
        /// A web page in place of JSON.
        case html
        /// The last page of this listing once more.
        case repeatedPage
        /// A page without rows in the middle.
        case emptyPage
        /// A `total` that is not true.
        case lyingTotal
        /// Half of the rows asked for.
        case fewerRows
        /// The sale is another one (a quantity has changed) once it has been served.
        case changingSale
        /// The sale appears only after a sale five places behind it has been served.
        case lateSale
        /// The row is broken in itself.
        case badRow(BadRow)
        /// A whole sweep of products or customers is wrong.
        case catalogue(CatalogueFault)
    }

    /// What is wrong with a row.
    package enum BadRow: String, Sendable, Hashable, CaseIterable {
        /// Words that are no JSON.
        case words
        /// Numbers and texts where others belong.
        case types
        /// An object without its fields.
        case missing
        /// One key twice.
        case duplicateKey = "duplicate-key"
        /// A byte that is not UTF-8.
        case utf8
        /// A bracket too few, which breaks the array around it.
        case unbalanced
    }

    /// What is wrong with a catalogue.
    package enum CatalogueFault: String, Sendable, Hashable, CaseIterable {
        /// It ends after its first half; the total still counts all.
        case truncated
        /// Every second row is gone, and the total knows it.
        case halved
        /// It has no rows.
        case empty
        /// Every price is in hundredths: 12.50 becomes 1250.
        case repriced
        /// The first row comes again at the end.
        case duplicated
        /// The first row comes again at the end, with another price.
        case drift
    }

    /// When a fault happens. For faults of sales the n-th sale is meant, for those of catalogues the n-th sweep, else
    /// the n-th request.
    package enum Trigger: Sendable, Hashable {
        /// Each time.
        case always
        /// The first so many times.
        case first(Int)
        /// Each so-manieth time.
        case every(Int)
        /// By chance, from 0 (never) to 1 (always); the same sales each time.
        case probability(Double)
    }

    /// What goes wrong.
    package var kind: Kind
    /// When it goes wrong.
    package var trigger: Trigger
    /// Where it goes wrong; nil: wherever it can.
    package var endpoint: SimulatedEndpoint?

    /// Makes a fault.
    package init(_ kind: Kind, _ trigger: Trigger = .always, on endpoint: SimulatedEndpoint? = nil) {
        self.kind = kind
        self.trigger = trigger
        self.endpoint = endpoint
    }

    /// The name under which it is counted and given on the command line.
    package var name: String {
        switch kind {
        case .status(let status, _): String(status)
        case .hang: "timeout"
        case .cut: "cut"
        case .malformed: "malformed"
        case .html: "html"
        case .repeatedPage: "repeat"
        case .emptyPage: "empty"
        case .lyingTotal: "total"
        case .fewerRows: "fewer"
        case .changingSale: "change"
        case .lateSale: "late"
        case .badRow(let row): "row-\(row.rawValue)"
        case .catalogue(let fault): "catalogue-\(fault.rawValue)"
        }
    }

    /// Whether it is a matter of single rows.
    var isOfRows: Bool {
        switch kind {
        case .changingSale, .lateSale, .badRow: true
        default: false
        }
    }

    /// Whether it can happen in this listing.
    func applies(to endpoint: SimulatedEndpoint) -> Bool {
        if let wanted = self.endpoint, wanted != endpoint { return false }
        return switch kind {
        case .changingSale, .lateSale: endpoint == .sales
        case .badRow: self.endpoint != nil || endpoint == .sales
        case .catalogue: endpoint != .sales
        default: true
        }
    }
}
