extension CommandTable {
    static let warehouse = CommandDefinition(
        name: .warehouse,
        summary: "Make the warehouse, with its roles",
        details: """
            init makes what is missing and brings an older warehouse to this release; what is there stays. Every other \
            command does so too where it may. In PostgreSQL it also makes the roles retailflow_writer, whom the \
            pipeline connects as, and retailflow_analyst, who may read dmt and nothing else, and gives them anew what \
            they may: so it is run by the owner of the database, once for each release. The password belongs in a \
            file (PGPASSFILE) or the environment (RETAILFLOW_WAREHOUSE_URL, PGPASSWORD), not in a setting that others \
            see; TLS is asked for in the URL (sslmode=verify-full) or by PGSSLMODE.
            """,
        argument: .init(
            placeholder: "ACTION", words: WarehouseOptions.Action.allCases.map(\.rawValue), isRequired: true),
        examples: [
            .init("retailflow warehouse init", "Make it, or bring it to this release."),
            .init(
                "retailflow --set warehouse.url=postgresql://ada@db.example/retail?sslmode=verify-full warehouse init",
                "In a PostgreSQL database, as its owner."),
        ],
        make: { (reader) throws(UsageError) in
            guard let action = try reader.argument("ACTION", WarehouseOptions.Action.self) else {
                throw UsageError("warehouse needs init", advice: "write retailflow warehouse init")
            }
            return .warehouse(WarehouseOptions(action: action))
        })
}
