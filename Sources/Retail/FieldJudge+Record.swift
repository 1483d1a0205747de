import CSimdJSON

extension FieldJudge {
    /// Judges the record as a whole: JSON, an object, and no key twice in one object.
    ///
    /// - Parameters:
    ///   - record: What the reader found.
    ///   - fields: The names of the wanted fields, for the paths of elements.
    /// - Returns: Whether there are fields to judge.
    @inline(__always)
    mutating func record(_ record: UnsafePointer<json_record>, fields: @autoclosure () -> [String]) -> Bool {
        if record.pointee.status == json_status_ok, record.pointee.kind == json_kind_object,
            record.pointee.duplicate_count == 0
        {
            return true
        }
        return refuse(record, fields: fields())
    }

    private mutating func refuse(_ record: UnsafePointer<json_record>, fields: [String]) -> Bool {
        guard record.pointee.status == json_status_ok else {
            refuse(status: record.pointee.status, offset: record.pointee.error_offset)
            return false
        }
        for index in 0..<record.pointee.duplicate_count {
            duplicate(record.pointee.duplicates[index], fields: fields)
        }
        guard record.pointee.kind == json_kind_object else {
            let whole = json_value(text: nil, length: 0, kind: record.pointee.kind, is_unstorable: false)
            refuse(ValidationReason.wholeRecord, .notAnObject, "\(Quotation.kind(of: whole)) is not an object")
            return false
        }
        return true
    }

    private mutating func duplicate(_ duplicate: json_duplicate, fields: [String]) {
        var path = ""
        if duplicate.array < fields.count {
            path = "\(fields[Int(duplicate.array)])[\(duplicate.index)]"
        }
        if let key = duplicate.key {
            let bytes = UnsafeBufferPointer(start: key, count: Int(duplicate.key_length))
            let name = Quotation.name(bytes) ?? Quotation.someKey
            path += path.isEmpty ? name : ".\(name)"
        }
        refuse(
            path.isEmpty ? ValidationReason.wholeRecord : path, .duplicateKey,
            duplicate.is_nested ? "a key comes twice in an object in it" : "the key comes twice in one object")
    }

    private mutating func refuse(status: json_status, offset: UInt64) {
        let record = ValidationReason.wholeRecord
        if status == json_status_too_deep {
            refuse(record, .nestedTooDeep, "arrays and objects are nested deeper than 1000")
        } else if status == json_status_too_large {
            refuse(record, .tooLarge, "is larger than 1000000000 bytes")
        } else if status == json_status_no_memory {
            refuse(record, .tooLarge, "is larger than the memory there was to read it")
        } else {
            let place = offset == .max ? "" : " at byte \(offset)"
            refuse(record, .notJSON, "is not JSON: \(Self.words(for: status))\(place)")
        }
    }

    private static func words(for status: json_status) -> String {
        switch status {
        case json_status_empty: "there is no value"
        case json_status_not_utf8: "the text is not UTF-8"
        case json_status_bad_number: "a number is malformed"
        case json_status_bad_literal: "neither true nor false nor null"
        case json_status_bad_escape: "an escape in a string is malformed"
        case json_status_control_character: "a control character in a string is not escaped"
        case json_status_unclosed_string: "a string is not closed"
        case json_status_truncated: "it ends too early"
        case json_status_trailing_content: "something follows the value"
        default: "unexpected character"
        }
    }
}
