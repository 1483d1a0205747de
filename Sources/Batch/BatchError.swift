package import Warehouse

/// Why the batch layer did not believe or not apply something.
package struct BatchError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The API's listing never agreed with itself: nothing of it was kept.
        package static let catalogueUnproven = Code(rawValue: "catalogue_unproven")
    }

    package let code: Code
    package let catalogue: Catalogue
    /// What was seen, without any row of data.
    package let reason: String

    package var description: String {
        "\(catalogue.rawValue): the full refresh is not believed: \(reason); "
            + "nothing of it was applied; try again, and tell the API's owner if it stays so"
    }
}
