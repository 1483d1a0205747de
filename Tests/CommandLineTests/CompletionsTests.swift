import Foundation
import Testing

@testable import retailflow

@Suite("Completions")
struct CompletionsTests {
    @Test("Every command, option and choice is in each script", arguments: CompletionsOptions.Shell.allCases)
    func complete(shell: CompletionsOptions.Shell) {
        let script = Completions.script(for: shell, CommandTable.all)
        for definition in CommandTable.all {
            #expect(script.contains(definition.name.rawValue))
            for option in definition.options + CommandTable.globalOptions {
                #expect(script.contains(shell == .fish ? "-l \(option.name) " : "--\(option.name)"), "\(option.name)")
                for word in option.value?.words ?? [] { #expect(script.contains(word)) }
            }
            for word in definition.argument?.words ?? [] { #expect(script.contains(word)) }
        }
        #expect(script.contains("kafka.bootstrap_servers="))
    }

    @Test(
        "bash completes commands, options and values",
        .enabled(if: path(ofShell: "bash") != nil),
        arguments: [
            (["retailflow", "ext"], ["extract"]),
            (["retailflow", "--json", "ing"], ["ingest"]),
            (["retailflow", "--config", "x.yaml", "stat"], ["status"]),
            (["retailflow", "--config", "=", "x.yaml", "stat"], ["status"]),
            (["retailflow", "extract", "--st"], ["--start_sales_id"]),
            (["retailflow", "extract", "--endpoint", ""], ["sales", "products", "customers"]),
            (["retailflow", "extract", "--endpoint", "="], ["sales", "products", "customers"]),
            (["retailflow", "extract", "--endpoint", "=", "p"], ["products"]),
            (["retailflow", "topics", "p"], ["plan"]),
            (["retailflow", "status", "--set", "api.pa"], ["api.page_size="]),
            (["retailflow", "batch", "--log-l"], ["--log-level"]),
            (["retailflow", "batch", "--endp"], []),
        ])
    func bash(words: [String], expected: [String]) throws {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        let script = """
            \(Completions.script(for: .bash, CommandTable.all))
            compopt() { :; }
            COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1)
            _retailflow
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try shell(try #require(path(ofShell: "bash")), script)
        #expect(result.output.split(separator: "\n").map(String.init) == expected)
    }

    @Test(
        "fish completes commands, options and values",
        .enabled(if: path(ofShell: "fish") != nil),
        arguments: [
            ("retailflow ext", ["extract"]), ("retailflow extract --st", ["--start_sales_id"]),
            ("retailflow extract --endpoint ", ["customers", "products", "sales"]),
            ("retailflow topics p", ["plan"]), ("retailflow status --set api.pa", ["api.page_size="]),
            ("retailflow batch --only re", ["rebuild", "reconcile"]),
        ])
    func fish(line: String, expected: [String]) throws {
        let script = "\(Completions.script(for: .fish, CommandTable.all))\ncomplete -C '\(line)'"
        let result = try shell(try #require(path(ofShell: "fish")), script)
        let words = result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        #expect(words.sorted() == expected)
    }

    @Test("zsh accepts the script", .enabled(if: path(ofShell: "zsh") != nil))
    func zsh() throws {
        let executable = try #require(path(ofShell: "zsh"))
        let script = Completions.script(for: .zsh, CommandTable.all)
        let result = try shell(executable, "autoload -U compinit; compinit -D -u 2>/dev/null\n\(script)\nprint loaded")
        #expect(result.output.hasSuffix("loaded\n"))
    }
}
