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

    /// Reads what `json` wrote; of anything else, nothing.
    init(json: String) {
        let objects = try? JSONDecoder().decode([[String: String]].self, from: Data(json.utf8))
        self = (objects ?? []).compactMap { object in
            guard let field = object["field"], let code = object["code"], let message = object["message"] else {
                return nil
            }
            return ValidationReason(field: field, code: ValidationReason.Code(rawValue: code), message: message)
        }
    }
}
