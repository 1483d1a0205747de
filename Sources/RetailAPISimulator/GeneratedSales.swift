/// The sales of a made-up shop. Each follows from its index alone, so that any page is made on demand and a million
/// sales take no memory: baskets of one to six lines, promotions, returns, opening hours, guests without an account,
/// a product now and then on two lines of one sale.
struct GeneratedSales: SalesSource {
    private static let weekdayShares = [13, 13, 14, 15, 17, 20, 8]
    /// Every so many ids one is missing.
    private static let idsBetweenGaps: Int64 = 97

    let configuration: GeneratedDataConfiguration
    private let catalogue: GeneratedCatalogue
    /// The sales of a week before each of its seven days, counted from the first day; and those of the whole week.
    private let salesBefore: [Int]

    init(_ configuration: GeneratedDataConfiguration) {
        self.configuration = configuration
        catalogue = GeneratedCatalogue(configuration: configuration)
        let week = max(7, configuration.salesPerDay * 7)
        var before = [0]
        var share = 0
        for day in 0..<7 {
            share += Self.weekdayShares[CalendarDay.weekday(of: configuration.firstDay + day)]
            before.append(week * share / 100)
        }
        salesBefore = before
    }

    var count: Int { max(0, configuration.sales) }

    func id(at index: Int) -> Int64? {
        configuration.firstSaleID + Int64(index) + Int64(index) / Self.idsBetweenGaps
    }

    func firstIndex(fromID id: Int64) -> Int {
        let (distance, overflow) = id.subtractingReportingOverflow(configuration.firstSaleID)
        if overflow || distance <= 0 { return id < configuration.firstSaleID || distance == 0 ? 0 : count }
        let block = Self.idsBetweenGaps + 1
        let (blocks, place) = distance.quotientAndRemainder(dividingBy: block)
        let index = blocks.multipliedReportingOverflow(by: Self.idsBetweenGaps)
        guard !index.overflow, index.partialValue < Int64(count) else { return count }
        // The last place of a block is the missing id: the next sale is the first of the next block.
        return min(count, Int(index.partialValue + place))
    }

    func firstIndex(fromDay day: Int) -> Int {
        let (distance, overflow) = day.subtractingReportingOverflow(configuration.firstDay)
        if overflow || distance <= 0 { return day <= configuration.firstDay ? 0 : count }
        let (weeks, place) = distance.quotientAndRemainder(dividingBy: 7)
        let index = weeks.multipliedReportingOverflow(by: salesBefore[7])
        guard !index.overflow, index.partialValue < count else { return count }
        return min(count, index.partialValue + salesBefore[place])
    }

