/// What a warehouse knows of the pages that its records came in. Blocking: from a thread of its own.
package protocol PublishedPages: Sendable {
    /// The version of the records that came in the page of this name: of its first answer, if it came again. Nil when
    /// raw has none. May read all of raw.
    func version(ofPage name: String) throws -> Int64?
}
