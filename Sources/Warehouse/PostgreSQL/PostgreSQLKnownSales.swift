internal import PostgreSQL

/// Looks up sales in `ods` and `raw`.
package struct PostgreSQLKnownSales: KnownSales, PublishedPages {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    package func contentHashes(ofSales ids: [Int64]) throws -> [Int64: Int64] {
        try warehouse.session { connection in
            let rows = try connection.query(
                """
                SELECT id, content_hash FROM ods.sales AS sale
                WHERE id = ANY($1) AND EXISTS (SELECT 1 FROM raw.sales AS record WHERE record.log = sale.log
                    AND record.partition = sale.partition AND record."offset" = sale."offset")
                AND NOT EXISTS (SELECT 1 FROM ods.sales_rejects AS reject
                    WHERE reject.sale_id = sale.id AND reject.state = 'pending_correction')
                """, [.integers(ids)])
            return Dictionary(
                rows.map { ($0.integer(at: 0), $0.integer(at: 1)) }, uniquingKeysWith: { $1 })
        }
    }

    package func knownRefusals(contentHashes: [Int64]) throws -> Set<Int64> {
        try warehouse.session { connection in
            Set(
                try connection.query(
                    "SELECT content_hash FROM ods.sales_rejects WHERE content_hash = ANY($1) AND state <> 'superseded'",
                    [.integers(contentHashes)]
                ).map { $0.integer(at: 0) })
        }
    }

    package func lowestOfHighestIDs(topic: String) throws -> Int64? {
        try warehouse.session { connection in
            try connection.query(
                """
                SELECT min(coalesce(highest_sale_id, 0)) FROM ods.offsets
                WHERE topic = $1 AND log = (SELECT max(log) FROM ods.offsets WHERE topic = $1)
                """, [.text(topic)])[0].optionalInteger(at: 0)
        }
    }

    package func saleIDs(in range: ClosedRange<Int64>) throws -> [Int64] {
        try warehouse.session { connection in
            try connection.query(
                "SELECT id FROM ods.sales WHERE id BETWEEN $1 AND $2 ORDER BY id",
                [.integer(range.lowerBound), .integer(range.upperBound)]
            ).map { $0.integer(at: 0) }
        }
    }

    package func saleID(numberFromLast: Int, upTo last: Int64) throws -> Int64? {
        try warehouse.session { connection in
            try connection.query(
                "SELECT id FROM ods.sales WHERE id <= $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
                [.integer(last), .integer(Int64(numberFromLast - 1))]
            ).first?.integer(at: 0)
        }
    }

    package func lowestSaleID(sinceDay day: String, upTo last: Int64) throws -> Int64? {
        try warehouse.session { connection in
            // Read in parts, because it ends where 1,000 in a row are older, which nobody knows beforehand.
            var (lowest, older, upTo): (Int64?, Int, Int64) = (nil, 0, last)
            while true {
                let rows = try connection.query(
                    """
                    SELECT id, datetime >= $1::text::timestamp FROM ods.sales WHERE id <= $2 ORDER BY id DESC LIMIT 5000
                    """, [.text(day), .integer(upTo)])
                for row in rows {
                    if row.boolean(at: 1) {
                        lowest = row.integer(at: 0)
                        older = 0
                    } else {
                        older += 1
                        if older == 1_000 { return lowest }
                    }
                }
                guard let next = rows.last?.integer(at: 0) else { return lowest }
                upTo = next - 1
            }
        }
    }

    package func version(ofPage name: String) throws -> Int64? {
        try warehouse.session { connection in
            try connection.query("SELECT min(version) FROM raw.sales WHERE SYS_FILE_NAME = $1", [.text(name)])[0]
                .optionalInteger(at: 0)
        }
    }
}
