/// What became of one catalogue row.
package enum Parsed<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The row is valid.
    case valid(Value)
    /// The row is refused; `key` is its own key when that much was usable, and there is at least one reason.
    case refused(key: String?, reasons: [ValidationReason])
}
