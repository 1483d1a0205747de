import Configuration

/// What has to change so that a topic of the cluster is as declared. A value without I/O.
struct TopicPlan {
    /// A topic as the cluster has it.
    struct Present {
        var partitions: Int
        var replicationFactor: Int
        var configs: [String: String]
    }

    /// One step.
    struct Change: Hashable {
        let topic: String
        let action: Action
    }

    enum Action: Hashable, CustomStringConvertible {
        case create(partitions: Int, replicationFactor: Int?, configs: [String: String])
        case raisePartitions(from: Int, to: Int)
        case setConfig(name: String, from: String?, to: String)
        /// A difference that Kafka can't take away.
        case cannot(String)

        var description: String {
            switch self {
            case .create(let partitions, let replicationFactor, let configs):
                let settings = configs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                let replicas = replicationFactor.map { ", \($0) replicas" } ?? ""
                return "create with \(partitions) partitions\(replicas), \(settings.joined(separator: ", "))"
            case .raisePartitions(let from, let to): return "raise partitions from \(from) to \(to)"
            case .setConfig(let name, let from, let to): return "set \(name)=\(to) (was \(from ?? "unset"))"
            case .cannot(let reason): return reason
            }
        }
    }

    let changes: [Change]

    init(declared: TopicDeclaration, present: Present?) {
        func change(_ action: Action) -> Change { Change(topic: declared.name, action: action) }
        guard let present else {
            changes = [
                change(
                    .create(
                        partitions: declared.partitions, replicationFactor: declared.replicationFactor,
                        configs: declared.allConfigs))
            ]
            return
        }
        var changes: [Change] = []
        if declared.partitions > present.partitions {
            changes.append(change(.raisePartitions(from: present.partitions, to: declared.partitions)))
        } else if declared.partitions < present.partitions {
            changes.append(
                change(
                    .cannot(
                        "has \(present.partitions) partitions, \(declared.partitions) are declared: Kafka can't lower them; declare \(present.partitions)"
                    )))
        }
        if let wanted = declared.replicationFactor, wanted != present.replicationFactor {
            changes.append(
                change(
                    .cannot(
                        "has \(present.replicationFactor) replicas, \(wanted) are declared: move them with kafka-reassign-partitions.sh"
                    )))
        }
        for (name, value) in declared.allConfigs.sorted(by: { $0.key < $1.key }) where present.configs[name] != value {
            changes.append(change(.setConfig(name: name, from: present.configs[name], to: value)))
        }
        self.changes = changes
    }
}
