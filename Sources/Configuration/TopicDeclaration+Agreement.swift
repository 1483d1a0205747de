extension TopicDeclaration {
    /// Checks that the topics the settings name are declared, and declared so that the pipeline can rely on them.
    ///
    /// - Throws: `missingValue` if `kafka.sales_topic` or `kafka.state_topic` has no declaration; `conflict` if the
    ///   cursor's topic deletes what is old (the cursor would be forgotten) or the sales' topic compacts (a replay
    ///   would miss versions).
    package static func checkAgreement(
        of declarations: [TopicDeclaration], with kafka: Settings.Kafka
    ) throws(ConfigurationError) {
        let sales = try find(kafka.salesTopic, key: "kafka.sales_topic", in: declarations)
        guard sales.cleanupPolicy == .delete else {
            throw ConfigurationError(
                .conflict, "the topic of the sales, \(sales.name), is compacted, and a replay would miss records",
                at: .file(sales.file, line: nil), advice: "declare cleanup_policy: delete with a retention")
        }
        let state = try find(kafka.stateTopic, key: "kafka.state_topic", in: declarations)
        guard state.cleanupPolicy == .compact else {
            throw ConfigurationError(
                .conflict, "the topic of the cursor, \(state.name), deletes old records, and the cursor with them",
                at: .file(state.file, line: nil), advice: "declare cleanup_policy: compact")
        }
    }

    private static func find(
        _ name: String, key: String, in declarations: [TopicDeclaration]
    ) throws(ConfigurationError) -> TopicDeclaration {
        if let declaration = declarations.first(where: { $0.name == name }) { return declaration }
        let names = declarations.map(\.name)
        let advice =
            NearestWord.find(name, in: names).map { "did you mean \($0)?" }
            ?? "declare it in a file of its own; declared are \(names.joined(separator: ", "))"
        throw ConfigurationError(
            .missingValue, "the topic \(name), which \(key) names, is not declared", at: nil, advice: advice)
    }
}
