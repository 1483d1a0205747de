import Configuration
import Kafka
import Telemetry

/// `retailflow topics plan|apply`: the declared topics against the cluster.
struct TopicsCommand: CommandAction {
    let options: TopicsOptions

    private static let timeoutMilliseconds = 30_000

    func run(_ context: CommandContext) async throws -> ExitCode {
        let deployment = Deployment(context)
        let declarations = try TopicDeclarationLoader().load(directory: options.directory)
        try TopicDeclaration.checkAgreement(of: declarations, with: context.settings.kafka)
        let admin = try AdminClient(try await deployment.cluster(for: "topics"))
        let changes = try declarations.flatMap { try TopicPlan(declared: $0, present: present($0.name, admin)).changes }
        if options.action == .apply { for change in changes { try apply(change, by: admin) } }
        try context.write(json: json(changes), text: text(changes))
        return .done
    }

    private func present(_ name: String, _ admin: AdminClient) throws -> TopicPlan.Present? {
        let timeout = TopicsCommand.timeoutMilliseconds
        guard let topic = try admin.describeTopics([name], timeoutMilliseconds: timeout)[name] else { return nil }
        let settings = try admin.topicSettings(of: name, timeoutMilliseconds: timeout)
        return TopicPlan.Present(
            partitions: topic.partitions.count, replicationFactor: topic.replicationFactor,
            configs: settings.mapValues { $0.value ?? "" })
    }

    private func apply(_ change: TopicPlan.Change, by admin: AdminClient) throws {
        let timeout = TopicsCommand.timeoutMilliseconds
        switch change.action {
        case .create(let partitions, let replicationFactor, let configs):
            try admin.createTopics(
                [
                    NewTopic(
                        change.topic, partitions: partitions, replicationFactor: replicationFactor, settings: configs)
                ], timeoutMilliseconds: timeout)
        case .raisePartitions(_, let to):
            try admin.createPartitions(of: change.topic, total: to, timeoutMilliseconds: timeout)
        case .setConfig(let name, _, let value):
            try admin.alterTopicSettings(of: change.topic, [name: value], timeoutMilliseconds: timeout)
        case .cannot:
            break
        }
    }

    private func json(_ changes: [TopicPlan.Change]) -> JSONValue {
        .object([
            "applied": .flag(options.action == .apply),
            "changes": .array(
                changes.map { ["topic": .text($0.topic), "change": .text($0.action.description)] }),
        ])
    }

    private func text(_ changes: [TopicPlan.Change]) -> String {
        guard !changes.isEmpty else { return "the cluster has every topic as declared" }
        var table = ResultTable(.left("topic"), .left(options.action == .apply ? "done" : "to do"))
        for change in changes { table.add([change.topic, change.action.description]) }
        return table.text + (options.action == .plan ? "\napply this with: retailflow topics apply" : "")
    }
}
