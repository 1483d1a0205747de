/// One key of the configuration: its name, type, default, meaning, and the setting it changes.
///
/// ``all`` is the only list of keys there is: files, environment variables, `--set`, the reference file and the
/// completions of shells come from it.
package struct SettingKey: Sendable {
    /// `section.key`.
    package let name: String
    /// The type in words: `an integer from 1 to 250`.
    package let type: String
    /// The default as it is written in YAML; nil if the key is not set by default.
    package let defaultText: String?
    /// What the key means: one or more sentences.
    package let help: String
    /// Whether no message may show the value.
    let isSensitive: Bool
    private let apply: @Sendable (inout Settings, SettingInput?) -> Outcome

    /// What became of a value that was given to a key.
    enum Outcome {
        case done
        case wrongType
        case outOfRange
        case needsValue
    }

    /// A key that always has a value.
    init<Value: Hashable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable, _ type: SettingType<Value>,
        help: String
    ) {
        self.name = name
        self.type = type.words
        self.help = help
        isSensitive = type.isSensitive
        defaultText = type.write(Settings()[keyPath: path])
        apply = { settings, input in
            guard let input else { return .needsValue }
            switch type.read(input) {
            case .value(let value):
                settings[keyPath: path] = value
                return .done
            case .wrongType: return .wrongType
            case .outOfRange: return .outOfRange
            }
        }
    }

    /// A key that may have no value.
    init<Value: Hashable & Sendable>(
        optional name: String, _ path: any WritableKeyPath<Settings, Value?> & Sendable, _ type: SettingType<Value>,
        help: String
    ) {
        self.name = name
        self.type = type.words
        self.help = help
        isSensitive = type.isSensitive
        defaultText = Settings()[keyPath: path].map(type.write)
        apply = { settings, input in
            guard let input else {
                settings[keyPath: path] = nil
                return .done
            }
            switch type.read(input) {
            case .value(let value):
                settings[keyPath: path] = value
                return .done
            case .wrongType: return .wrongType
            case .outOfRange: return .outOfRange
            }
        }
    }

    /// The key's section: what stands before the dot.
    package var section: String { String(name.prefix { $0 != "." }) }

    /// The key within its section.
    package var shortName: String { String(name.drop { $0 != "." }.dropFirst()) }

    /// The environment variable that sets the key.
    package var variable: String {
        "RETAILFLOW_" + name.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// Gives the key a value; nil takes an optional one away.
    func set(_ input: SettingInput?, in settings: inout Settings) -> Outcome {
        apply(&settings, input)
    }
}
