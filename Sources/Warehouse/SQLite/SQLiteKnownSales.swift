internal import SQLite

/// Looks up sales in `ods.db` and `raw.db`, read-only.
package struct SQLiteKnownSales: KnownSales {
    let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func contentHashes(ofSales ids: [Int64]) throws -> [Int64: Int64] {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["raw", "ods"], cacheKiB: 4_096)
            let look = try database.prepare(
                """
                SELECT content_hash FROM ods.sales AS sale
                WHERE id = ?1 AND EXISTS (SELECT 1 FROM raw.sales AS record WHERE record.log = sale.log
                    AND record.partition = sale.partition AND record.offset = sale.offset)
                AND NOT EXISTS (SELECT 1 FROM ods.sales_rejects AS reject
                    WHERE reject.sale_id = sale.id AND reject.state = 'pending_correction')
                """)
            var hashes: [Int64: Int64] = [:]
            for id in ids {
                look.bind(id, at: 1)
                if try look.step() { hashes[id] = look.integer(at: 0) }
                look.reset()
            }
            return hashes
        }
    }

    package func knownRefusals(contentHashes: [Int64]) throws -> Set<Int64> {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods"], cacheKiB: 4_096)
            let look = try database.prepare(
                "SELECT 1 FROM ods.sales_rejects WHERE content_hash = ?1 AND state <> 'superseded'")
            var known: Set<Int64> = []
            for hash in contentHashes {
                look.bind(hash, at: 1)
                if try look.step() { known.insert(hash) }
                look.reset()
            }
            return known
        }
    }

    package func lowestOfHighestIDs(topic: String) throws -> Int64? {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods"], cacheKiB: 4_096)
            let look = try database.prepare(
                """
                SELECT min(ifnull(highest_sale_id, 0)) FROM ods.offsets
                WHERE topic = ?1 AND log = (SELECT max(log) FROM ods.offsets WHERE topic = ?1)
                """)
            try look.bind(topic, at: 1)
            guard try look.step() else { return nil }
            return look.optionalInteger(at: 0)
        }
    }

    package func saleIDs(in range: ClosedRange<Int64>) throws -> [Int64] {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods"], cacheKiB: 4_096)
            let look = try database.prepare("SELECT id FROM ods.sales WHERE id BETWEEN ?1 AND ?2 ORDER BY id")
            look.bind(range.lowerBound, at: 1)
            look.bind(range.upperBound, at: 2)
            var ids: [Int64] = []
            while try look.step() { ids.append(look.integer(at: 0)) }
            return ids
        }
    }

    package func saleID(numberFromLast: Int, upTo last: Int64) throws -> Int64? {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods"], cacheKiB: 4_096)
            let look = try database.prepare(
                "SELECT id FROM ods.sales WHERE id <= ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2")
            look.bind(last, at: 1)
            look.bind(Int64(numberFromLast - 1), at: 2)
            return try look.step() ? look.integer(at: 0) : nil
        }
    }

    package func lowestSaleID(sinceDay day: String, upTo last: Int64) throws -> Int64? {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods"], cacheKiB: 4_096)
            let look = try database.prepare(
                "SELECT id, datetime >= ?1 FROM ods.sales WHERE id <= ?2 ORDER BY id DESC")
            try look.bind(day, at: 1)
            look.bind(last, at: 2)
            var lowest: Int64?
            var older = 0
            while older < 1_000, try look.step() {
                if look.integer(at: 1) == 1 {
                    lowest = look.integer(at: 0)
                    older = 0
                } else {
                    older += 1
                }
            }
            return lowest
        }
    }
}
