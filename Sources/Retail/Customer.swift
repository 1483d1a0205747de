/// A valid customer of the catalogue. Personal data: never logged.
package struct Customer: Sendable, Hashable {
    /// The customer's key: the string, or the number's own text.
    package let customerID: String
    /// The e-mail addresses in order.
    package let emails: [String]
    /// The telephone numbers in order.
    package let phoneNumbers: [String]
    /// A hash of all of the above; see ``ContentHash``.
    package let contentHash: Int64

    /// Makes a customer of valid values and computes the hash.
    package init(customerID: String, emails: [String], phoneNumbers: [String]) {
        self.customerID = customerID
        self.emails = emails
        self.phoneNumbers = phoneNumbers
        let canonical = CanonicalBytes()
        canonical.append(customerID)
        canonical.append(emails)
        canonical.append(phoneNumbers)
        contentHash = canonical.contentHash
    }
}
