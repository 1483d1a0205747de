/// What changes while the simulator runs; it lies behind a lock.
struct SimulatorState {
    var plan: FaultPlan
    var counters = SimulatorCounters()
    var sales: any SalesSource
    var products: any CatalogueSource
    var customers: any CatalogueSource
    /// The index of the furthest sale served so far, -1 before the first; it makes late sales appear and changing ones
    /// change.
    var furthestSale = -1
    /// The last page of each listing, to be repeated.
    var lastPages: [SimulatedEndpoint: [UInt8]] = [:]

    /// Reads the data. Throws when it cannot be read.
    init(plan: FaultPlan, data: SimulatorData) throws(SimulatorError) {
        self.plan = plan
        switch data {
        case .generated(let configuration):
            let catalogue = GeneratedCatalogue(configuration: configuration)
            sales = GeneratedSales(configuration)
            products = GeneratedCatalogue.Products(catalogue: catalogue)
            customers = GeneratedCatalogue.Customers(catalogue: catalogue)
        case .rows(let sales, let products, let customers):
            self.sales = Self.sales(RowFile(sales))
            self.products = Self.catalogue(RowFile(products))
            self.customers = Self.catalogue(RowFile(customers))
        case .folder(let path):
            sales = Self.sales(try RowFile(path: path + "/sales.jsonl", mustExist: true))
            products = Self.catalogue(try RowFile(path: path + "/products.jsonl"))
            customers = Self.catalogue(try RowFile(path: path + "/customers.jsonl"))
        }
    }

    /// Adds a sale, or puts it in the place of the one with its id. Throws for made-up data.
    mutating func publish(_ row: String) throws(SimulatorError) {
        guard var stored = sales as? StoredSales else {
            throw SimulatorError(code: .dataFixed, reason: "made-up sales cannot be changed; serve rows or a folder")
        }
        // Let go of the other reference, so that the rows are not copied each time.
        sales = StoredSales(bytes: [], ranges: [])
        stored.publish(Array(row.utf8))
        sales = stored
    }

    /// Puts other rows in the place of a catalogue.
    mutating func replace(_ endpoint: SimulatedEndpoint, with rows: [String]) {
        switch endpoint {
        case .sales: sales = Self.sales(RowFile(rows))
        case .products: products = Self.catalogue(RowFile(rows))
        case .customers: customers = Self.catalogue(RowFile(rows))
        }
    }

    private static func sales(_ file: RowFile) -> any SalesSource {
        StoredSales(bytes: file.bytes, ranges: file.ranges)
    }

    private static func catalogue(_ file: RowFile) -> any CatalogueSource {
        StoredCatalogue(bytes: file.bytes, ranges: file.ranges)
    }
}
