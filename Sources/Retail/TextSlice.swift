/// A string inside the text of a ``SaleBatch``: where its UTF-8 bytes begin and how many they are.
///
/// Full-width numbers, because a batch of large records may hold more text than 32 bits count.
package struct TextSlice: Sendable, Hashable {
    /// Where the bytes begin in ``SaleBatch/text``.
    package var offset: Int
    /// How many bytes there are.
    package var length: Int

    /// Makes a slice.
    package init(offset: Int, length: Int) {
        self.offset = offset
        self.length = length
    }
}
