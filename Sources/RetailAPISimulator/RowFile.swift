internal import Foundation

/// Rows in one piece of memory: a file of lines, or rows from the program.
struct RowFile {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []

    /// Puts rows one behind the other.
    init(_ rows: [String]) {
        for row in rows {
            let start = bytes.count
            bytes.append(contentsOf: row.utf8)
            ranges.append(start..<bytes.count)
        }
    }

    /// Reads a file of which each line that is not blank is a row. A file that is not there has no rows, unless it has
    /// to exist; one that cannot be read throws.
    init(path: String, mustExist: Bool = false) throws(SimulatorError) {
        guard mustExist || FileManager.default.fileExists(atPath: path) else { return }
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw SimulatorError(code: .dataUnreadable, reason: "\(path): \(error.localizedDescription)")
        }
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var last = end
            while last > start, bytes[last - 1] <= 0x20 { last -= 1 }
            if last > start { ranges.append(start..<last) }
            start = end + 1
        }
    }
}
