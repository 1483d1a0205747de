internal import PostgreSQL

extension PostgreSQLRejectLedger {
    static let shared = Statement("rejects.shared", "SELECT pg_advisory_xact_lock_shared($1)")
    static let exclusive = Statement("rejects.exclusive", "SELECT pg_advisory_xact_lock($1)")
    static let any = Statement(
        "rejects.any",
        "SELECT EXISTS (SELECT 1 FROM ods.sales_rejects) OR EXISTS (SELECT 1 FROM ods.withdrawn_sales)")

    static let insert = Statement(
        "rejects.insert",
        """
        INSERT INTO ods.sales_rejects (content_hash, sale_id, version, state, reasons, payload, code_version,
                                       SYS_DATE_CREATE)
        VALUES ($1, $2::bigint, $3, 'open', $4::text::json, $5::bytea, $6, $7)
        """)

    static let update = Statement(
        "rejects.update",
        """
        UPDATE ods.sales_rejects SET version = $2, reasons = $3::text::json, code_version = $4, sale_id = $5::bigint,
               state = CASE WHEN $5::bigint IS NULL THEN 'open' ELSE state END
        WHERE reject_id = $1
        """)

    static let deletePlaces = Statement(
        "rejects.delete_places",
        """
        WITH gone AS (
            DELETE FROM ods.sales_reject_positions AS place
            USING unnest($2::bigint[], $3::bigint[]) AS valid(partition, "offset")
            WHERE place.log = $1 AND place.partition = valid.partition AND place."offset" = valid."offset"
            RETURNING place.reject_id)
        SELECT reject_id, count(*) FROM gone GROUP BY reject_id
        """)

    /// An empty file name stands for none.
    static let insertPlaces = Statement(
        "rejects.insert_places",
        """
        INSERT INTO ods.sales_reject_positions (log, partition, "offset", reject_id, version, SYS_FILE_NAME,
                                                SYS_DATE_CREATE)
        SELECT $1, place.partition, place."offset", reject.reject_id, place.version, nullif(place.file, ''), $7
        FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
             AS place(partition, "offset", content_hash, version, file)
        JOIN ods.sales_rejects AS reject USING (content_hash)
        ORDER BY 2, 3 ON CONFLICT DO NOTHING RETURNING partition, "offset"
        """)

    /// One that was not looked for in raw yet stays noted, without a revision: what came back need not be the newest.
    static let returnRevisions = Statement(
        "rejects.return_revisions",
        """
        WITH returned AS (
            SELECT withdrawn.sale_id, withdrawn.revision, withdrawn.is_searched
            FROM ods.withdrawn_sales AS withdrawn JOIN ods.sales AS sale ON sale.id = withdrawn.sale_id
            WHERE withdrawn.sale_id = ANY($1) AND withdrawn.revision > 0
            ORDER BY withdrawn.sale_id FOR UPDATE OF withdrawn),
        forgotten AS (
            DELETE FROM ods.withdrawn_sales AS withdrawn USING returned
            WHERE withdrawn.sale_id = returned.sale_id AND returned.is_searched),
        noted AS (
            UPDATE ods.withdrawn_sales AS withdrawn SET revision = 0 FROM returned
            WHERE withdrawn.sale_id = returned.sale_id AND NOT returned.is_searched)
        UPDATE ods.sales AS sale SET revision = sale.revision + returned.revision
        FROM returned WHERE sale.id = returned.sale_id
        """)

    static let withdraw = Statement(
        "rejects.withdraw",
        withdrawal(
            """
            unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS refused(id, partition, "offset")
                WHERE sale.id = refused.id AND
            """))

    static let withdrawNameless = Statement(
        "rejects.withdraw_nameless",
        withdrawal(
            """
            unnest($2::bigint[], $3::bigint[]) AS refused(partition, "offset")
                WHERE
            """))

    private static func withdrawal(_ refused: String) -> String {
        """
        WITH gone AS (
            DELETE FROM ods.sales AS sale USING \(refused)
                sale.log = $1 AND sale.partition = refused.partition AND sale."offset" = refused."offset"
            RETURNING sale.id, sale.revision),
        kept AS (
            INSERT INTO ods.withdrawn_sales (sale_id, revision, is_searched) SELECT id, revision, false FROM gone
            ON CONFLICT (sale_id) DO UPDATE SET revision = excluded.revision, is_searched = false)
        SELECT id FROM gone ORDER BY id
        """
    }
}
