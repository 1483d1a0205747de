/// Options of `warehouse`.
struct WarehouseOptions: Hashable, Sendable {
    /// What is done with the warehouse as a whole.
    enum Action: String, CaseIterable, Sendable {
        /// It is made, or brought to this release.
        case initialize = "init"
    }

    /// What is done.
    var action: Action
}
