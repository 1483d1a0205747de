internal import CMicroHTTPD
internal import Glibc

/// A body that ends before its time: it declares all its bytes and gives only the first of them.
final class CutBody {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// Copies the bytes from `position` on; -2 (`MHD_CONTENT_READER_END_WITH_ERROR`) behind the last one.
    func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard position < bytes.count else { return -2 }
        let part = bytes.dropFirst(position).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }
}

/// Called by the library for the next bytes of a body.
nonisolated let readCutBody: MHD_ContentReaderCallback = { context, position, buffer, count in
    guard let context, let buffer else { return -2 }
    return Unmanaged<CutBody>.fromOpaque(context).takeUnretainedValue()
        .read(from: Int(position), into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
}

/// Called by the library when it needs the body no more.
nonisolated let releaseCutBody: MHD_ContentReaderFreeCallback = { context in
    if let context { Unmanaged<CutBody>.fromOpaque(context).release() }
}
