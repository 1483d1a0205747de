import Configuration

/// Words that help after a slip.
enum Hint {
    /// `did you mean WORD?`, if a candidate is near enough.
    static func didYouMean(_ word: String, _ candidates: [String]) -> String? {
        NearestWord.find(word, in: candidates).map { "did you mean \($0)?" }
    }
}
