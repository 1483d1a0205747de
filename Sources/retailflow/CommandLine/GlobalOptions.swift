import Configuration

/// Options that every command takes.
struct GlobalOptions: Hashable, Sendable {
    /// The configuration file; nil: `config/retailflow.yaml` if there is one.
    var configurationFile: String?
    /// `section.key=value`, in the order given.
    var overrides: [String] = []
    /// The least level that is logged; nil: as configured.
    var logLevel: Settings.Log.Level?
    /// How log lines look; nil: as configured.
    var logFormat: Settings.Log.Format?
    /// Whether the result is one JSON object.
    var isJSON = false

    /// Where the configuration is looked for when none is named.
    static let defaultConfigurationFile = "config/retailflow.yaml"
}
