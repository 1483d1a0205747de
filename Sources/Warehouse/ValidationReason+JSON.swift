internal import Foundation
internal import Retail

extension [ValidationReason] {
    /// The reasons as the warehouse keeps them: `[{"code":…,"field":…,"message":…},…]`.
    var json: String {
        let objects = map { ["field": $0.field, "code": $0.code.rawValue, "message": $0.message] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings keyed by strings always encode.
        return (try? encoder.encode(objects)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
