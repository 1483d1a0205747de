import CSimdJSON

/// Reads JSON records of one shape by the C++ reader: see `CSimdJSON.h`. One owner; what it returns is good until it
/// reads again.
final class JSONRecordReader {
    private let reader: OpaquePointer

    /// - Parameters:
    ///   - fields: The wanted fields, at most 8.
    ///   - elementFields: The wanted fields of objects inside the arrays among them, at most 4.
    ///   - elementsMax: How many elements of one array are kept; all are checked and counted.
    init(fields: [String], elementFields: [String] = [], elementsMax: Int) {
        let created = Self.withNames(fields) { fieldNames in
            Self.withNames(elementFields) { elementFieldNames in
                json_reader_create(
                    fieldNames.baseAddress, fieldNames.count, elementFieldNames.baseAddress, elementFieldNames.count,
                    UInt32(elementsMax))
            }
        }
        guard let created else { preconditionFailure("no memory for a JSON reader, or a shape with too many fields") }
        reader = created
    }

    deinit {
        json_reader_destroy(reader)
    }

    func read(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<json_record> {
        // The C function returns a pointer into the reader, never NULL.
        json_reader_read(reader, bytes.baseAddress, bytes.count).unsafelyUnwrapped
    }

    /// Lends the names as C strings.
    private static func withNames<Result>(
        _ names: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for name in names {
            starts.append(bytes.count)
            bytes.append(contentsOf: name.utf8CString)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            let pointers = starts.map { start in bytes.baseAddress.map { $0 + start } }
            return pointers.withUnsafeBufferPointer(body)
        }
    }
}

extension json_value {
    /// The bytes of a string, of a number, or of true and false; none for any other kind.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: text, count: Int(length)) }

    /// Whether the bytes hold a control character: U+0000 to U+001F, U+007F, or U+0080 to U+009F.
    var hasControlCharacter: Bool {
        var before: UInt8 = 0
        for byte in bytes {
            if byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte & 0xE0 == 0x80) { return true }
            before = byte
        }
        return false
    }
}
