import Retail

extension CommandTable {
    static let rejects = CommandDefinition(
        name: .rejects,
        summary: "Tell what was refused and why, or judge it again after a fix",
        details: """
            list counts refused contents by field and kind of fault, and names one record of each; it shows no content. \
            retry reads the refused records again from the warehouse and judges them by the present program and \
            settings: those that pass become sales, the others are counted. It needs no Kafka, and no ingest beside \
            it in the same warehouse; with --dry-run it changes nothing and may run beside one.
            """,
        argument: .init(
            placeholder: "ACTION", words: RejectsOptions.Action.allCases.map(\.rawValue), isRequired: true),
        options: [
            OptionDefinition(
                "state", .choice("STATE", RejectsOptions.State.allCases.map(\.rawValue)),
                help: "Lists only these; without it those that are open or wait for a correction."),
            OptionDefinition(
                "reason", .choice("REASON", ValidationReason.Code.known.map(\.rawValue)),
                help: "Lists only this kind of fault, such as missing or not_an_integer."),
            OptionDefinition("limit", .text("N"), help: "Lists at most so many groups (20)."),
            OptionDefinition("dry-run", help: "Tells what retry would do, and changes nothing."),
        ],
        examples: [
            .init("retailflow rejects list", "What waits to be mended."),
            .init(
                "retailflow rejects list --state all --reason not_an_integer", "One kind of fault, from the beginning."),
            .init("retailflow rejects retry --dry-run", "What would pass now, and why the rest would not."),
            .init("retailflow rejects retry", "Move what passes now."),
        ],
        make: { (reader) throws(UsageError) in
            guard let action = try reader.argument("ACTION", RejectsOptions.Action.self) else {
                throw UsageError("rejects needs list or retry", advice: "write retailflow rejects list")
            }
            for option in action == .list ? ["dry-run"] : ["state", "reason", "limit"] where reader.has(option) {
                throw UsageError(
                    "--\(option) does not go with rejects \(action.rawValue)", advice: "leave --\(option) away")
            }
            var options = RejectsOptions(
                action: action, state: try reader.choice("state"), isDryRun: reader.has("dry-run"))
            options.groupsMax = try reader.integer("limit", 1...Int.max) ?? options.groupsMax
            if let text = try reader.text("reason") {
                let known = ValidationReason.Code.known.map(\.rawValue)
                guard known.contains(text) else {
                    throw UsageError(
                        "--reason is \(text)",
                        advice: Hint.didYouMean(text, known) ?? "expected one of \(known.joined(separator: ", "))")
                }
                options.reason = ValidationReason.Code(rawValue: text)
            }
            return .rejects(options)
        })
}
