/// The canonical form of one record's values, written into memory that is used again: see ``ContentHash``.
///
/// One owner; freed with it.
final class CanonicalBytes {
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0

    init() {
        memory = .allocate(byteCount: 4_096, alignment: 8)
    }

    deinit {
        memory.deallocate()
    }

    /// Begins a new record.
    func removeAll() {
        count = 0
    }

    /// The hash of what was written since.
    var contentHash: Int64 { ContentHash.of(UnsafeRawBufferPointer(rebasing: memory[..<count])) }

    func append(_ number: Int64) {
        reserve(8)
        memory.storeBytes(of: number.littleEndian, toByteOffset: count, as: Int64.self)
        count += 8
    }

    func append(_ text: UnsafeBufferPointer<UInt8>) {
        append(Int64(text.count))
        guard let start = text.baseAddress else { return }
        reserve(text.count)
        (memory.baseAddress.unsafelyUnwrapped + count).copyMemory(from: start, byteCount: text.count)
        count += text.count
    }

    func append(_ slice: TextSlice, of text: UnsafeBufferPointer<UInt8>) {
        append(UnsafeBufferPointer(rebasing: text[slice.offset..<slice.offset + slice.length]))
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    func append(_ texts: [String]) {
        append(Int64(texts.count))
        for text in texts {
            append(text)
        }
    }

    /// Says that an optional value follows, or that there is none.
    func append(isPresent: Bool) {
        reserve(1)
        memory[count] = isPresent ? 1 : 0
        count += 1
    }

    @inline(__always)
    private func reserve(_ bytes: Int) {
        if memory.count - count < bytes { grow(by: bytes) }
    }

    @inline(never)
    private func grow(by bytes: Int) {
        let size = max(memory.count * 2, count + bytes)
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }
}
