/// Products or customers kept as they were given, in their order.
struct StoredCatalogue: CatalogueSource {
    let bytes: [UInt8]
    let ranges: [Range<Int>]

    var count: Int { ranges.count }

    func appendRow(at index: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.bytes[ranges[index]])
    }
}
