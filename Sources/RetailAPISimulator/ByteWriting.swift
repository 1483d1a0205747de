/// The few ways in which rows are written, without a `String` between.
extension [UInt8] {
    mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    mutating func write(_ text: String) {
        append(contentsOf: text.utf8)
    }

    mutating func write(_ number: some BinaryInteger) {
        var rest = UInt64(number.magnitude)
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        repeat {
            append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest != 0
        self[start...].reverse()
    }

    /// A number with so many digits at least, filled with zeros.
    mutating func write(_ number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(1, digits) { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Hundredths as a decimal with two places.
    mutating func write(hundredths: Int) {
        if hundredths < 0 { append(UInt8(ascii: "-")) }
        let magnitude = hundredths.magnitude
        write(magnitude / 100)
        append(UInt8(ascii: "."))
        write(Int(magnitude % 100), digits: 2)
    }
}
