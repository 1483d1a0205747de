/// Sales kept as they were given, sorted by id. A row without a usable id stays behind the one it followed.
struct StoredSales: SalesSource {
    private struct Row: Sendable {
        var bytes: Range<Int>
        var id: Int64?
        /// The id to sort by: its own, or that of the row before it.
        var place: Int64
        /// Days since 1970-01-01; that of the row before it if it has none.
        var day: Int
    }

    private var bytes: [UInt8] = []
    private var rows: [Row] = []

    /// Takes rows that lie one behind the other in `bytes`.
    init(bytes: [UInt8], ranges: [Range<Int>]) {
        self.bytes = bytes
        var previous: Row?
        rows = ranges.map { range in
            let row = Self.row(of: bytes, range, after: previous)
            previous = row
            return row
        }
        sort()
    }

    var count: Int { rows.count }

    func id(at index: Int) -> Int64? { rows[index].id }

    func firstIndex(fromID id: Int64) -> Int {
        lowerBound { $0.place < id }
    }

    func firstIndex(fromDay day: Int) -> Int {
        // Days need not ascend with ids: the first sale of the day is the one with the smallest id.
        rows.firstIndex { $0.day >= day } ?? rows.count
    }

    func appendRow(at index: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.bytes[rows[index].bytes])
    }

    /// Adds a sale, or puts it in the place of the one with its id.
    mutating func publish(_ row: [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: row)
        let added = Self.row(of: bytes, start..<bytes.count, after: rows.last)
        if let id = added.id, let known = rows.firstIndex(where: { $0.id == id }) {
            rows[known] = added
        } else {
            rows.append(added)
            sort()
        }
    }

    private mutating func sort() {
        // By index as well: Swift's sort promises no stability.
        let sorted = rows.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
        rows = sorted.map(\.element)
    }

    private func lowerBound(_ isBefore: (Row) -> Bool) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(rows[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func row(of bytes: [UInt8], _ range: Range<Int>, after previous: Row?) -> Row {
        let row = bytes[range]
        func field(_ key: String) -> ArraySlice<UInt8>? {
            JSONFields.value(of: key, in: row).map {
                row[(range.lowerBound + $0.lowerBound)..<(range.lowerBound + $0.upperBound)]
            }
        }
        let id = field("id").flatMap { JSONFields.integer($0) }
        let day = field("datetime").flatMap { CalendarDay.number(of: $0.dropFirst()) }
        return Row(
            bytes: range, id: id, place: id ?? previous?.place ?? Int64.min, day: day ?? previous?.day ?? Int.min)
    }
}
