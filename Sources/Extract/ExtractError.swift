/// Why extraction stopped, beside what the API, Kafka or the warehouse refused.
package struct ExtractError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Another extractor with the same cursor took over.
        package static let fenced = Code(rawValue: "fenced")
        /// The coordinator ended a transaction that was open for too long: nobody took over.
        package static let transactionExpired = Code(rawValue: "transaction_expired")
        /// The cursor in the state topic is not one of ours.
        package static let cursorUnreadable = Code(rawValue: "cursor_unreadable")
        /// The API kept serving rows below the start that was asked.
        package static let repeatedPage = Code(rawValue: "repeated_page")
        /// The API kept serving sales out of order where nobody would look back for those jumped over.
        package static let disordered = Code(rawValue: "disordered")
        /// A whole page without a sale to go on from.
        package static let stuck = Code(rawValue: "stuck")
        /// A file that is to be published is no page of sales, or it is not known when the API answered so.
        package static let pageFileRefused = Code(rawValue: "page_file_refused")
    }

    package let code: Code
    package let reason: String
    package let remedy: String

    package init(code: Code, reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(reason); \(remedy)" }
}
