internal import PostgreSQL

/// The writer of a PostgreSQL warehouse: raw and ods in one transaction, on one connection and a thread of its own.
///
/// Several processes may have one each: what two of them write of the same sale at once comes one after the other.
package final class PostgreSQLSalesWriter: SalesWriter {
    /// How long a call that reads waits for the write before it.
    private static let answerMilliseconds = 15_000

    private let place: String
    private let worker: SerialWorker<PostgreSQLBatchWriter>
    private let tickets: WriteTickets

    /// Connects.
    ///
    /// - Parameter codeVersion: noted with each reject, to tell which program refused it.
    package init(_ warehouse: PostgreSQLWarehouse, codeVersion: String) throws {
        place = warehouse.place
        let interrupter = Interrupter()
        tickets = WriteTickets(interrupter)
        worker = try translatingPostgreSQL {
            SerialWorker(
                label: "retailflow.postgresql",
                state: try PostgreSQLBatchWriter(warehouse, codeVersion: codeVersion, interrupter: interrupter))
        }
    }

    package func write(_ batch: IngestBatch) -> BatchWrite {
        // One transaction, told as what it did in each layer.
        let (raw, ods) = (Pending<RawCounts>(), Pending<OdsCounts>())
        let (tickets, number) = (tickets, tickets.begin())
        _ = worker.submit { writer in
            let result = Result {
                try translatingPostgreSQL {
                    try tickets.admit(number)
                    return try writer.write(batch)
                }
            }
            raw.fulfil(result.map(\.raw))
            ods.fulfil(result.map(\.ods))
        }
        return BatchWrite(raw: raw, ods: ods)
    }

    package func writeOds(_ batch: IngestBatch) -> Pending<OdsCounts> {
        submit(write: tickets.begin()) { try $0.writeOds(batch) }
    }

    package func interrupt() { tickets.interrupt() }

    package func reopen() throws { try answer(submit { try $0.reopen() }) }

    package func storedPositions(log: Int64) throws -> [Int32: StoredPosition] {
        try answer(submit { try $0.positions(log: log) })
    }

    package func unknownRefusals(contentHashes: [Int64]) throws -> Int {
        try answer(submit { try $0.unknownRefusals(contentHashes) })
    }

    package func breakerState() throws -> String? { try answer(submit { try $0.breakerState() }) }

    package func rawRecords(
        log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int
    ) throws -> RawRecords {
        try answer(
            submit { writer in
                try PostgreSQLRawLayer.records(
                    writer.connection, log: log, partition: partition, offsets: offsets, recordsMax: recordsMax)
            })
    }

    package func rawExtents() throws -> [RawExtent] {
        try answer(submit { try PostgreSQLRawLayer.extents($0.connection) })
    }

    package func withdrawnSales() throws -> [Int64] { try answer(submit { try $0.withdrawnSales() }) }

    package func noteSearched(_ sales: [Int64]) throws { try answer(submit { try $0.noteSearched(sales) }) }

    package func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)? {
        try answer(submit { try $0.highestSale(log: log, partition: partition) })
    }

    /// Queues a job.
    ///
    /// - Parameter number: of a write, which an interrupt that came meanwhile has ended before it begins.
    private func submit<Answer: Sendable>(
        write number: Int? = nil, _ job: @escaping @Sendable (PostgreSQLBatchWriter) throws -> Answer
    ) -> Pending<Answer> {
        let tickets = tickets
        return worker.submit { writer in
            try translatingPostgreSQL {
                try tickets.admit(number)
                return try job(writer)
            }
        }
    }

    /// A server that does not answer must not keep the caller for ever.
    private func answer<Answer>(_ pending: Pending<Answer>) throws -> Answer {
        if let answer = pending.wait(milliseconds: PostgreSQLSalesWriter.answerMilliseconds) {
            return try answer.get()
        }
        throw WarehouseError(
            code: .busy,
            what: "the warehouse has not answered for \(PostgreSQLSalesWriter.answerMilliseconds / 1_000) s",
            place: "warehouse \(place)", remedy: "look after its server")
    }
}
