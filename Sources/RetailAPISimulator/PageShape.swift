/// How the rows are wrapped in a page's body.
package enum PageShape: Sendable, Hashable {
    /// `[…]`
    case bareArray
    /// `{"data": […]}`, with `"total"` or without.
    case data(total: Bool)
    /// `{"items": […]}`, with `"total"` or without.
    case items(total: Bool)

    /// Whether a page says how many rows there are in all.
    var hasTotal: Bool {
        switch self {
        case .bareArray: false
        case .data(let total), .items(let total): total
        }
    }

    /// The bytes before the first row.
    var opening: String {
        switch self {
        case .bareArray: "["
        case .data: #"{"data":["#
        case .items: #"{"items":["#
        }
    }

    /// The bytes behind the last row; `total` is used if the shape has one.
    func closing(total: Int) -> String {
        switch self {
        case .bareArray: "]"
        case .data(true), .items(true): #"],"total":\#(total)}"#
        case .data(false), .items(false): "]}"
        }
    }
}

/// The names on the command line: `array`, `data`, `items`, `data+total`, `items+total`.
extension PageShape: RawRepresentable, CaseIterable {
    package static let allCases: [PageShape] = [
        .bareArray, .data(total: false), .items(total: false), .data(total: true), .items(total: true),
    ]

    package init?(rawValue: String) {
        guard let shape = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = shape
    }

    package var rawValue: String {
        switch self {
        case .bareArray: "array"
        case .data(let total): total ? "data+total" : "data"
        case .items(let total): total ? "items+total" : "items"
        }
    }
}
