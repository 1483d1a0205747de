/// Something that must not be: what a fuzzer looks for.
package struct Finding: Error, CustomStringConvertible {
    /// What was expected and what came instead.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Throws unless a condition holds.
    static func expect(_ condition: Bool, _ description: @autoclosure () -> String) throws(Finding) {
        guard condition else { throw Finding(description()) }
    }

    /// Throws unless two values are equal.
    static func expect<Value: Equatable>(
        _ value: Value, equals wanted: Value, _ name: @autoclosure () -> String
    ) throws(Finding) {
        guard value == wanted else { throw Finding("\(name()): \(value), expected \(wanted)") }
    }
}
