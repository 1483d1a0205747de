/// How the process ended, as scripts see it (sysexits).
struct ExitCode: RawRepresentable, Hashable, Sendable {
    let rawValue: Int32

    init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// All is done.
    static let done = ExitCode(rawValue: 0)
    /// What was asked for is not there.
    static let unknown = ExitCode(rawValue: 1)
    /// The command line is wrong.
    static let usage = ExitCode(rawValue: 64)
    /// Data was refused: the breaker, the guard of the catalogues, a lost range of offsets.
    static let dataRefused = ExitCode(rawValue: 65)
    /// The API, the broker or the warehouse could not be reached, retries included.
    static let unavailable = ExitCode(rawValue: 69)
    /// A bug.
    static let bug = ExitCode(rawValue: 70)
    /// A file could not be created.
    static let cannotCreate = ExitCode(rawValue: 73)
    /// A file could not be read or written.
    static let inputOutput = ExitCode(rawValue: 74)
    /// It may work the next time.
    static let tryAgain = ExitCode(rawValue: 75)
    /// The key or a permission was refused.
    static let notPermitted = ExitCode(rawValue: 77)
    /// The configuration is wrong.
    static let configuration = ExitCode(rawValue: 78)
    /// Another extractor took over; not to be restarted.
    static let fenced = ExitCode(rawValue: 80)

    /// A signal ended the process, as shells tell it: 128 and the signal's number.
    static func signal(_ number: Int32) -> ExitCode { ExitCode(rawValue: 128 + number) }

    /// The codes that help lists, with their meaning.
    static let listed: [(code: ExitCode, meaning: String)] = [
        (.done, "done"),
        (.unknown, "trace: no layer knows the sale"),
        (.usage, "the command line is wrong"),
        (
            .dataRefused,
            "data refused: too many rejects, a catalogue that is not believed, a lost range of offsets, a balance that differs"
        ),
        (.unavailable, "API, broker or warehouse unreachable after retries"),
        (.bug, "a bug"),
        (.cannotCreate, "a file cannot be created"),
        (.inputOutput, "a file cannot be read or written"),
        (.tryAgain, "try again later"),
        (.notPermitted, "the key or a permission was refused"),
        (.configuration, "the configuration is wrong"),
        (.fenced, "fenced: another extractor took over; do not restart"),
    ]
}
