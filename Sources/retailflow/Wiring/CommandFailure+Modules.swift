import Batch
import Extract
import HTTPServer
import Ingest
import Kafka
import RetailAPI
import RetailAPISimulator
import Service
import Warehouse

// What the errors of the pipeline's parts mean for the process. One extension a module.

extension RetailAPIError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .keyRefused: .notPermitted
        case .configuration: .configuration
        case .archiveNotCreated: .cannotCreate
        case .archiveNotWritten: .inputOutput
        default: .unavailable
        }
    }
}

extension PageFileError: CommandFailure {
    var exitCode: ExitCode { .inputOutput }
}

extension KafkaError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .unknownProperty, .invalidPropertyValue, .reservedProperty, .invalidConfiguration: .configuration
        case .topicNotAuthorized, .groupNotAuthorized, .clusterNotAuthorized, .authentication: .notPermitted
        case .offsetOutOfRange: .dataRefused
        default: disposition == .fenced ? .fenced : .unavailable
        }
    }
}

extension WarehouseError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .busy: .tryAgain
        case .otherLog, .auditFailed: .dataRefused
        case .readOnly, .cannotOpen, .notAWarehouse, .newerSchema: .cannotCreate
        case .unreachable: .unavailable
        case .notPermitted: .notPermitted
        case .configuration, .notSupported: .configuration
        case .full, .damaged, .inputOutput: .inputOutput
        default: .bug
        }
    }
}

extension ExtractError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .fenced: .fenced
        case .cursorUnreadable, .pageFileRefused: .dataRefused
        default: .unavailable
        }
    }
}

extension IngestError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .groupIsLive: .tryAgain
        case .topicGone: .unavailable
        default: .dataRefused
        }
    }
}

extension BatchError: CommandFailure {
    var exitCode: ExitCode { .dataRefused }
}

extension ReconciliationError: CommandFailure {
    var exitCode: ExitCode { .dataRefused }
}

extension BalanceError: CommandFailure {
    var exitCode: ExitCode { .dataRefused }
}

extension HTTPServerError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .addressInvalid: .configuration
        case .permissionDenied: .notPermitted
        default: .unavailable
        }
    }
}

extension EndedByItself: CommandFailure {
    var exitCode: ExitCode { .bug }
}

extension SimulatorError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .faultUnknown: .usage
        case .dataUnreadable: .inputOutput
        default: .unavailable
        }
    }
}

extension MissingTopic: CommandFailure {
    var exitCode: ExitCode { .unavailable }
}

extension MissingWarehouse: CommandFailure {
    var exitCode: ExitCode { .inputOutput }
}
