internal import Retail

extension UnsafeRawBufferPointer {
    /// The bytes of a string in the text of a `SaleBatch`.
    subscript(slice: TextSlice) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[slice.offset..<slice.offset + slice.length])
    }
}
