import CRdKafka

extension KafkaError {
    /// Which error: Kafka's codes (positive), librdkafka's own (negative) and this module's (from 20,000).
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number: `rd_kafka_resp_err_t`, or 20,000 and more.
        public let rawValue: Int32

        /// The code of that number.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        init(_ code: rd_kafka_resp_err_t) {
            self.init(rawValue: code.rawValue)
        }
    }
}

extension KafkaError.Code {
    // MARK: This module's

    /// librdkafka knows no property of that name.
    public static let unknownProperty = Self(rawValue: 20_001)
    /// The property cannot have that value.
    public static let invalidPropertyValue = Self(rawValue: 20_002)
    /// The property is this module's to set, because its promises depend on it.
    public static let reservedProperty = Self(rawValue: 20_003)
    /// The properties contradict each other.
    public static let invalidConfiguration = Self(rawValue: 20_004)
    /// No broker answered.
    public static let unreachable = Self(rawValue: 20_005)
    /// The client was closed.
    public static let closed = Self(rawValue: 20_006)
    /// The consumer's position is not among the offsets that the partition has.
    public static let offsetOutOfRange = Self(rawValue: 20_007)
    /// The group has committed no offset for the partition, and none was given.
    public static let noCommittedOffset = Self(rawValue: 20_008)
    /// An answer of the library that this module does not understand.
    public static let unexpectedAnswer = Self(rawValue: 20_009)
    /// Records that nobody waited for singly were not delivered.
    public static let deliveryFailed = Self(rawValue: 20_010)

    // MARK: librdkafka's

    /// The call's time was up.
    public static let timedOut = Self(RD_KAFKA_RESP_ERR__TIMED_OUT)
    /// A record was not delivered in time.
    public static let recordTimedOut = Self(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
    /// The connection failed.
    public static let transport = Self(RD_KAFKA_RESP_ERR__TRANSPORT)
    /// No broker is connected.
    public static let allBrokersDown = Self(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    /// A broker's name could not be resolved.
    public static let resolve = Self(RD_KAFKA_RESP_ERR__RESOLVE)
    /// TLS failed.
    public static let tls = Self(RD_KAFKA_RESP_ERR__SSL)
    /// The broker refused the credentials.
    public static let authentication = Self(RD_KAFKA_RESP_ERR__AUTHENTICATION)
    /// The producer's queue is full.
    public static let queueFull = Self(RD_KAFKA_RESP_ERR__QUEUE_FULL)
    /// The cluster has no such partition.
    public static let unknownPartition = Self(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
    /// The cluster has no such topic (as librdkafka's metadata tells).
    public static let unknownTopic = Self(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    /// The call does not fit the client's state, such as a commit without a transaction.
    public static let state = Self(RD_KAFKA_RESP_ERR__STATE)
    /// The client raised an error that it does not recover from.
    public static let fatal = Self(RD_KAFKA_RESP_ERR__FATAL)
    /// Another producer with the same transactional id took over.
    public static let fenced = Self(RD_KAFKA_RESP_ERR__FENCED)
    /// The consumer did not poll within `max.poll.interval.ms` and lost its partitions.
    public static let maxPollExceeded = Self(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
    /// The broker does not know the request.
    public static let unsupportedFeature = Self(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
    /// The record was thrown away from the queue (by an abort or a close).
    public static let purgedFromQueue = Self(RD_KAFKA_RESP_ERR__PURGE_QUEUE)
    /// The record was thrown away on its way; whether the broker has it is not known.
    public static let purgedInFlight = Self(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    /// The consumer has no offset to do this with.
    public static let noOffset = Self(RD_KAFKA_RESP_ERR__NO_OFFSET)

    // MARK: Kafka's

    /// The broker has no such topic or partition.
    public static let unknownTopicOrPartition = Self(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    /// The topic exists already.
    public static let topicAlreadyExists = Self(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    /// A partition count that cannot be, such as a smaller one.
    public static let invalidPartitions = Self(RD_KAFKA_RESP_ERR_INVALID_PARTITIONS)
    /// The record is larger than allowed.
    public static let recordTooLarge = Self(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    /// The consumer is not a member of the group (any more).
    public static let unknownMember = Self(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
    /// The group has rebalanced since the consumer joined.
    public static let illegalGeneration = Self(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
    /// The group is rebalancing.
    public static let rebalanceInProgress = Self(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
    /// Another consumer with the same group instance id took over.
    public static let fencedInstance = Self(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
    /// The group still has members.
    public static let groupNotEmpty = Self(RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP)
    /// The broker knows no such group.
    public static let groupNotFound = Self(RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
    /// The topic may not be used with these credentials.
    public static let topicNotAuthorized = Self(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    /// The group may not be used with these credentials.
    public static let groupNotAuthorized = Self(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
    /// The cluster may not be administered with these credentials.
    public static let clusterNotAuthorized = Self(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)

    /// What the code means when the library does not say itself.
    var usualDisposition: KafkaError.Disposition {
        if Self.fencing.contains(self) { return .fenced }
        if self == .fatal || self == .closed { return .fatal }
        return Self.retriables.contains(self) ? .retriable : .other
    }

    static let fencing: Set<Self> = [
        .fenced, .fencedInstance, Self(RD_KAFKA_RESP_ERR_PRODUCER_FENCED),
    ]

    private static let retriables: Set<Self> = [
        .timedOut, .recordTimedOut, .transport, .allBrokersDown, .resolve, .queueFull, .maxPollExceeded,
        .rebalanceInProgress, .unreachable,
        Self(RD_KAFKA_RESP_ERR__WAIT_COORD), Self(RD_KAFKA_RESP_ERR__RETRY), Self(RD_KAFKA_RESP_ERR__IN_PROGRESS),
        Self(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT), Self(RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION),
        Self(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS), Self(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE),
        Self(RD_KAFKA_RESP_ERR_NOT_COORDINATOR), Self(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE),
        Self(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION), Self(RD_KAFKA_RESP_ERR_NOT_CONTROLLER),
        Self(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), Self(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND),
        Self(RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS), Self(RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT),
        Self(RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE), Self(RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE),
        Self(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR), Self(RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE),
    ]
}

extension KafkaError.Code: CustomStringConvertible {
    /// A short stable word, fit for a metric's label: librdkafka's name, such as `_TIMED_OUT`, or this module's.
    public var description: String {
        switch self {
        case .unknownProperty: "unknown_property"
        case .invalidPropertyValue: "invalid_property_value"
        case .reservedProperty: "reserved_property"
        case .invalidConfiguration: "invalid_configuration"
        case .unreachable: "unreachable"
        case .closed: "closed"
        case .offsetOutOfRange: "offset_out_of_range"
        case .noCommittedOffset: "no_committed_offset"
        case .unexpectedAnswer: "unexpected_answer"
        case .deliveryFailed: "delivery_failed"
        default: rd_kafka_err2name(rd_kafka_resp_err_t(rawValue)).map { String(cString: $0) } ?? "\(rawValue)"
        }
    }

    /// The same in words (`rd_kafka_err2str`).
    var sentence: String {
        rd_kafka_err2str(rd_kafka_resp_err_t(rawValue)).map { String(cString: $0) } ?? description
    }
}
