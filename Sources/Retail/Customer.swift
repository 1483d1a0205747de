/// A valid customer of the catalogue. Personal data: never logged.
package struct Customer: Sendable, Hashable {
    /// The customer's key: the string, or the number's own text.
    package var customerID: String
    /// The e-mail addresses in order.
    package var emails: [String]
    /// The telephone numbers in order.
    package var phoneNumbers: [String]
    /// A hash of all of the above.
    package var contentHash: Int64
}
