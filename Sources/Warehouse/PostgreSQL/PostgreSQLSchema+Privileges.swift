extension PostgreSQLSchema {
    /// `retailflow_writer` is for whom the pipeline connects as, `retailflow_analyst` for people: `GRANT
    /// retailflow_analyst TO ada`. Neither logs in by itself.
    static let roles = ["retailflow_writer", "retailflow_analyst"]

    /// The roles and what they may: given anew after each migration, for the tables that it made. Roles belong to the
    /// whole server: made once, by whoever may; where they exist already, nobody has to.
    static let privileges = """
        DO $$
        DECLARE role text;
        BEGIN
            FOREACH role IN ARRAY ARRAY['retailflow_writer', 'retailflow_analyst'] LOOP
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
                    BEGIN
                        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                    END;
                END IF;
            END LOOP;
            -- Everybody may by default, and only the database's owner can say so.
            IF NOT has_database_privilege('retailflow_writer', current_database(), 'TEMPORARY') THEN
                EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO retailflow_writer', current_database());
            END IF;
        END $$;
        GRANT USAGE ON SCHEMA raw, ods, dmt, ops TO retailflow_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA raw, ods, dmt, ops TO retailflow_writer;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA raw, ods, dmt, ops TO retailflow_writer;
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ops.schema_version FROM retailflow_writer;
        GRANT USAGE ON SCHEMA dmt TO retailflow_analyst;
        GRANT SELECT ON ALL TABLES IN SCHEMA dmt TO retailflow_analyst;
        """
}
