internal import RetailAPI
internal import Retail
internal import Warehouse

/// One reading of a whole catalogue, page by page.
///
/// It takes pages in and says which to ask next; asking is somebody else's. The end is two empty pages in a row: one
/// alone may be the API's mistake.
struct CatalogueSweep {
    /// What the pages seen so far ask for.
    enum Step: Hashable {
        case ask(page: Int)
        case finished
        /// A page brought nothing but keys that were there already: the listing is repeating itself.
        case repeats(page: Int)
    }

    private let catalogue: Catalogue
    private let parser: CatalogueParser
    // As bytes: keys that look the same ("é" in one code point or in two) are equal as strings.
    private var indexOfKey: [[UInt8]: Int] = [:]
    private var payloadsWithoutKey: Set<[UInt8]> = []
    private var emptyPages = 0
    private(set) var rows: [CatalogueRow] = []
    private(set) var pages = 0
    /// Keys that came more than once, with the same bytes and with other bytes.
    private(set) var repeatedKeys = 0
    private(set) var conflictingKeys = 0
    /// The sweep ended at a page that brought nothing new: where the listing really ends is not known.
    private(set) var repeatsItself = false
    private(set) var declaredTotals: Set<Int64> = []
    private(set) var answeredAt: Int64 = 0

    init(_ catalogue: Catalogue, timeZone: RetailTimeZone) {
        self.catalogue = catalogue
        parser = CatalogueParser(timeZone: timeZone)
    }

    /// Takes in page `pages + 1`.
    mutating func take(_ page: APIPage) -> Step {
        pages += 1
        answeredAt = page.answeredAtMicroseconds
        if let total = page.declaredTotal { declaredTotals.insert(total) }
        if page.rows.isEmpty {
            emptyPages += 1
            return emptyPages == 2 ? .finished : .ask(page: pages + 1)
        }
        emptyPages = 0
        var bringsNew = false
        for range in page.rows where add(Array(page.body[range]), fileName: page.fileName) { bringsNew = true }
        repeatsItself = !bringsNew
        return repeatsItself ? .repeats(page: pages) : .ask(page: pages + 1)
    }

    /// Adds a row unless its key is there; false when nothing like it is new.
    private mutating func add(_ payload: [UInt8], fileName: String) -> Bool {
        let (key, isJSON) = payload.withUnsafeBytes { bytes in
            switch catalogue {
            case .products: parser.product(bytes).keyAndForm { $0.sku }
            case .customers: parser.customer(bytes).keyAndForm { $0.customerID }
            }
        }
        if let key {
            let key = Array(key.utf8)
            if let index = indexOfKey[key] {
                if rows[index].payload == payload { repeatedKeys += 1 } else { conflictingKeys += 1 }
                return false
            }
            indexOfKey[key] = rows.count
        }
        rows.append(CatalogueRow(key: key, payload: payload, isJSON: isJSON, fileName: fileName))
        // Without a key two rows may well be alike; a whole page of known ones is a page served again.
        return key != nil || payloadsWithoutKey.insert(payload).inserted
    }

    /// Whether two sweeps saw the same rows, wherever they stood.
    func agrees(with other: CatalogueSweep) -> Bool {
        rows.count == other.rows.count && repeatedKeys == other.repeatedKeys && conflictingKeys == other.conflictingKeys
            && Set(rows.map(\.payload)) == Set(other.rows.map(\.payload))
    }
}

extension Parsed {
    /// The row's key, and whether the row is JSON that views may open.
    fileprivate func keyAndForm(_ key: (Value) -> String) -> (String?, Bool) {
        switch self {
        case .valid(let value): (key(value), true)
        case .refused(let key, let reasons): (key, !reasons.contains { $0.code == .notJSON })
        }
    }
}
