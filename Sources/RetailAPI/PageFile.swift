/// A page in a file: from the archive, or repaired by hand.
package struct PageFile: Sendable {
    /// Where it is.
    package let path: String
    /// The name that its records carry: the last part of the path.
    package let name: String
    /// The listing that the name tells; nil when it is not the name of a page.
    package let endpoint: Endpoint?
    /// What is in it.
    package let body: [UInt8]
    /// What is told of it in `NAME.error.json` beside it, if it is a failed page.
    package let failure: FailedPage?
    /// When the API first gave this answer, as far as files tell: the failed page's version, or the time of the file's
    /// last change as long as that lies in the minute of its name, which it does until somebody changes the file.
    package let answeredAtMicroseconds: Int64?

    /// Reads a page's file and what is told of it.
    package init(path: String, disk: PageDisk = .system) throws(PageFileError) {
        let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        let parsed = PageFileName.parse(name)
        let (body, changedAt) = try disk.read(path)
        var failure: FailedPage?
        do throws(PageFileError) {
            failure = FailedPage(json: try disk.read(PageFileName.errorPath(ofPage: path)).bytes)
        } catch {
            guard error.isMissing else { throw error }
        }
        self.path = path
        self.name = name
        endpoint = parsed?.endpoint
        self.body = body
        self.failure = failure
        answeredAtMicroseconds =
            failure?.version ?? parsed.flatMap { $0.minute.contains(changedAt) ? changedAt : nil }
    }
}
