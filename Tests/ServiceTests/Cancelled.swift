/// Waits until the task is cancelled, then throws.
func untilCancelled() async throws {
    let (nothing, _) = AsyncStream.makeStream(of: Never.self)
    for await _ in nothing {}
    try Task.checkCancellation()
}
