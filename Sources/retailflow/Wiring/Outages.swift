import Extract
import Ingest
import Kafka
import RetailAPI
import Warehouse

/// Whether waiting may mend an error: the API, a broker or the warehouse can't be reached, or refuses. The rest is a
/// mistake of this program, a setting, or data that somebody has to look at.
@Sendable func isOutage(_ error: any Error) -> Bool {
    switch error {
    case let error as RetailAPIError: error.code != .configuration
    case let error as KafkaError: [.unavailable, .notPermitted].contains(error.exitCode)
    case let error as WarehouseError: error.isOutage
    case let error as ExtractError: [.repeatedPage, .stuck, .transactionExpired].contains(error.code)
    case let error as IngestError: error.code == .topicGone
    case is MissingTopic: true
    default: false
    }
}
