internal import Foundation
internal import Retail

/// The keys of a catalogue's snapshot, as they are kept: a JSON array in byte order, and its digest.
struct CatalogueKeys {
    let keys: [String]
    let json: String
    let digest: Int64

    init(_ keys: [String]) throws {
        self.keys = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        json = String(decoding: try encoder.encode(self.keys), as: UTF8.self)
        digest = Array(json.utf8).withUnsafeBytes { ContentHash.of($0) }
    }

    init(json: String) throws {
        try self.init(JSONDecoder().decode([String].self, from: Data(json.utf8)))
    }
}
