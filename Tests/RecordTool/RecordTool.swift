import Foundation
import Kafka

/// Puts any bytes into a topic and reads them out again, for checks from outside: what a shell's producer and consumer
/// would spoil (NULL, invalid UTF-8, line ends) arrives as it is. Standard output holds JSON lines and nothing else.
@main
struct RecordTool {
    static let help = """
        RecordTool COMMAND --servers HOST:PORT[,…] …    what Kafka holds, as JSON lines with base64

          produce --topic T [--quiet]   Takes JSON lines from standard input, a record each, and waits until all are
                                        delivered. Fields, each of which may be missing: key, value (base64; null or
                                        missing: the record has none, "" is an empty one), headers (an object or a list
                                        of [name, value]; values in base64 or null), partition, timestamp (ms).
                                        Prints {"partition":0,"offset":12} for each, in order; a record that was refused
                                        gives {"error":"…"} and exit 1 in the end. --quiet prints {"delivered":N} alone.
          dump --topic T [--uncommitted]
                                        Prints every record of a topic up to its end as it is now: {"partition","offset",
                                        "timestamp","key","value","headers"}, headers as a list of [name, value].
                                        Committed records alone, unless told otherwise.
          offsets --topic T [--group G] Prints {"partition","begin","end","committed"} for each partition; end counts
                                        transaction markers, committed is null without a commit.
          set-offsets --topic T --group G --to P:N
                                        Commits for a group without members, as kafka-consumer-groups.sh
                                        --reset-offsets does; --to may come several times.
          group --group G               Prints {"state","members":[{"id","client","partitions":[…]}]}.
          topics [--topic T]            Prints {"topic","partition","leader","replicas","in_sync"}, internal topics too.
          delete-records --topic T --before P:N
                                        Deletes the records before an offset of a partition, as retention does; --before
                                        may come several times.
          delete-topics --topic T       Deletes a topic; --topic may come several times.

        --set PROPERTY=VALUE            A property of librdkafka, such as message.max.bytes=2000000; any number of times.
        --timeout MS                    How long a call may take (30000).
        """

    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch let error as UsageFault {
            complain("\(error.reason)\n\n\(help)")
            exit(64)
        } catch {
            complain("\(error)")
            exit(69)
        }
    }

    private static func run(_ words: [String]) async throws {
        guard let command = words.first, !words.contains("--help"), command != "help" else { return print(help) }
        let arguments = try Arguments(words.dropFirst())
        let cluster = KafkaConfiguration(
            bootstrapServers: try arguments.value("servers"), clientID: "record-tool",
            properties: arguments.properties)
        switch command {
        case "produce":
            var produce = try Produce(cluster, arguments)
            try await produce.run()
        case "dump": try Look(cluster, arguments).dump()
        case "offsets": try Look(cluster, arguments).offsets()
        case "set-offsets": try Look(cluster, arguments).setOffsets()
        case "group": try Look(cluster, arguments).group()
        case "topics": try Look(cluster, arguments).topics()
        case "delete-records": try Look(cluster, arguments).deleteRecords()
        case "delete-topics": try Look(cluster, arguments).deleteTopics()
        default: throw UsageFault(reason: "\(command) is no command")
        }
    }

    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("RecordTool: \(text)\n".utf8))
    }
}
