import Foundation
import RetailTestKit
import Testing

@testable import RetailAPI

@Suite("Page files on a real disk", .timeLimit(.minutes(1)))
struct PageDiskTests {
    private let disk = PageDisk.system

    @Test("A file is written whole, with its directories and its time, and nothing else is left")
    func written() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let path = directory.file("a/b/c.json")
        try disk.write(bytes, path, 1_700_000_000_123_456)
        let (read, changedAt) = try disk.read(path)
        #expect(read == bytes)
        #expect(changedAt == 1_700_000_000_123_456)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("a/b")) == ["c.json"])
        // Pages hold personal data.
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? Int ?? 0o777) & 0o007 == 0)
    }

    @Test("A file that is there is replaced")
    func replaced() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("c.json")
        try disk.write([1, 2, 3], path, 1)
        try disk.write([4], path, 2_000_000)
        #expect(try disk.read(path).bytes == [4])
        #expect(try directory.names() == ["c.json"])
    }

    @Test("Files below a directory are found at every depth, those of the while are not; no directory, no files")
    func listed() throws {
        let directory = try TemporaryDirectory()
        for name in ["x/1.json", "x/y/2.json", ".3.json.7.part"] { try disk.write([], directory.file(name), 0) }
        #expect(try disk.files(directory.path).sorted() == ["x/1.json", "x/y/2.json"].map(directory.file))
        #expect(try disk.files(directory.file("none")) == [])
    }

    @Test("What can't be done is an error that names the place")
    func failures() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1], to: "file")
        let below = #expect(throws: PageFileError.self) { try disk.write([], directory.file("file/a/b.json"), 0) }
        #expect(below?.code == .cannotCreate)
        #expect(below?.path == directory.file("file/a"))
        #expect(below?.number == ENOTDIR)
        let onto = #expect(throws: PageFileError.self) { try disk.write([], directory.path, 0) }
        #expect(onto?.path == directory.path)
        let missing = #expect(throws: PageFileError.self) { try disk.read(directory.file("none")) }
        #expect(missing?.code == .cannotRead)
        #expect(missing?.description.contains("No such file") == true)
        #expect(throws: PageFileError.self) { try disk.read(directory.path) }
    }

    // A file under its own name before it is whole would be seen here.
    @Test("A disk that fills up leaves no file under the name, and nothing beside it")
    func full() async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .exitCode(7)) { [path = directory.file("page.json") as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1_000, rlim_max: 1_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            do throws(PageFileError) {
                try PageDisk.system.write([UInt8](repeating: 1, count: 5_000), path, 0)
            } catch {
                exit(error == PageFileError(code: .cannotWrite, path: path, number: EFBIG) ? 7 : 1)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    // Catches a page written under its own name, and one that has its name before its bytes last.
    @Test(
        "Killed at any point before the name is given: there is no file under it; after, the whole file",
        arguments: [
            ("page.write.before", false), ("page.write.after", false), ("page.rename.before", false),
            ("page.rename.after", true),
        ])
    func killed(_ point: String, _ isThere: Bool) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("day/page.json")
        await #expect(processExitsWith: .signal(SIGKILL)) { [point = point as String, path = path as String] in
            setenv("RETAILFLOW_FAULT", point, 1)
            try PageDisk.system.write([UInt8](repeating: 1, count: 5_000), path, 0)
        }
        #expect(try disk.files(directory.path) == (isThere ? [path] : []))
        if isThere { #expect(try disk.read(path).bytes.count == 5_000) }
        // The next one is not hindered by what is left.
        try disk.write([2], path, 0)
        #expect(try disk.read(path).bytes == [2])
    }
}
