/// One question to the API.
struct PageRequest: Sendable {
    let endpoint: Endpoint
    let parameter: String
    let value: String
    let limit: Int

    /// What is asked, for people.
    var text: String { "\(parameter)=\(value), limit \(limit)" }

    /// The URL of it under a base URL, with or without a slash at its end.
    func url(base: String) -> String {
        var base = base[...]
        while base.last == "/" { base.removeLast() }
        return "\(base)/\(endpoint.rawValue)?\(parameter)=\(Self.escaped(value))&limit=\(limit)"
    }

    private static func escaped(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
