import Foundation
import RetailAPI
import RetailAPISimulator
import Testing

@Suite("A real shop's data, where it is at hand", .timeLimit(.minutes(3)))
struct OnlineRetailTests {
    /// The folder with the three files; named by `RETAILFLOW_TEST_DATA`.
    static let folder = ProcessInfo.processInfo.environment["RETAILFLOW_TEST_DATA"]

    @Test("All of it comes through byte for byte", .enabled(if: folder != nil))
    func all() async throws {
        let folder = try #require(Self.folder)
        let kit = try SimulatorKit(SimulatorConfiguration(data: .folder(folder)))
        let lines = try String(contentsOfFile: folder + "/sales.jsonl", encoding: .utf8).split(separator: "\n")
        let served = try await kit.allSales().sorted { $0.key < $1.key }.map(\.value)
        #expect(served.sorted() == lines.map(String.init).sorted())
        let products = try String(contentsOfFile: folder + "/products.jsonl", encoding: .utf8).split(separator: "\n")
        #expect(try await kit.allProducts() == products.map(String.init))
    }
}
