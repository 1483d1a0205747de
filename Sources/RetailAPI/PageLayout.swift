/// Where the rows of a page's body lie.
package struct PageLayout: Sendable, Hashable {
    /// The bytes of each element of the array, without the blanks around it.
    package var rows: [Range<Int>] = []
    /// The number under `total`, if the body is an object that has one.
    package var declaredTotal: Int64?
}
