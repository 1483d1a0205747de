import Foundation

/// Pairs of runs of the program and its reference, in turns.
struct Comparison {
    private(set) var program: [ChildProcess] = []
    private(set) var reference: [ChildProcess] = []

    /// Runs pairs; who comes first changes from pair to pair, so that neither always finds the warmer machine.
    init(
        pairs: Int, program runProgram: (Int) throws -> ChildProcess,
        reference runReference: (Int) throws -> ChildProcess
    )
        throws
    {
        for pair in 0..<pairs {
            if pair.isMultiple(of: 2) {
                program.append(try runProgram(pair))
                reference.append(try runReference(pair))
            } else {
                reference.append(try runReference(pair))
                program.append(try runProgram(pair))
            }
        }
    }

    /// Prints the ratio of speeds, which is the verdict, and what explains it.
    func report(_ title: String, units: Int, unit: String) {
        let ratios = zip(program, reference).map { $1.seconds / $0.seconds }
        show("\(title): \(units) \(unit), \(ratios.count) pairs")
        show("  speed        \(summary(ratios, digits: 2)) of the reference's")
        line("seconds", \.seconds, digits: 2)
        line("CPU seconds", \.processorSeconds, digits: 2)
        line("peak MiB", \.peakMebibytes, digits: 0)
        let perSecond = median(program.map { Double(units) / $0.seconds })
        show(
            "  \(unit)/s".padded(to: 15)
                + "\(Int(perSecond)), reference \(Int(median(reference.map { Double(units) / $0.seconds })))")
    }

    private func line(_ name: String, _ value: (ChildProcess) -> Double, digits: Int) {
        let mine = summary(program.map(value), digits: digits)
        show("  \(name)".padded(to: 15) + "\(mine), reference \(summary(reference.map(value), digits: digits))")
    }

    /// Writes at once: a run takes minutes, and its output may be a file.
    private func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// The median and the smallest and largest value.
    private func summary(_ values: [Double], digits: Int) -> String {
        let smallest = values.min() ?? 0
        let largest = values.max() ?? 0
        return "\(rounded(median(values), digits)) (\(rounded(smallest, digits))–\(rounded(largest, digits)))"
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    private func rounded(_ value: Double, _ digits: Int) -> String {
        value.formatted(
            .number.precision(.fractionLength(digits)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
