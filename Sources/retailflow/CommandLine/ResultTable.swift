import Telemetry

/// Rows in aligned columns, for people.
struct ResultTable {
    /// One column.
    struct Column: Sendable {
        enum Alignment: Sendable {
            case left
            /// For numbers.
            case right
        }

        let title: String
        let alignment: Alignment

        /// A column of texts.
        static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }

        /// A column of numbers.
        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// An empty table.
    init(_ columns: Column...) {
        self.columns = columns
    }

    /// Adds a row; missing cells are empty, surplus ones are left away. What would break a line or steer a terminal
    /// is escaped: cells hold what an API served.
    mutating func add(_ cells: [String]) {
        rows.append(columns.indices.map { $0 < cells.count ? TextEscape.escaped(cells[$0]) : "" })
    }

    /// The table: titles, a rule, rows, each line with its newline and without blanks at its end.
    var text: String {
        let widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index])) }
        }
        var text = line(columns.map(\.title), widths)
        text += line(widths.map { String(repeating: "-", count: $0) }, widths)
        for row in rows { text += line(row, widths) }
        return text
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        var pendingBlanks = 0
        for (index, cell) in cells.enumerated() {
            let padding = widths[index] - DisplayWidth.of(cell)
            let isRight = columns[index].alignment == .right
            if isRight { pendingBlanks += padding }
            if !cell.isEmpty {
                line += String(repeating: " ", count: pendingBlanks) + cell
                pendingBlanks = 0
            }
            pendingBlanks += (isRight ? 0 : padding) + 2
        }
        return line + "\n"
    }
}
