internal import Retail
internal import SQLite

/// Finds the records of one sale in `raw.sales`.
///
/// raw keeps bytes, not ids, and an index of ids would be paid for by every record that is ingested; so all records are
/// judged again, by the parser that judged them first, which makes of any bytes what ingestion makes of them.
struct RawSearch {
    private static let columns =
        "log, topic, partition, offset, version, timestamp, payload, is_json, SYS_FILE_NAME, SYS_DATE_CREATE"

    private let database: Database

    init(_ database: Database) { self.database = database }

    /// The sale's records in the order that decides.
    ///
    /// - Parameter known: records from which other layers were written: among the answer, held by raw or not.
    func records(of sale: Int64, known: [RecordPlace]) throws -> [SaleTrace.Record] {
        var found: [RecordPlace: SaleTrace.Record] = [:]
        // The zone decides what a datetime is, never what an id is.
        let parser = SaleParser(timeZone: .utc)
        var judged = SaleBatch()
        let rows = try database.prepare("SELECT \(RawSearch.columns) FROM raw.sales")
        while try rows.step() {
            judged.removeAll()
            rows.withBytes(at: 6) { parser.parse($0, record: 0, into: &judged) }
            if (judged.rows.first?.id ?? judged.refusals.first?.saleID) == sale {
                let record = record(rows)
                found[place(record)] = record
            }
        }
        for known in known where found[known] == nil {
            found[known] = try self.record(at: known)
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private func record(at place: RecordPlace) throws -> SaleTrace.Record {
        let row = try database.prepare(
            "SELECT \(RawSearch.columns) FROM raw.sales WHERE log = ?1 AND partition = ?2 AND offset = ?3")
        row.bind(place.log, at: 1)
        row.bind(Int64(place.partition), at: 2)
        row.bind(place.offset, at: 3)
        if try row.step() { return record(row) }
        let topic = try database.prepare("SELECT topic FROM ods.offsets WHERE log = ?1 AND partition = ?2")
        topic.bind(place.log, at: 1)
        topic.bind(Int64(place.partition), at: 2)
        return SaleTrace.Record(
            log: place.log, topic: try topic.step() ? topic.text(at: 0) : nil, partition: place.partition,
            offset: place.offset, version: place.version)
    }

    private func record(_ row: borrowing Statement) -> SaleTrace.Record {
        let fileName = row.optionalText(at: 8)
        let version = row.integer(at: 4)
        return SaleTrace.Record(
            log: row.integer(at: 0), topic: row.text(at: 1), partition: Int32(row.integer(at: 2)),
            offset: row.integer(at: 3), version: version,
            answered: fileName.map { _ in Timestamp.text(ofMicroseconds: max(0, version)) }, fileName: fileName,
            raw: SaleTrace.Raw(
                published: Timestamp.text(ofMilliseconds: row.integer(at: 5)),
                bytes: row.withBytes(at: 6) { Int64($0?.count ?? 0) }, isJSON: row.integer(at: 7) != 0,
                created: row.text(at: 9)))
    }

    private func place(_ record: SaleTrace.Record) -> RecordPlace {
        RecordPlace(version: record.version, log: record.log, partition: record.partition, offset: record.offset)
    }
}
