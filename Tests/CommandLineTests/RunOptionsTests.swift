import Testing

@testable import retailflow

@Suite("Options of run")
struct RunOptionsTests {
    @Test("Without --only all parts run; with it those that are named")
    func parts() throws {
        #expect(try parse("run").command == .run(RunOptions()))
        #expect(RunOptions().parts == Set(RunOptions.Part.allCases))
        #expect(try parse("run", "--only", "serve,extract").command == .run(RunOptions(parts: [.extract, .serve])))
    }

    @Test("A part that there is not is refused, and so is none")
    func unknown() throws {
        #expect(try usageError("run", "--only", "ingset").description.contains("ingest"))
        _ = try usageError("run", "--only", "")
        _ = try usageError("run", "--only", "extract,,serve")
    }

    @Test("What is wrong in the settings is told before anything begins", arguments: ["extract", "ingest"])
    func settings(_ part: String) async {
        let run = await run("run", "--only", part, environment: ["RETAILFLOW_API_KEY": "k"])
        #expect(run.code == .configuration, "\(run.errors)")
    }
}
