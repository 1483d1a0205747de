internal import PostgreSQL

/// Writes what a merge decided into `ods.products` or `ods.customers` and their history, in sets, inside the caller's
/// transaction: slowly changing dimension type 2.
///
/// The new versions go into the history by COPY; the rows of ods are then written from there.
struct PostgreSQLCatalogueWriter {
    private let connection: Connection
    private let catalogue: Catalogue
    private let snapshot: Int64
    private let answeredAt: Int64
    private let version: Int64
    private let now: Int64

    private var table: String { "ods.\(catalogue.rawValue)" }
    private var history: String { "ods.\(catalogue.rawValue)_history" }
    private var key: String { catalogue.keyColumn }

    /// - Parameter version: of `ods.catalogue_version`; noted with each version that begins.
    init(_ snapshots: PostgreSQLStoredSnapshots, snapshot: Int64, version: Int64, now: Int64) throws {
        connection = snapshots.connection
        catalogue = snapshots.catalogue
        self.snapshot = snapshot
        self.version = version
        self.now = now
        answeredAt = try snapshots.answeredAt(of: snapshot)
    }

    /// Ends the rows of these keys, which are not served any more; nothing is deleted.
    func end(_ keys: [String]) throws {
        guard !keys.isEmpty else { return }
        let open = try lastVersions(of: keys).filter { $0.value.to == nil }
        try close(
            open.map { (String(decoding: $0.key, as: UTF8.self), $0.value, $0.value.end(answeredAt: answeredAt)) },
            isSucceeded: false)
        try connection.query(
            "UPDATE \(table) SET SYS_DATE_DELETE = $2 WHERE \(key) = ANY($1)",
            [.texts(keys), .instant(microseconds: now)])
    }

    /// Begins a version of rows that are new, have changed or are served again, and ends the ones before.
    ///
    /// - Parameter entries: each key once.
    func begin(_ entries: [CatalogueEntry]) throws {
        guard !entries.isEmpty else { return }
        let last = try lastVersions(of: entries.map(\.key))
        var succeeded: [(String, VersionPeriod, Int64)] = []
        var versions: [(entry: CatalogueEntry, from: Int64, isFirst: Bool)] = []
        for entry in entries {
            let before = last[entry.keyBytes]
            let from = VersionPeriod.start(after: before, answeredAt: answeredAt, updatedAt: entry.updatedAt)
            if let before { succeeded.append((entry.key, before, from)) }
            versions.append((entry, from, before == nil))
        }
        // First: the price of the last version holds for ever, and the history is keyed by the price's end.
        try close(succeeded, isSucceeded: true)
        try copy(versions)
        try writeRows(entries.map(\.key))
    }

    private func lastVersions(of keys: [String]) throws -> [[UInt8]: VersionPeriod] {
        let rows = try connection.query(
            """
            SELECT DISTINCT ON (\(key)) \(key), valid_from, valid_to FROM \(history) WHERE \(key) = ANY($1)
            ORDER BY \(key), valid_from DESC
            """, [.texts(keys)])
        return Dictionary(
            rows.map { row in
                (
                    Array(row.text(at: 0).utf8),
                    VersionPeriod(from: row.integer(at: 1), to: row.optionalInteger(at: 2))
                )
            }, uniquingKeysWith: { $1 })
    }

    /// - Parameter isSucceeded: another version begins where these end, and its price with it.
    private func close(_ versions: [(key: String, period: VersionPeriod, end: Int64)], isSucceeded: Bool) throws {
        guard !versions.isEmpty else { return }
        try connection.query(
            """
            UPDATE \(history) AS version SET valid_to = coalesce(valid_to, ended.at), SYS_DATE_UPDATE = $4
                \(isSucceeded && catalogue.hasPrices ? ", price_to = ended.at" : "")
            FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS ended(key, began, at)
            WHERE version.\(key) = ended.key AND version.valid_from = ended.began
            """,
            [
                .texts(versions.map(\.key)), .integers(versions.map(\.period.from)), .integers(versions.map(\.end)),
                .instant(microseconds: now),
            ])
    }

    private func copy(_ versions: [(entry: CatalogueEntry, from: Int64, isFirst: Bool)]) throws {
        let prices = catalogue.hasPrices ? ["price_from", "price_to"] : []
        let columns =
            [key, "valid_from", "content_hash", "snapshot_id", "catalogue_version"]
            + ["SYS_FILE_NAME", "SYS_DATE_CREATE", "SYS_DATE_UPDATE"] + prices + catalogue.valueColumns
        try connection.copy(
            "COPY \(history) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
        ) { rows in
            for (entry, from, isFirst) in versions {
                try rows.begin(fields: Int16(columns.count))
                rows.text(entry.key)
                for number in [from, entry.contentHash, snapshot, version] { rows.integer(number) }
                rows.text(entry.fileName)
                rows.time(microseconds: now)
                rows.time(microseconds: now)
                if catalogue.hasPrices {
                    // The earliest version reaches back, the last one ahead.
                    rows.integer(isFirst ? .min : from)
                    rows.integer(.max)
                }
                for value in entry.values { rows.append(value) }
            }
        }
    }

    /// A row that returns as it was is only opened again.
    private func writeRows(_ keys: [String]) throws {
        let parameters: [Parameter] = [.texts(keys), .integer(version)]
        try connection.query(
            """
            UPDATE \(table) AS present SET SYS_DATE_DELETE = NULL FROM \(history) AS begun
            WHERE begun.\(key) = ANY($1) AND begun.catalogue_version = $2
                AND present.\(key) = begun.\(key) AND present.content_hash = begun.content_hash
            """, parameters)
        let replaced = ["content_hash", "snapshot_id", "SYS_FILE_NAME", "SYS_DATE_UPDATE"] + catalogue.valueColumns
        let columns = ([key, "SYS_DATE_CREATE"] + replaced).joined(separator: ", ")
        try connection.query(
            """
            INSERT INTO \(table) AS present (\(columns))
            SELECT \(columns) FROM \(history) WHERE \(key) = ANY($1) AND catalogue_version = $2 ORDER BY \(key)
            ON CONFLICT (\(key)) DO UPDATE SET SYS_DATE_DELETE = NULL,
                \(replaced.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            WHERE present.content_hash <> excluded.content_hash
            """, parameters)
    }
}

extension CopyWriter {
    fileprivate mutating func append(_ value: CatalogueEntry.Value) {
        switch value {
        case .text(let text): self.text(text)
        case .optionalText(let text?): self.text(text)
        case .optionalText(nil): null()
        case .integer(let number): integer(number)
        }
    }
}
