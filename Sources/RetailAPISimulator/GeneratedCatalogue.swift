/// The products and customers of a made-up shop: what is known of each follows from its number alone.
struct GeneratedCatalogue: Sendable {
    let configuration: GeneratedDataConfiguration

    private static let colours = [
        "WHITE", "RED", "IVORY", "PINK", "BLUE", "GREEN", "SILVER", "BLACK", "CREAM", "PURPLE", "ANTIQUE", "RUSTIC",
    ]
    private static let styles = [
        "SPOTTED", "STRIPED", "VINTAGE", "FLORAL", "WOODLAND", "NORDIC", "PAISLEY", "GLITTER", "TARTAN", "HEART",
        "STAR", "SCALLOPED", "CIRCUS", "DAISY", "GINGHAM",
    ]
    private static let things = [
        "MUG", "CUSHION COVER", "LUNCH BAG", "CAKE TIN", "TEA TOWEL", "PHOTO FRAME", "LANTERN", "JAM JAR", "APRON",
        "DOORMAT", "NAPKINS", "PICNIC BASKET", "NOTEBOOK", "BUNTING", "CANDLE HOLDER", "CLOCK", "COAT RACK",
        "HOT WATER BOTTLE", "BIRD FEEDER", "SEWING KIT", "TRINKET BOX", "UMBRELLA", "WATERING CAN", "RULER",
    ]
    private static let suppliers = [
        "Harbour & Sons", "Oakfield Trading", "Bright Ceramics", "Northgate Textiles", "Willow Paper Co",
        "Lakeside Imports", "Castle Homeware", "Meridian Gifts",
    ]
    /// Prices in hundredths, the usual ones of such shops.
    private static let prices = [
        42, 55, 65, 85, 95, 125, 145, 165, 195, 210, 255, 295, 325, 375, 425, 495, 550, 595, 675, 795, 850, 995, 1_295,
        1_495, 1_695, 1_995, 2_495, 3_995,
    ]

    /// The catalogue price of a product in hundredths.
    func price(ofProduct product: Int) -> Int {
        var random = SeededRandom(configuration.seed, 2, UInt64(product))
        // Two throws, the lower counts: cheap things are many.
        return Self.prices[min(random.below(Self.prices.count), random.below(Self.prices.count))]
    }

    /// Writes a stock code such as `20017` or `20020A`; one fifth of them has a letter.
    static func appendSKU(ofProduct product: Int, to bytes: inout [UInt8]) {
        bytes.write(20_000 + product)
        if product % 5 == 0 { bytes.append(UInt8(ascii: "A") + UInt8(product / 5 % 6)) }
    }

    /// Writes a customer's id.
    static func appendID(ofCustomer customer: Int, to bytes: inout [UInt8]) {
        bytes.write(12_000 + customer)
    }

    /// The products as a listing.
    struct Products: CatalogueSource {
        let catalogue: GeneratedCatalogue

        var count: Int { max(0, catalogue.configuration.products) }

        func appendRow(at index: Int, to bytes: inout [UInt8]) {
            var random = SeededRandom(catalogue.configuration.seed, 3, UInt64(index))
            bytes.write(#"{"product_sku":""#)
            GeneratedCatalogue.appendSKU(ofProduct: index, to: &bytes)
            bytes.write(#"","description":""#)
            bytes.write(GeneratedCatalogue.things[index % GeneratedCatalogue.things.count])
            bytes.write(" ")
            bytes.write(GeneratedCatalogue.colours[random.below(GeneratedCatalogue.colours.count)])
            bytes.write(" ")
            bytes.write(GeneratedCatalogue.styles[random.below(GeneratedCatalogue.styles.count)])
            bytes.write(#"","unit_amount":"#)
            bytes.write(hundredths: catalogue.price(ofProduct: index))
            bytes.write(#","supplier":""#)
            bytes.write(GeneratedCatalogue.suppliers[random.below(GeneratedCatalogue.suppliers.count)])
            bytes.write(#""}"#)
        }
    }

    /// The customers as a listing.
    struct Customers: CatalogueSource {
        let catalogue: GeneratedCatalogue

        var count: Int { max(0, catalogue.configuration.customers) }

        func appendRow(at index: Int, to bytes: inout [UInt8]) {
            var random = SeededRandom(catalogue.configuration.seed, 4, UInt64(index))
            bytes.write(#"{"customer_id":""#)
            GeneratedCatalogue.appendID(ofCustomer: index, to: &bytes)
            bytes.write(#"","emails":["#)
            let emails = [1, 1, 1, 1, 1, 1, 2, 2, 0, 1][random.below(10)]
            for email in 0..<emails {
                bytes.write(email == 0 ? #""customer"# : #","office"#)
                GeneratedCatalogue.appendID(ofCustomer: index, to: &bytes)
                bytes.write(#"@example.com""#)
            }
            bytes.write(#"],"phone_numbers":["#)
            if random.below(3) != 0 {
                // A range that is set aside for fiction.
                bytes.write(#""+44 20 7946 0"#)
                bytes.write(random.below(1_000), digits: 3)
                bytes.write(#"""#)
            }
            bytes.write("]}")
        }
    }
}
