/// How the rows are wrapped in a page's body.
package enum PageShape: Sendable, Hashable {
    /// `[…]`
    case bareArray
    /// `{"data": […]}`, with `"total"` or without.
    case data(total: Bool)
    /// `{"items": […]}`, with `"total"` or without.
    case items(total: Bool)

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
