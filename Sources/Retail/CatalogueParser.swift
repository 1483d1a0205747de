import CSimdJSON

/// Judges rows of the catalogue endpoints as products and customers.
///
/// One owner at a time, like ``SaleParser``, and as strict: an unknown field is passed over, a key that comes twice in
/// one object refuses the row. Key and price must be there. What the mart does not need may be missing or null: then
/// the description is empty, the lists are empty, and there is no supplier and no `updated_at`; a row refused for want
/// of them would only make orphans.
package final class CatalogueParser {
    private static let productFields = ["product_sku", "description", "unit_amount", "supplier", "updated_at"]
    private static let customerFields = ["customer_id", "emails", "phone_numbers"]
    private static let emails: UInt32 = 1

    private let timeZone: RetailTimeZone
    private let productReader = JSONRecordReader(fields: CatalogueParser.productFields, elementsMax: 0)
    private let customerReader = JSONRecordReader(fields: CatalogueParser.customerFields, elementsMax: Int(UInt32.max))

    /// Makes a parser.
    ///
    /// - Parameter timeZone: `api.time_zone`: the zone of an `updated_at` that names none.
    package init(timeZone: RetailTimeZone) {
        self.timeZone = timeZone
    }

    /// Judges one row of `/products`.
    package func product(_ bytes: UnsafeRawBufferPointer) -> Parsed<Product> {
        var judge = FieldJudge()
        let json = productReader.read(bytes)
        guard judge.record(json, fields: Self.productFields) else {
            return .refused(key: nil, reasons: judge.allReasons)
        }
        let fields = json.pointee.fields
        let sku = judge.sku(fields.0, field: "product_sku").map { String(decoding: $0, as: UTF8.self) }
        let description = text(fields.1, field: "description", &judge)
        let unitAmount = price(fields.2, &judge)
        let supplier = text(fields.3, field: "supplier", &judge)
        let updatedAt = instant(fields.4, &judge)
        guard judge.isContent, let sku, let unitAmount else {
            return .refused(key: Self.hasDuplicateKeyField(json) ? nil : sku, reasons: judge.allReasons)
        }
        return .valid(
            Product(
                sku: sku, description: description ?? "", unitAmount: unitAmount, supplier: supplier,
                updatedAt: updatedAt))
    }

    /// Judges one row of `/customers`. Its reasons quote no value.
    package func customer(_ bytes: UnsafeRawBufferPointer) -> Parsed<Customer> {
        var judge = FieldJudge()
        let json = customerReader.read(bytes)
        guard judge.record(json, fields: Self.customerFields) else {
            return .refused(key: nil, reasons: judge.allReasons)
        }
        let id = customerID(json.pointee.fields.0, &judge)
        var emails: [String] = []
        var phoneNumbers: [String] = []
        array(json.pointee.fields.1, field: "emails", &judge)
        array(json.pointee.fields.2, field: "phone_numbers", &judge)
        for element in UnsafeBufferPointer(start: json.pointee.elements, count: json.pointee.element_count)
        where element.array > 0 {
            guard let text = text(element, &judge) else { continue }
            if element.array == Self.emails { emails.append(text) } else { phoneNumbers.append(text) }
        }
        guard judge.isContent, let id else {
            return .refused(key: Self.hasDuplicateKeyField(json) ? nil : id, reasons: judge.allReasons)
        }
        return .valid(Customer(customerID: id, emails: emails, phoneNumbers: phoneNumbers))
    }

    private func price(_ value: json_value, _ judge: inout FieldJudge) -> Money? {
        guard
            let units = judge.number(
                value, decimals: Money.decimals, sizeMax: RetailLimits.amountUnitsMax, field: "unit_amount")
        else { return nil }
        guard units >= 0 else {
            judge.refuse("unit_amount", .outOfRange, "\(Quotation.value(value)) is negative")
            return nil
        }
        return Money(units: units)
    }

    /// A string; nil when it is missing, null or refused.
    private func text(_ value: json_value, field: String, _ judge: inout FieldJudge) -> String? {
        if value.kind == json_kind_null || value.kind == json_kind_missing { return nil }
        guard value.kind == json_kind_string else {
            judge.refuse(field, .notAString, "\(Quotation.value(value)) is not a string")
            return nil
        }
        guard !value.is_unstorable else {
            judge.refuse(field, .notText, "holds U+0000 or half of a surrogate pair")
            return nil
        }
        return String(decoding: value.bytes, as: UTF8.self)
    }

    /// The instant of `updated_at` in UTC microseconds; nil when it is missing, null or refused.
    private func instant(_ value: json_value, _ judge: inout FieldJudge) -> Int64? {
        if value.kind == json_kind_missing || value.kind == json_kind_null { return nil }
        guard let (written, seconds) = judge.datetime(value, field: "updated_at") else { return nil }
        let instant = written.offsetSeconds.map { seconds - $0 } ?? timeZone.instant(ofLocalSeconds: seconds)
        return instant * 1_000_000 + written.microseconds
    }

    private func customerID(_ value: json_value, _ judge: inout FieldJudge) -> String? {
        if value.kind == json_kind_missing {
            judge.refuse("customer_id", .missing, "is missing")
        } else if value.kind == json_kind_null || (value.kind == json_kind_string && value.length == 0) {
            judge.refuse("customer_id", .empty, "is empty")
        }
        return judge.customerID(value).map { String(decoding: $0, as: UTF8.self) }
    }

    private func array(_ value: json_value, field: String, _ judge: inout FieldJudge) {
        if value.kind == json_kind_missing || value.kind == json_kind_null { return }
        if value.kind != json_kind_array {
            judge.refuse(field, .notAnArray, "\(Quotation.kind(of: value)) is not an array")
        }
    }

    /// An e-mail address or telephone number.
    private func text(_ element: json_element, _ judge: inout FieldJudge) -> String? {
        let field = "\(Self.customerFields[Int(element.array)])[\(element.index)]"
        guard element.value.kind == json_kind_string else {
            judge.refuse(field, .notAString, "\(Quotation.kind(of: element.value)) is not a string")
            return nil
        }
        guard !element.value.is_unstorable else {
            judge.refuse(field, .notText, "holds U+0000 or half of a surrogate pair")
            return nil
        }
        return String(decoding: element.value.bytes, as: UTF8.self)
    }

    private static func hasDuplicateKeyField(_ json: UnsafePointer<json_record>) -> Bool {
        UnsafeBufferPointer(start: json.pointee.duplicates, count: json.pointee.duplicate_count).contains {
            $0.field == 0 && !$0.is_nested && $0.array == .max
        }
    }
}
