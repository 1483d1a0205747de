/// A value as a user wrote it, not yet read as its type.
struct SettingInput {
    let text: String
    /// Whether YAML may read the text as a number or a truth value: it was not quoted. True for variables and `--set`.
    let isPlain: Bool
}
