extension Settings {
    /// `serve.*`: metrics, health, dashboard.
    package struct Serve: Hashable, Sendable {
        /// Where the server listens.
        package var address = HostPort(host: "127.0.0.1", port: 9_464)

        /// The defaults.
        package init() {}
    }
}
