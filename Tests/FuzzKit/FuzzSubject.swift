/// A parser that is given whatever bytes, and what must hold of it for all of them.
package enum FuzzSubject: String, Sendable, CaseIterable {
    /// One record of the sales topic.
    case record
    /// The body of an API's answer.
    case page
    /// One row of `/products` or `/customers`.
    case catalogue

    /// Throws what is wrong with the parser's answer to an input. Never crashes for another reason than the parser.
    package func check(_ bytes: [UInt8]) throws(Finding) {
        switch self {
        case .record: try RecordProperties.check(bytes)
        case .page: try PageProperties.check(bytes)
        case .catalogue: try CatalogueProperties.check(bytes)
        }
    }
}
