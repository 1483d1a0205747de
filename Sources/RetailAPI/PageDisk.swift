/// The disk as the page archive uses it; passed in, so that tests decide it.
package struct PageDisk: Sendable {
    /// Writes a whole file, with the directories that lead to it: after it, the file lasts; before its end, there is
    /// none under that name, or the one that was there before. The time becomes that of the file's last change.
    package var write:
        @Sendable (_ bytes: [UInt8], _ path: String, _ changedAtMicroseconds: Int64) throws(PageFileError) -> Void
    /// Reads a whole file, and when it was changed last, in microseconds since 1970.
    package var read: @Sendable (_ path: String) throws(PageFileError) -> (bytes: [UInt8], changedAtMicroseconds: Int64)
    /// The paths of all files below a directory, in no order; none if it does not exist.
    package var files: @Sendable (_ directory: String) throws(PageFileError) -> [String]

    /// Makes a disk from its three parts.
    package init(
        write: @escaping @Sendable ([UInt8], String, Int64) throws(PageFileError) -> Void,
        read: @escaping @Sendable (String) throws(PageFileError) -> (bytes: [UInt8], changedAtMicroseconds: Int64),
        files: @escaping @Sendable (String) throws(PageFileError) -> [String]
    ) {
        self.write = write
        self.read = read
        self.files = files
    }
}
