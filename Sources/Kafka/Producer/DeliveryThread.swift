import CRdKafka
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Serves a producer's events, its delivery reports above all, on a thread of its own.
final class DeliveryThread: Sendable {
    /// What the thread works with; it holds on to this itself.
    final class Work: Sendable {
        let client: ClientHandle
        // Right: librdkafka's queues may be used from any thread.
        nonisolated(unsafe) let queue: OpaquePointer
        let isStopping = Atomic<Bool>(false)
        private let failures = Mutex<(count: Int, first: KafkaError?)>((0, nil))
        private let waitingForSpace = Mutex<[CheckedContinuation<Void, Never>]>([])

        init(_ client: ClientHandle) {
            self.client = client
            queue = rd_kafka_queue_get_main(client.pointer)
        }

        deinit {
            rd_kafka_queue_destroy(queue)
        }

        func run() {
            while !isStopping.load(ordering: .acquiring) { serve(timeoutMilliseconds: 200) }
            // What is still in the queue belongs to callers who wait.
            while serve(timeoutMilliseconds: 0) {}
            resumeWaiters()
        }

        @discardableResult
        private func serve(timeoutMilliseconds: Int32) -> Bool {
            let event = rd_kafka_queue_poll(queue, timeoutMilliseconds)
            if let event {
                take(event)
                // Only now there is room again: records count until their event is destroyed.
                rd_kafka_event_destroy(event)
            }
            resumeWaiters()
            return event != nil
        }

        private func take(_ event: OpaquePointer) {
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR:
                while let message = rd_kafka_event_message_next(event) { takeReport(message) }
            case RD_KAFKA_EVENT_ERROR:
                client.context.record(
                    KafkaError(
                        rd_kafka_event_error(event), of: client.pointer, operation: "talk to the brokers",
                        reason: rd_kafka_event_error_string(event).map { String(cString: $0) }))
            default:
                break
            }
        }

        private func takeReport(_ message: UnsafePointer<rd_kafka_message_t>) {
            let code = message.pointee.err
            let waiting = message.pointee._private
            if code == RD_KAFKA_RESP_ERR_NO_ERROR, waiting == nil { return }
            let partition = TopicPartition(
                topic: message.pointee.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) } ?? "",
                partition: message.pointee.partition)
            let outcome: DeliveryReports.Outcome
            if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                outcome = .success(Delivery(topicPartition: partition, offset: message.pointee.offset))
            } else {
                var error = KafkaError(code, of: client.pointer, operation: "deliver a record")
                error.topicPartition = partition
                outcome = .failure(error)
            }
            if let waiting {
                DeliveryReports.report(outcome, for: waiting)
            } else if case .failure(let error) = outcome {
                failures.withLock { $0 = ($0.count + 1, $0.first ?? error) }
            }
        }

        /// How many records failed since the last time, and the first one's error.
        func takeFailures() -> (count: Int, first: KafkaError?) {
            failures.withLock { failures in
                defer { failures = (0, nil) }
                return failures
            }
        }

        /// Returns when the queue may have room, or at the latest when the thread next looks around.
        func waitForSpace() async {
            await withCheckedContinuation { continuation in
                if isStopping.load(ordering: .acquiring) {
                    continuation.resume()
                } else {
                    waitingForSpace.withLock { $0.append(continuation) }
                    // The thread may have stopped in between.
                    if isStopping.load(ordering: .acquiring) { resumeWaiters() }
                }
            }
        }

        private func resumeWaiters() {
            let waiters = waitingForSpace.withLock { waiters in
                defer { waiters = [] }
                return waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    let work: Work
    private let thread: Mutex<pthread_t?>

    init(_ client: ClientHandle) throws(KafkaError) {
        let work = Work(client)
        let context = Unmanaged.passRetained(work)
        #if canImport(Darwin)
            var id: pthread_t?
            let result = pthread_create(&id, nil, deliveryThreadMain, context.toOpaque())
        #else
            var id = pthread_t()
            let result = pthread_create(&id, nil, deliveryThreadMain, context.toOpaque())
        #endif
        guard result == 0 else {
            context.release()
            throw KafkaError(
                .invalidConfiguration, operation: "make a producer", reason: "no thread: error \(result)")
        }
        self.work = work
        thread = Mutex(id)
    }

    /// Ends the thread once it has served what is there; doing it again does nothing.
    func stop() {
        let id: pthread_t? = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let id else { return }
        work.isStopping.store(true, ordering: .releasing)
        rd_kafka_queue_yield(work.queue)
        if pthread_equal(id, pthread_self()) != 0 {
            // The producer's last owner let go inside an error handler: nobody can wait for this thread.
            pthread_detach(id)
        } else {
            pthread_join(id, nil)
        }
    }

    deinit {
        stop()
    }
}

#if canImport(Darwin)
    private nonisolated let deliveryThreadMain: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
        Unmanaged<DeliveryThread.Work>.fromOpaque($0).takeRetainedValue().run()
        return nil
    }
#else
    private nonisolated let deliveryThreadMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { work in
            if let work { Unmanaged<DeliveryThread.Work>.fromOpaque(work).takeRetainedValue().run() }
            return nil
        }
#endif
