internal import Foundation
internal import Retail

/// The keys of a catalogue's snapshot, as they are kept: a JSON array in byte order, and its digest.
struct CatalogueKeys {
    let keys: [String]
    let json: String
    let digest: Int64

    /// The keys as bytes: those that look the same ("é" in one code point or in two) are equal as strings.
    var bytes: Set<[UInt8]> { Set(keys.map { Array($0.utf8) }) }

    init(_ keys: [String]) {
        self.keys = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        json = self.keys.json
        digest = Array(json.utf8).withUnsafeBytes { ContentHash.of($0) }
    }

    init(json: String) throws {
        self.init(try JSONDecoder().decode([String].self, from: Data(json.utf8)))
    }
}
