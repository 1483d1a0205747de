extension ValidationReason {
    /// The kind of a fault. The set of values this module uses is ``known``.
    package struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The label, in lower case with underscores.
        package let rawValue: String

        /// Makes a code from its label.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package var description: String { rawValue }
    }
}

extension ValidationReason.Code {
    /// The record has no bytes at all (a NULL payload).
    package static let noPayload = Self(rawValue: "no_payload")
    /// The bytes are not well-formed JSON in UTF-8.
    package static let notJSON = Self(rawValue: "not_json")
    /// Arrays and objects are nested deeper than 1,000.
    package static let nestedTooDeep = Self(rawValue: "nested_too_deep")
    /// The record is larger than this program reads.
    package static let tooLarge = Self(rawValue: "too_large")
    /// A key comes twice in one object.
    package static let duplicateKey = Self(rawValue: "duplicate_key")
    /// The field is not there.
    package static let missing = Self(rawValue: "missing")
    /// Not a JSON object.
    package static let notAnObject = Self(rawValue: "not_an_object")
    /// Not a JSON array.
    package static let notAnArray = Self(rawValue: "not_an_array")
    /// Not a string.
    package static let notAString = Self(rawValue: "not_a_string")
    /// Neither a string nor a number.
    package static let notAnIdentifier = Self(rawValue: "not_an_identifier")
    /// Not a number, and not a string that holds one.
    package static let notANumber = Self(rawValue: "not_a_number")
    /// Not a whole number.
    package static let notAnInteger = Self(rawValue: "not_an_integer")
    /// A number that is too large, too small or has the wrong sign.
    package static let outOfRange = Self(rawValue: "out_of_range")
    /// More than four decimals.
    package static let tooManyDecimals = Self(rawValue: "too_many_decimals")
    /// Not written as a date and time.
    package static let notADatetime = Self(rawValue: "not_a_datetime")
    /// Written as a date and time, but the calendar or the clock has none such.
    package static let noSuchDatetime = Self(rawValue: "no_such_datetime")
    /// A string that must not be empty is.
    package static let empty = Self(rawValue: "empty")
    /// A control character where none is allowed.
    package static let controlCharacter = Self(rawValue: "control_character")
    /// A string that cannot be stored as text: it holds the character U+0000 or half of a surrogate pair.
    package static let notText = Self(rawValue: "not_text")
    /// More lines than a sale may have.
    package static let tooManyLines = Self(rawValue: "too_many_lines")
    /// There were more reasons than are told.
    package static let moreReasons = Self(rawValue: "more_reasons")

    /// Every code this module uses.
    package static let known: [Self] = [
        .noPayload, .notJSON, .nestedTooDeep, .tooLarge, .duplicateKey, .missing, .notAnObject, .notAnArray,
        .notAString, .notAnIdentifier, .notANumber, .notAnInteger, .outOfRange, .tooManyDecimals, .notADatetime,
        .noSuchDatetime, .empty, .controlCharacter, .notText, .tooManyLines, .moreReasons,
    ]
}
