import Testing

@testable import retailflow

@Suite("Help")
struct HelpTests {
    @Test("The overview names every command, option and exit code")
    func overview() {
        let text = HelpText.overview(CommandTable.all)
        for definition in CommandTable.all {
            #expect(text.contains("  \(definition.name.rawValue) "))
            if definition.name != .help { #expect(text.contains(definition.examples[0].line)) }
        }
        for option in CommandTable.globalOptions { #expect(text.contains("--\(option.name)")) }
        for code in [0, 1, 64, 65, 69, 70, 73, 74, 75, 77, 78, 80] { #expect(text.contains("  \(code) ")) }
    }

    @Test("A command's help teaches by example and names every option", arguments: CommandName.allCases)
    func commands(name: CommandName) throws {
        let definition = try #require(CommandTable.all.first { $0.name == name })
        let text = HelpText.text(of: definition)
        #expect(text.contains("Examples:"))
        for option in definition.options + CommandTable.globalOptions {
            #expect(text.contains("--\(option.name)"))
            #expect(text.contains(option.help.prefix(20)))
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 102 })
    }

    @Test("Every example is a command line that works")
    func examples() throws {
        for definition in CommandTable.all {
            #expect(!definition.examples.isEmpty)
            for example in definition.examples {
                let words = example.line.replacing("source <(", with: "").replacing(")", with: "")
                    .split(separator: ">")[0].split(separator: " ").map(String.init)
                #expect(words.first == "retailflow")
                #expect(throws: Never.self, "\(example.line)") {
                    try ArgumentParser(CommandTable.all).parse(Array(words.dropFirst()))
                }
            }
        }
    }

    @Test("No command's option has the name of one that every command has")
    func names() {
        let global = Set(CommandTable.globalOptions.map(\.name))
        for definition in CommandTable.all {
            let own = definition.options.map(\.name)
            #expect(Set(own).count == own.count)
            #expect(global.isDisjoint(with: own))
        }
    }
}
