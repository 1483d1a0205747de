/// What a metric is called and what it means, as Prometheus is told.
struct MetricDescription: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let kind: Kind
    let name: String
    let help: String
    let labels: [String]

    /// - Precondition: name and labels are such as Prometheus takes.
    init(_ kind: Kind, _ name: String, help: String, labels: [String]) {
        precondition(MetricDescription.isName(name, allowsColon: true), "\(name) can't be the name of a metric")
        for label in labels {
            precondition(
                MetricDescription.isName(label, allowsColon: false) && !label.hasPrefix("__")
                    && !(kind == .histogram && label == "le"), "\(label) can't be a label of \(name)")
        }
        precondition(Set(labels).count == labels.count, "\(name) has a label twice")
        self.kind = kind
        self.name = name
        self.help = help
        self.labels = labels
    }

    /// The two lines above the samples.
    var head: String {
        "# HELP \(name) \(MetricDescription.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// One sample, with its newline.
    ///
    /// - Parameters:
    ///   - values: of the labels, in their order.
    ///   - bound: of a histogram's bucket.
    func sample(_ value: Double, suffix: String = "", _ values: [String], bound: Double? = nil) -> String {
        var pairs = zip(labels, values).map { "\($0)=\"\(MetricDescription.escaped($1, quotes: true))\"" }
        if let bound { pairs.append("le=\"\(MetricDescription.text(bound))\"") }
        let braces = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        return "\(name)\(suffix)\(braces) \(MetricDescription.text(value))\n"
    }

    /// - Precondition: as many values as there are labels.
    func check(_ values: [String]) {
        precondition(values.count == labels.count, "\(name) has \(labels.count) labels, not \(values.count)")
    }

    /// By scalars: a quote or a newline can be a part of a character of several.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
        // Beyond this a whole number would be written with digits that it does not have.
        if abs(number) < 1e15, let whole = Int64(exactly: number) { return String(whole) }
        return String(number)
    }

    private static func isName(_ text: String, allowsColon: Bool) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): allowsColon
            default: false
            }
        }
    }
}

/// All series of one metric.
protocol MetricFamily: Sendable {
    var description: MetricDescription { get }
    /// Every series as lines of text, in the order of their labels.
    var samples: String { get }
}

/// Label values in the order of text, so that the same state is the same text.
func inOrder(_ one: [String], _ other: [String]) -> Bool { one.lexicographicallyPrecedes(other) }
