/// Finds the word that a user may have meant.
package enum NearestWord {
    /// The candidate nearest to a word, or nil if none is near enough to be worth a question.
    ///
    /// Near enough is at most one slip (a letter added, left out, changed, or two swapped) per three letters, and
    /// a beginning of at least three letters that fits only one candidate. Case, `-` and `_` do not count.
    package static func find(_ word: String, in candidates: [String]) -> String? {
        let wanted = normalized(word)
        guard !wanted.isEmpty else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(wanted, normalized(candidate))
            if best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
        }
        if let best, best.distance <= max(1, wanted.count / 3) { return best.candidate }
        guard wanted.count >= 3 else { return nil }
        let beginnings = candidates.filter { normalized($0).starts(with: wanted) }
        return beginnings.count == 1 ? beginnings[0] : nil
    }

    private static func normalized(_ word: String) -> [Unicode.Scalar] {
        word.lowercased().unicodeScalars.map { $0 == "_" ? "-" : $0 }
    }

    /// The optimal string alignment distance.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        var current = previous
        for i in 1...a.count {
            current[0] = i
            for j in 1...b.count {
                let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                current[j] = min(previous[j] + 1, current[j - 1] + 1, substitution)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    current[j] = min(current[j], beforePrevious[j - 2] + 1)
                }
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[b.count]
    }
}
