import Foundation

/// Prometheus' text format 0.0.4, read strictly and by other means than it is written: what a scraper would take.
struct PrometheusText {
    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    struct Family {
        var help: String?
        var kind: String?
        var samples: [Sample] = []
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var families: [String: Family] = [:]

    /// - Throws: `Malformed` for everything that the format does not allow, or that a series can't be.
    init(_ text: String) throws {
        guard text.isEmpty || text.utf8.last == UInt8(ascii: "\n") else {
            throw Malformed(description: "no newline at the end")
        }
        var current = ""
        var closed: Set<String> = []
        for bytes in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: bytes, as: UTF8.self)
            if line.hasPrefix("# ") {
                let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 4, ["HELP", "TYPE"].contains(parts[1]) else { continue }
                if parts[2] != current {
                    closed.insert(current)
                    current = parts[2]
                    guard !closed.contains(current) else { throw Malformed(description: "\(current) in two groups") }
                }
                if parts[1] == "HELP" {
                    guard families[current]?.help == nil else { throw Malformed(description: "two HELP: \(line)") }
                    families[current, default: Family()].help = try Self.unescaped(parts[3], isLabel: false)
                } else {
                    guard families[current]?.kind == nil, families[current]?.samples.isEmpty ?? true else {
                        throw Malformed(description: "TYPE too late: \(line)")
                    }
                    guard ["counter", "gauge", "histogram", "summary", "untyped"].contains(parts[3]) else {
                        throw Malformed(description: line)
                    }
                    families[current, default: Family()].kind = parts[3]
                }
                continue
            }
            guard !line.hasPrefix("#") else { continue }
            let sample = try Self.sample(line)
            let isHistogram = families[current]?.kind == "histogram"
            let names = isHistogram ? ["_bucket", "_sum", "_count"].map { current + $0 } : [current]
            guard names.contains(sample.name) else { throw Malformed(description: "not under its TYPE: \(line)") }
            let known = families[current]?.samples ?? []
            guard !known.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                throw Malformed(description: "twice: \(line)")
            }
            families[current]?.samples.append(sample)
        }
        for (name, family) in families where family.kind == "histogram" { try Self.checkHistogram(name, family) }
    }

    /// The value of a series; nil if there is none.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        families.values.lazy.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }

    /// By scalars, as every other reader of UTF-8 does it.
    private static func sample(_ line: String) throws -> Sample {
        var rest = Array(line.unicodeScalars)[...]
        func fail() -> Malformed { Malformed(description: line) }
        func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
            default: false
            }
        }
        func takeName() throws -> String {
            let name = rest.prefix(while: isNamePart)
            guard let first = name.first, !(("0"..."9") ~= first) else { throw fail() }
            rest = rest.dropFirst(name.count)
            return String(String.UnicodeScalarView(name))
        }
        func take(_ wanted: Unicode.Scalar) throws { guard rest.popFirst() == wanted else { throw fail() } }
        let name = try takeName()
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let label = try takeName()
                try take("=")
                try take("\"")
                var value = String.UnicodeScalarView()
                while let scalar = rest.popFirst(), scalar != "\"" {
                    value.append(scalar)
                    if scalar == "\\" { value.append(try rest.popFirst() ?? { throw fail() }()) }
                }
                guard labels.updateValue(try unescaped(String(value), isLabel: true), forKey: label) == nil else {
                    throw fail()
                }
                if rest.first == "," { rest = rest.dropFirst() } else if rest.first != "}" { throw fail() }
            }
            rest = rest.dropFirst()
        }
        try take(" ")
        let number = String(String.UnicodeScalarView(rest))
        let values = ["+Inf": Double.infinity, "-Inf": -Double.infinity, "NaN": Double.nan]
        guard let value = values[number] ?? Double(number) else { throw fail() }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func unescaped(_ text: String, isLabel: Bool) throws -> String {
        var result = String.UnicodeScalarView()
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                result.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "\"" where isLabel: result.append("\"")
            default: throw Malformed(description: "escaped wrongly: \(text)")
            }
        }
        return String(result)
    }

    private static func checkHistogram(_ name: String, _ family: Family) throws {
        let groups = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
        for (labels, samples) in groups {
            let buckets = samples.filter { $0.name == "\(name)_bucket" }
            let bounds = buckets.compactMap { bucket in
                bucket.labels["le"].flatMap { $0 == "+Inf" ? .infinity : Double($0) }
            }
            let count = samples.first { $0.name == "\(name)_count" }?.value
            guard bounds.count == buckets.count, bounds == bounds.sorted(), bounds.last == .infinity,
                buckets.map(\.value) == buckets.map(\.value).sorted(), count == buckets.last?.value,
                samples.contains(where: { $0.name == "\(name)_sum" })
            else { throw Malformed(description: "\(name)\(labels) is no histogram") }
        }
    }
}
