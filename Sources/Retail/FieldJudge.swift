import CSimdJSON

/// Judges the fields of one record: gives a value, or keeps the reason why there is none.
struct FieldJudge {
    /// The reasons so far, at most ``RetailLimits/reasonsMax``.
    private(set) var reasons: [ValidationReason] = []
    private var untold = 0

    init() {}

    /// Whether nothing was wrong so far.
    var isContent: Bool { reasons.isEmpty }

    /// The reasons, with a last one that counts those that were not told.
    var allReasons: [ValidationReason] {
        guard untold > 0 else { return reasons }
        return reasons + [
            ValidationReason(
                field: ValidationReason.wholeRecord, code: .moreReasons, message: "\(untold) more reasons not told")
        ]
    }

    /// Keeps a reason.
    mutating func refuse(_ field: String, _ code: ValidationReason.Code, _ message: String) {
        guard reasons.count < RetailLimits.reasonsMax else {
            untold += 1
            return
        }
        reasons.append(ValidationReason(field: field, code: code, message: message))
    }

    /// A number, or a string that holds a JSON number, times 10^`decimals`.
    ///
    /// - Parameter sizeMax: The largest size of the result.
    @inline(__always)
    mutating func number(
        _ value: json_value, decimals: Int, sizeMax: Int64, field: @autoclosure () -> String
    ) -> Int64? {
        let fault: ExactDecimal.Fault
        if value.kind == json_kind_number || value.kind == json_kind_string {
            do throws(ExactDecimal.Fault) {
                return try ExactDecimal(jsonNumber: value.bytes).scaled(decimals: decimals, sizeMax: sizeMax)
            } catch {
                fault = error
            }
        } else {
            fault = .notANumber
        }
        refuse(number: value, fault, decimals: decimals, sizeMax: sizeMax, field: field())
        return nil
    }

    private mutating func refuse(
        number value: json_value, _ fault: ExactDecimal.Fault, decimals: Int, sizeMax: Int64, field: String
    ) {
        guard value.kind != json_kind_missing else { return refuse(field, .missing, "is missing") }
        let quoted = Quotation.value(value)
        switch fault {
        case .notANumber where decimals == 0: refuse(field, .notAnInteger, "\(quoted) is not an integer")
        case .notANumber: refuse(field, .notANumber, "\(quoted) is not a number")
        case .tooManyDecimals where decimals == 0: refuse(field, .notAnInteger, "\(quoted) is not an integer")
        case .tooManyDecimals: refuse(field, .tooManyDecimals, "\(quoted) has more than \(decimals) decimals")
        case .outOfRange:
            let size = decimals == 0 ? sizeMax : sizeMax / Money.unitsPerCurrencyUnit
            refuse(field, .outOfRange, "\(quoted) is larger than \(size) in size")
        }
    }

    /// A product's key: a string that is not empty and holds no control character (U+0000 to U+001F, U+007F to U+009F).
    @inline(__always)
    mutating func sku(_ value: json_value, field: @autoclosure () -> String) -> UnsafeBufferPointer<UInt8>? {
        if value.kind == json_kind_string, value.length > 0, !value.is_unstorable, !value.hasControlCharacter {
            return value.bytes
        }
        refuse(sku: value, field: field())
        return nil
    }

    private mutating func refuse(sku value: json_value, field: String) {
        if value.kind == json_kind_missing {
            refuse(field, .missing, "is missing")
        } else if value.kind != json_kind_string {
            refuse(field, .notAString, "\(Quotation.value(value)) is not a string")
        } else if value.length == 0 {
            refuse(field, .empty, "is empty")
        } else if value.hasControlCharacter {
            refuse(field, .controlCharacter, "\(Quotation.value(value)) holds a control character")
        } else {
            refuse(field, .notText, "holds half of a surrogate pair")
        }
    }

    /// A customer's key: the bytes of a string or of a number's own text; nil when it is missing, null or empty, or
    /// refused. Its content is in no message.
    mutating func customerID(_ value: json_value) -> UnsafeBufferPointer<UInt8>? {
        switch value.kind {
        case json_kind_missing, json_kind_null: return nil
        case json_kind_number: return value.bytes
        case json_kind_string:
            guard !value.is_unstorable else {
                refuse("customer_id", .notText, "holds U+0000 or half of a surrogate pair")
                return nil
            }
            return value.length == 0 ? nil : value.bytes
        default:
            refuse("customer_id", .notAnIdentifier, "\(Quotation.kind(of: value)) is neither a string nor a number")
            return nil
        }
    }

    /// A date and time that exists. Nil when it does not, is missing or is something else.
    @inline(__always)
    mutating func datetime(_ value: json_value, field: String) -> (written: WrittenDatetime, seconds: Int64)? {
        if value.kind == json_kind_string, let written = WrittenDatetime(value.bytes), let seconds = written.seconds {
            return (written, seconds)
        }
        refuse(datetime: value, field: field)
        return nil
    }

    private mutating func refuse(datetime value: json_value, field: String) {
        if value.kind == json_kind_missing {
            refuse(field, .missing, "is missing")
        } else if value.kind == json_kind_string, WrittenDatetime(value.bytes) != nil {
            refuse(field, .noSuchDatetime, "\(Quotation.value(value)) does not exist in the calendar")
        } else {
            refuse(field, .notADatetime, "\(Quotation.value(value)) is not a datetime (YYYY-MM-DDTHH:MM:SS)")
        }
    }
}