    func appendRow(at index: Int, to bytes: inout [UInt8]) {
        var random = SeededRandom(configuration.seed, 1, UInt64(index))
        let (week, place) = index.quotientAndRemainder(dividingBy: salesBefore[7])
        var dayOfWeek = 0
        while salesBefore[dayOfWeek + 1] <= place { dayOfWeek += 1 }
        let day = configuration.firstDay + week * 7 + dayOfWeek

        bytes.write(#"{"id":"#)
        bytes.write(id(at: index) ?? 0)
        bytes.write(#","datetime":""#)
        appendTime(day: day, place: place - salesBefore[dayOfWeek], of: salesOn(dayOfWeek), &random, to: &bytes)
        bytes.write(#"","total_amount":"#)

        let lines = basket(week: week, index: index, &random)
        bytes.write(hundredths: lines.reduce(0) { $0 + $1.amount })
        bytes.write(#","customer_id":"#)
        appendCustomer(index: index, &random, to: &bytes)
        bytes.write(#","items":["#)
        for (number, line) in lines.enumerated() {
            bytes.write(number == 0 ? #"{"product_sku":""# : #",{"product_sku":""#)
            GeneratedCatalogue.appendSKU(ofProduct: line.product, to: &bytes)
            bytes.write(#"","quantity":"#)
            bytes.write(line.quantity)
            bytes.write(#","amount":"#)
            bytes.write(hundredths: line.amount)
            bytes.write("}")
        }
        bytes.write("]}")
    }

    private func salesOn(_ dayOfWeek: Int) -> Int {
        salesBefore[dayOfWeek + 1] - salesBefore[dayOfWeek]
    }

    /// Open from 9 to 20 o'clock, on Sundays from 11 to 17; sales follow each other in time as in id.
    private func appendTime(day: Int, place: Int, of sales: Int, _ random: inout SeededRandom, to bytes: inout [UInt8])
    {
        let isSunday = CalendarDay.weekday(of: day) == 6
        let opening = (isSunday ? 11 : 9) * 3_600
        let span = (isSunday ? 6 : 11) * 3_600
        let second = opening + (place * span + random.below(span)) / sales
        let date = CalendarDay.date(of: day)
        bytes.write(date.year, digits: 4)
        bytes.write("-")
        bytes.write(date.month, digits: 2)
        bytes.write("-")
        bytes.write(date.day, digits: 2)
        bytes.write("T")
        bytes.write(second / 3_600, digits: 2)
        bytes.write(":")
        bytes.write(second / 60 % 60, digits: 2)
        bytes.write(":")
        bytes.write(second % 60, digits: 2)
    }

    private func appendCustomer(index: Int, _ random: inout SeededRandom, to bytes: inout [UInt8]) {
        let every = configuration.unknownCustomerEvery
        if every > 0, index % every == every - 1 {
            bytes.write(#""99"#)
            GeneratedCatalogue.appendID(ofCustomer: index % 1_000, to: &bytes)
            bytes.write(#"""#)
        } else if configuration.customers <= 0 || random.below(10) == 0 {
            bytes.write("null")
        } else {
            // Half of the sales go to a tenth of the customers.
            let known = configuration.customers
            let customer = random.below(2) == 0 ? random.below(max(1, known / 10)) : random.below(known)
            bytes.write(#"""#)
            GeneratedCatalogue.appendID(ofCustomer: customer, to: &bytes)
            bytes.write(#"""#)
        }
    }

    private struct Line {
        var product: Int
        var quantity: Int
        var amount: Int
    }

    private func basket(week: Int, index: Int, _ random: inout SeededRandom) -> [Line] {
        let isReturn = random.below(50) == 0
        let size = isReturn ? 1 : [1, 1, 2, 2, 2, 3, 3, 3, 4, 6][random.below(10)]
        var lines: [Line] = []
        lines.reserveCapacity(size)
        for number in 0..<size {
            var product = randomProduct(&random)
            if number > 0, random.below(40) == 0 { product = lines[number - 1].product }
            let quantity = [1, 1, 1, 1, 2, 2, 3, 4, 6, 12][random.below(10)] * (isReturn ? -1 : 1)
            lines.append(line(product, quantity, week: week))
        }
        let every = configuration.unknownProductEvery
        if every > 0, index % every == every / 2 {
            let unknown = max(0, configuration.products) + 1 + index / every % 50
            lines.append(Line(product: unknown, quantity: 1, amount: 999))
        }
        return lines
    }

    /// The square of a throw: few products sell much.
    private func randomProduct(_ random: inout SeededRandom) -> Int {
        let place = random.unit()
        return min(max(0, configuration.products - 1), Int(place * place * Double(configuration.products)))
    }

    /// A line at the catalogue price, or at that of the week's promotion, rounded half up.
    private func line(_ product: Int, _ quantity: Int, week: Int) -> Line {
        var promotion = SeededRandom(configuration.seed, 5, UInt64(product) &* 65_536 &+ UInt64(week))
        let percent = promotion.below(8) == 0 ? [10, 15, 20, 25, 30, 50][promotion.below(6)] : 0
        let full = quantity.magnitude * UInt(catalogue.price(ofProduct: product)) * UInt(100 - percent)
        let amount = Int((full + 50) / 100)
        return Line(product: product, quantity: quantity, amount: quantity < 0 ? -amount : amount)
    }
}
