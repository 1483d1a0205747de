/// An answer that stays unreadable, whatever limit it is asked with.
struct UnreadablePage: Sendable {
    let request: PageRequest
    /// The bytes as served; none when there were too many to take in.
    let body: [UInt8]
    let answeredAtMicroseconds: Int64
    /// What is wrong with it.
    var error: RetailAPIError
    /// Whether another answer from the same start held the sale that is the start: the API serves it.
    var servesStart = false

    /// Whether fewer rows may be readable.
    var dependsOnLimit: Bool { [.pageBroken, .tooLarge, .rowTooLarge].contains(error.code) }
}
