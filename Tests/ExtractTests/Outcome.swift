@testable import Extract

/// How a task ends; nil when the test's time is up before it has. (Waiting for the task itself would go on for ever.)
func outcome<Success>(_ task: Task<Success, any Error>) async -> Result<Success, any Error>? {
    let (stream, continuation) = AsyncStream.makeStream(of: Result<Success, any Error>.self)
    Task {
        continuation.yield(await task.result)
        continuation.finish()
    }
    for await result in stream { return result }
    return nil
}

/// The value of a task; nil when the test's time is up before it has one.
func value<Success>(_ task: Task<Success, Never>) async -> Success? {
    try? await outcome(Task { await task.value })?.get()
}

/// The error that a task ends with; nil when it ends well, or not within the test's time.
func failure<Success>(_ task: Task<Success, any Error>) async -> (any Error)? {
    guard case .failure(let error) = await outcome(task) else { return nil }
    return error
}

extension SalesExtraction {
    /// Follows until `done` is set, is cancelled then, and gives back how it ended.
    func follow(until done: Signal) async -> (any Error)? {
        let following = Task { try await run() }
        await done.wait()
        following.cancel()
        return await failure(following)
    }
}
