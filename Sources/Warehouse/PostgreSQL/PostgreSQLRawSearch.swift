internal import PostgreSQL
internal import Retail

/// Finds the records of one sale in `raw.sales`, which keeps bytes, not ids: all records are judged again, by the parser
/// that judged them first.
struct PostgreSQLRawSearch {
    private static let columns = """
        log, topic, partition, "offset", version, timestamp, payload, is_json, SYS_FILE_NAME, \
        \(PostgreSQLText.utc("SYS_DATE_CREATE"))
        """

    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// The sale's records in the order that decides.
    ///
    /// - Parameter known: records from which other layers were written: among the answer, held by raw or not.
    func records(of sale: Int64, known: [RecordPlace]) throws -> [SaleTrace.Record] {
        var found: [RecordPlace: SaleTrace.Record] = [:]
        // The zone decides what a datetime is, never what an id is.
        let parser = SaleParser(timeZone: .utc)
        var judged = SaleBatch()
        try connection.forEachRow("SELECT \(PostgreSQLRawSearch.columns) FROM raw.sales") { row in
            judged.removeAll()
            row.withBytes(at: 6) { parser.parse($0, record: 0, into: &judged) }
            guard (judged.rows.first?.id ?? judged.refusals.first?.saleID) == sale else { return }
            let record = record(row)
            found[place(record)] = record
        }
        for known in known where found[known] == nil { found[known] = try record(at: known) }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private func record(at place: RecordPlace) throws -> SaleTrace.Record {
        let key: [Parameter] = [.integer(place.log), .integer(Int64(place.partition))]
        if let row = try connection.query(
            "SELECT \(PostgreSQLRawSearch.columns) FROM raw.sales WHERE log = $1 AND partition = $2 AND \"offset\" = $3",
            key + [.integer(place.offset)]
        ).first {
            return record(row)
        }
        let topic = try connection.query("SELECT topic FROM ods.offsets WHERE log = $1 AND partition = $2", key)
        return SaleTrace.Record(
            log: place.log, topic: topic.first?.text(at: 0), partition: place.partition, offset: place.offset,
            version: place.version)
    }

    private func record(_ row: Row) -> SaleTrace.Record {
        let fileName = row.optionalText(at: 8)
        let version = row.integer(at: 4)
        return SaleTrace.Record(
            log: row.integer(at: 0), topic: row.text(at: 1), partition: Int32(row.integer(at: 2)),
            offset: row.integer(at: 3), version: version,
            answered: fileName.map { _ in Timestamp.text(ofMicroseconds: max(0, version)) }, fileName: fileName,
            raw: SaleTrace.Raw(
                published: Timestamp.text(ofMilliseconds: row.integer(at: 5)),
                bytes: row.withBytes(at: 6) { Int64($0?.count ?? 0) }, isJSON: row.boolean(at: 7),
                created: row.text(at: 9)))
    }

    private func place(_ record: SaleTrace.Record) -> RecordPlace {
        RecordPlace(version: record.version, log: record.log, partition: record.partition, offset: record.offset)
    }
}
