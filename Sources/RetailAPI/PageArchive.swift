internal import Dispatch

/// Keeps pages as files, exactly as served.
///
/// - `{endpoint}/archive/YYYYMMDD/NAME.json`: every page that could be read, under the name that its records carry.
/// - `{endpoint}/failed/YYYY/MM/DD/HHh/NAME.json`: a page that stays unreadable, and `NAME.error.json` beside it. The
///   same answer to the same request is the same page, however often it comes: it is kept once, where it came first.
///
/// Times are those of the answer, in UTC. What it returns from lasts. One queue of its own waits for the disk.
package final class PageArchive: Sendable {
    private let directory: String
    private let disk: PageDisk
    private let queue = DispatchQueue(label: "retailflow.pages")

    /// Keeps pages below a directory, which is made with the first page.
    package init(directory: String, disk: PageDisk = .system) {
        self.directory = directory
        self.disk = disk
    }

    /// Keeps a page.
    func keep(_ page: APIPage) async throws(PageFileError) {
        let day = UTCDate(microseconds: page.answeredAtMicroseconds).day(separator: "")
        let path = "\(directory)/\(page.endpoint.rawValue)/archive/\(day)/\(page.fileName)"
        try await perform { [disk] () throws(PageFileError) in
            try disk.write(page.body, path, page.answeredAtMicroseconds)
        }
    }

    /// Keeps an unreadable page, or counts that it came again; the path of its file.
    func keep(_ page: UnreadablePage) async throws(PageFileError) -> String {
        let failed = "\(directory)/\(page.request.endpoint.rawValue)/failed"
        return try await perform { [disk] () throws(PageFileError) in
            let instant = page.answeredAtMicroseconds
            let name = PageFileName.failed(page.request, body: page.body, atMicroseconds: instant)
            let date = UTCDate(microseconds: instant)
            var path = "\(failed)/\(date.day(separator: "/"))/\(UTCDate.padded(date.hour, 2))h/\(name)"
            var told = FailedPage(page)
            let files = try disk.files(failed)
            let ending = PageFileName.errorPath(ofPage: PageFileName.identity(of: name))
            if let known = files.first(where: { $0.hasSuffix(ending) }) {
                path = PageFileName.pagePath(ofError: known)
                let first = FailedPage(json: try disk.read(known).bytes)
                if let first { told = first.again(atMicroseconds: instant) }
            }
            // What is told comes first: by it the page is known. A page without it would be kept a second time.
            try disk.write(told.json, PageFileName.errorPath(ofPage: path), instant)
            // The file may have been repaired where it lies.
            if !files.contains(path) { try disk.write(page.body, path, told.version) }
            return path
        }
    }

    private func perform<Value: Sendable>(
        _ job: @escaping @Sendable () throws(PageFileError) -> Value
    ) async throws(PageFileError) -> Value {
        let result = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: job)) }
        }
        return try result.get()
    }
}
