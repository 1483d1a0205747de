/// What the contract says of sales, products and customers, by its letter and without regard to speed; datetimes
/// without a zone are UTC.
enum NaiveRetail {
    struct Line: Hashable {
        var sku: [UInt8]
        var quantity: Int64
        var amount: Int64
    }

    struct Sale: Hashable {
        var id: Int64
        var datetime: Int64
        var total: Int64?
        var customer: [UInt8]?
        var lines: [Line]
    }

    struct Product: Hashable {
        var sku: [UInt8]
        var description: [UInt8]
        var price: Int64
        var supplier: [UInt8]?
        var updatedAt: Int64?
    }

    struct Customer: Hashable {
        var id: [UInt8]
        var emails: [[UInt8]]
        var phoneNumbers: [[UInt8]]
    }

    /// Thrown for whatever the contract refuses.
    struct Refused: Error {}

    /// The whole record: an object without a key that comes twice in any object.
    static func record(_ bytes: [UInt8]) throws(Refused) -> NaiveJSON.Node {
        guard let node = NaiveJSON.parse(bytes), case .object = node.value, !node.hasDuplicateKeys else {
            throw Refused()
        }
        return node
    }

    static func sale(_ bytes: [UInt8]) throws(Refused) -> Sale {
        let record = try record(bytes)
        var sale = Sale(
            id: try id(record["id"]), datetime: try localSeconds(record["datetime"]), total: nil,
            customer: try customerID(record["customer_id"]), lines: [])
        if let total = record["total_amount"] { sale.total = try money(total, limit: 1_000_000_000_000_000_000) }
        guard case .array(let items) = record["items"], items.count <= 1_000 else { throw Refused() }
        for item in items {
            guard case .object = item.value else { throw Refused() }
            sale.lines.append(
                Line(
                    sku: try sku(item["product_sku"]), quantity: try integer(item["quantity"], limit: 1_000_000_000),
                    amount: try money(item["amount"])))
        }
        return sale
    }

    static func product(_ bytes: [UInt8]) throws(Refused) -> Product {
        let record = try record(bytes)
        let price = try money(record["unit_amount"])
        guard price >= 0 else { throw Refused() }
        return Product(
            sku: try sku(record["product_sku"]), description: try text(record["description"]) ?? [], price: price,
            supplier: try text(record["supplier"]), updatedAt: try instant(record["updated_at"]))
    }

    static func customer(_ bytes: [UInt8]) throws(Refused) -> Customer {
        let record = try record(bytes)
        guard let id = try customerID(record["customer_id"]) else { throw Refused() }
        return Customer(
            id: id, emails: try texts(record["emails"]), phoneNumbers: try texts(record["phone_numbers"]))
    }

    // MARK: Fields

    static func id(_ value: NaiveJSON.Value?) throws(Refused) -> Int64 {
        if case .string(let text) = value, text.bytes.count > 1,
            text.bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        {
            let significant = text.bytes.drop { $0 == UInt8(ascii: "0") }
            guard let id = Int64(String(decoding: significant, as: UTF8.self)), id >= 1 else { throw Refused() }
            return id
        }
        let id = try integer(value, limit: .max)
        guard id >= 1 else { throw Refused() }
        return id
    }

    private static func number(_ value: NaiveJSON.Value?) throws(Refused) -> NaiveNumber {
        let text: String? =
            switch value {
            case .number(let text): text
            case .string(let text): String(validating: text.bytes, as: UTF8.self)
            default: nil
            }
        guard let number = text.flatMap(NaiveNumber.init) else { throw Refused() }
        return number
    }

    private static func integer(_ value: NaiveJSON.Value?, limit: Int64) throws(Refused) -> Int64 {
        guard let integer = try number(value).scaled(decimals: 0, sizeMax: limit) else { throw Refused() }
        return integer
    }

    private static func money(
        _ value: NaiveJSON.Value?, limit: Int64 = 1_000_000_000_000_000
    ) throws(Refused) -> Int64 {
        guard let money = try number(value).scaled(decimals: 4, sizeMax: limit) else { throw Refused() }
        return money
    }

    private static func datetime(_ value: NaiveJSON.Value?) throws(Refused) -> NaiveDatetime {
        guard case .string(let text) = value, let datetime = NaiveDatetime(text.bytes) else { throw Refused() }
        return datetime
    }

    private static func localSeconds(_ value: NaiveJSON.Value?) throws(Refused) -> Int64 {
        let datetime = try datetime(value)
        let seconds = datetime.seconds - (datetime.offset ?? 0)
        guard (-62_135_596_800...253_402_300_799).contains(seconds) else { throw Refused() }
        return seconds
    }

    private static func instant(_ value: NaiveJSON.Value?) throws(Refused) -> Int64? {
        if value == nil { return nil }
        if case .null = value { return nil }
        let datetime = try datetime(value)
        return (datetime.seconds - (datetime.offset ?? 0)) * 1_000_000 + datetime.microseconds
    }

    private static func sku(_ value: NaiveJSON.Value?) throws(Refused) -> [UInt8] {
        guard case .string(let text) = value, text.isStorable, !text.bytes.isEmpty,
            String(decoding: text.bytes, as: UTF8.self).unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control
            })
        else { throw Refused() }
        return text.bytes
    }

    private static func customerID(_ value: NaiveJSON.Value?) throws(Refused) -> [UInt8]? {
        switch value {
        case nil, .null: return nil
        case .number(let text): return Array(text.utf8)
        case .string(let text):
            guard text.isStorable else { throw Refused() }
            return text.bytes.isEmpty ? nil : text.bytes
        default: throw Refused()
        }
    }

    private static func text(_ value: NaiveJSON.Value?) throws(Refused) -> [UInt8]? {
        switch value {
        case nil, .null: return nil
        case .string(let text) where text.isStorable: return text.bytes
        default: throw Refused()
        }
    }

    private static func texts(_ value: NaiveJSON.Value?) throws(Refused) -> [[UInt8]] {
        switch value {
        case nil, .null: return []
        case .array(let nodes):
            var texts: [[UInt8]] = []
            for node in nodes {
                guard case .string = node.value, let text = try text(node.value) else { throw Refused() }
                texts.append(text)
            }
            return texts
        default: throw Refused()
        }
    }
}
