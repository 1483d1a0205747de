import Foundation
import HTTPClient
import Synchronization
import Testing

@testable import RetailAPI

@Suite("Pages kept as files", .timeLimit(.minutes(1)))
struct PageArchiveTests {
    /// 2023-11-14T22:13:20Z, as the scripted clock has it.
    private static let day = "20231114"
    private static let broken = #"[{"id":7},{"id":8,"items":[}]"#

    private func client(_ script: APIScript, _ disk: MemoryDisk) throws -> RetailAPIClient {
        try script.client(archive: PageArchive(directory: "pages", disk: disk.disk)) { $0.retries = 1 }
    }

    @Test("Each page is kept byte for byte, under the name that its records carry, for every listing")
    func kept() async throws {
        let body = "\u{FEFF}[ {\"id\":1} ,\n{\"id\": 2}]\n"
        let disk = MemoryDisk()
        let client = try client(APIScript(.status(200, [:], body)), disk)
        let pages = [
            try await client.sales(from: .id(1)), try await client.products(page: 1),
            try await client.customers(page: 4),
        ]
        for page in pages {
            let endpoint = page.endpoint.rawValue
            #expect(disk.text("pages/\(endpoint)/archive/\(Self.day)/\(page.fileName)") == body)
            #expect(page.fileName.hasPrefix("\(endpoint)_20231114_2213_"))
        }
        #expect(disk.files.count == 3)
    }

    @Test("A page that holds nothing new is kept like any other")
    func empty() async throws {
        let disk = MemoryDisk()
        let client = try client(APIScript(.status(200, [:], "[]")), disk)
        for _ in 1...2 { _ = try await client.sales(from: .id(9)) }
        #expect(disk.writes == 2)
    }

    // Catches a page that is given out before it is kept.
    @Test(
        "A page that can't be kept is not given out: the error names the file, and can be tried again",
        arguments: [
            (PageFileError.Code.cannotCreate, RetailAPIError.Code.archiveNotCreated),
            (.cannotWrite, .archiveNotWritten),
        ])
    func notKept(_ failure: PageFileError.Code, _ code: RetailAPIError.Code) async throws {
        let disk = MemoryDisk()
        disk.fail(with: PageFileError(code: failure, path: "pages/sales", number: ENOSPC))
        let client = try client(APIScript(.page(1)), disk)
        let error = await apiError { try await client.sales(from: .id(1)) }
        #expect(error?.code == code)
        #expect(error?.isRetriable == true)
        #expect(error?.description.contains("pages/sales can't be") == true)
        #expect(error?.description.contains("No space left on device") == true)
        disk.fail(with: nil)
        #expect(try await client.sales(from: .id(1)).rows.count == 1)
    }

    @Test("What stays unreadable is kept once, beside it what is wrong; its coming again is counted")
    func failed() async throws {
        let disk = MemoryDisk()
        let script = APIScript { _, _ in .status(200, [:], Self.broken) }
        let client = try client(script, disk)
        var path = ""
        for times in 1...3 {
            let error = await apiError { try await client.sales(from: .id(7)) }
            #expect(error?.code == .pageBroken)
            path = try #require(error?.keptAs)
            #expect(error?.description.contains("extract --endpoint sales --from-file \(path)") == true)
            #expect(disk.text(path) == Self.broken)
            let told = try #require(FailedPage(json: disk.files[path.dropLast(5) + ".error.json"]?.bytes ?? []))
            #expect(told.times == times)
            #expect(told.start == "7")
            #expect(told.limit == 1)
            #expect(told.bytes == Self.broken.utf8.count)
            // 250 at first and once more after a second; then smaller limits, at once.
            #expect(told.version == 1_700_000_001_000_000)
            #expect(told.answeredAt == "2023-11-14T22:13:21.000000Z")
        }
        #expect(path.hasPrefix("pages/sales/failed/2023/11/14/22h/sales_20231114_2213_"))
        #expect(disk.files.count == 2)
    }

    // Catches a name by the time alone, and a hash without the request.
    @Test("Another answer, or the same to another request, is another failed page")
    func distinct() async throws {
        let disk = MemoryDisk()
        let body = Mutex(Self.broken)
        let client = try client(APIScript { _, _ in .status(200, [:], body.withLock { $0 }) }, disk)
        _ = await apiError { try await client.sales(from: .id(7)) }
        _ = await apiError { try await client.sales(from: .id(6)) }
        #expect(disk.files.count == 4)
        body.withLock { $0 += " " }
        _ = await apiError { try await client.sales(from: .id(7)) }
        #expect(disk.files.count == 6)
        _ = await apiError { try await client.products(page: 7) }
        #expect(disk.files.count == 8)
    }

    // Catches a comparison with the file's bytes.
    @Test("A page repaired where it lies is not overwritten, and one taken away is kept again")
    func repairedInPlace() async throws {
        let disk = MemoryDisk()
        let client = try client(APIScript { _, _ in .status(200, [:], Self.broken) }, disk)
        let path = try #require(await apiError { try await client.sales(from: .id(7)) }?.keptAs)
        disk.put("[]", path)
        _ = await apiError { try await client.sales(from: .id(7)) }
        #expect(disk.text(path) == "[]")
        disk.remove(path)
        _ = await apiError { try await client.sales(from: .id(7)) }
        #expect(disk.text(path) == Self.broken)
        #expect(disk.files.count == 2)
    }

    @Test("A broken page is asked with smaller limits first: pages that can be read are not failed pages")
    func isolated() async throws {
        let disk = MemoryDisk()
        let script = APIScript { _, url in
            url.hasSuffix("limit=1") ? .page(8) : .status(200, [:], Self.broken)
        }
        let page = try await client(script, disk).sales(from: .id(7))
        #expect(disk.files.keys.map { $0 } == ["pages/sales/archive/\(Self.day)/\(page.fileName)"])
    }

    @Test("Answers too large to take in, and sales too large for a record, are failed pages too")
    func tooLarge() async throws {
        let disk = MemoryDisk()
        let archive = PageArchive(directory: "pages", disk: disk.disk)
        let client = try APIScript(.error(.tooLarge)).client(archive: archive)
        let tooLarge = await apiError { try await client.sales(from: .id(7)) }
        #expect(tooLarge?.code == .tooLarge)
        #expect(tooLarge?.keptAs.flatMap { disk.text($0) } == "")
        let row = #"[{"id":8,"note":"\#(String(repeating: "x", count: 100))"}]"#
        let strict = try APIScript(.status(200, [:], row)).client(archive: archive) { $0.saleBytesMax = 100 }
        let error = await apiError { try await strict.sales(from: .id(7)) }
        #expect(error?.code == .rowTooLarge)
        #expect(error?.isRetriable == true)
        #expect(error?.keptAs.flatMap { disk.text($0) } == row)
        #expect(error?.reason.contains("a record of the topic may have 100") == true)
        // Only sales become records.
        #expect(try await strict.products(page: 1).rows.count == 1)
    }

    @Test("Without an archive nothing is kept, and the error says what would keep it")
    func none() async throws {
        let client = try APIScript { _, _ in .status(200, [:], Self.broken) }.client()
        let error = await apiError { try await client.sales(from: .id(7)) }
        #expect(error?.keptAs == nil)
        #expect(error?.description.contains("set extract.archive_directory") == true)
    }
}
