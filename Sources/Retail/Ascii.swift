/// The characters that the parsers of this module look for, as bytes.
enum Ascii {
    static let plus = UInt8(ascii: "+")
    static let minus = UInt8(ascii: "-")
    static let point = UInt8(ascii: ".")
    static let zero = UInt8(ascii: "0")
    static let colon = UInt8(ascii: ":")
    static let blank = UInt8(ascii: " ")
    static let uppercaseT = UInt8(ascii: "T")
    static let uppercaseZ = UInt8(ascii: "Z")
    static let lowercaseE = UInt8(ascii: "e")

    /// The value of a decimal digit; nil for any other byte.
    @inline(__always)
    static func digit(_ byte: UInt8) -> UInt8? {
        let value = byte &- zero
        return value < 10 ? value : nil
    }
}
