package import Warehouse

/// The rebuild of the mart on a thread of its own.
package struct MartRebuild: Sendable {
    private let store: any MartStore
    private let allowMissingCustomer: Bool
    private let blocking = SerialWorker(label: "retailflow.rebuild", state: ())

    package init(_ store: any MartStore, allowMissingCustomer: Bool) {
        self.store = store
        self.allowMissingCustomer = allowMissingCustomer
    }

    /// Builds a generation, audits it and shows it.
    ///
    /// - Parameter progress: told how many sales were built since the last call, and how many there are.
    /// - Throws: `WarehouseError`; `CancellationError` between transactions: the old generation stays.
    package func run(progress: @escaping @Sendable (_ more: Int64, _ of: Int64) -> Void) async throws -> MartReport {
        let (store, allowMissingCustomer) = (store, allowMissingCustomer)
        let stop = Cancellation()
        return try await withTaskCancellationHandler {
            try await blocking.perform { _ in
                var last: Int64 = 0
                return try store.rebuild(allowMissingCustomer: allowMissingCustomer) { done, total in
                    if stop.isCancelled { throw CancellationError() }
                    progress(done - last, total)
                    last = done
                }
            }
        } onCancel: {
            stop.cancel()
        }
    }
}
