/// Options of `topics`.
struct TopicsOptions: Hashable, Sendable {
    /// What is done with the difference between the declarations and the cluster.
    enum Action: String, CaseIterable, Sendable {
        /// It is told.
        case plan
        /// The cluster is changed.
        case apply
    }

    /// What is done.
    var action: Action
    /// Where the declarations are.
    var directory = "topics"
}
