import CSimdJSON

/// Judges records as sales, by the letter of the contract, into a ``SaleBatch``.
///
/// One owner at a time: it holds buffers that are used again, and is therefore not Sendable.
///
/// Where the contract leaves room:
/// - `id`, like any number, counts by value: 5.36e5 and "536000.0" are the id 536000. In a string it may also be
///   digits with zeros before them ("000536").
/// - `total_amount` may be missing but not null; it has at most 4 decimals, and at most 10^14 in size.
/// - A `customer_id` that is a number keeps its own text (`17850.0` stays that). A string with U+0000 or half of a
///   surrogate pair is refused, because no database stores it as text.
/// - `datetime` with a zone is converted, and refused when that leads out of the years 1 to 9999. Only `T`, `Z` in
///   upper case; offsets to ±23:59; a fraction has at least one digit.
/// - Control characters are U+0000 to U+001F and U+007F to U+009F.
/// - Arrays and objects nested deeper than 1,000 are refused, as SQLite refuses them.
package final class SaleParser {
    private static let fields = ["id", "datetime", "total_amount", "customer_id", "items"]
    private static let items: UInt32 = 4
    private static let lineFields = ["product_sku", "quantity", "amount"]

    private let timeZone: RetailTimeZone
    private let reader = JSONRecordReader(
        fields: SaleParser.fields, elementFields: SaleParser.lineFields, elementsMax: RetailLimits.linesMax)
    private let canonical = CanonicalBytes()

    /// Makes a parser.
    ///
    /// - Parameter timeZone: `api.time_zone`: the zone of datetimes that name none, and of all that is stored.
    package init(timeZone: RetailTimeZone) {
        self.timeZone = timeZone
    }

    /// Judges one record and adds it to the batch, as a row or as a refusal; whatever the bytes, it is one of both.
    ///
    /// - Parameters:
    ///   - bytes: The record as served; nil for a NULL payload.
    ///   - record: The caller's number for it, given back in the row or refusal.
    ///   - batch: The batch to add to.
    package func parse(_ bytes: UnsafeRawBufferPointer?, record: Int32, into batch: inout SaleBatch) {
        var judge = FieldJudge()
        guard let bytes else {
            judge.refuse(ValidationReason.wholeRecord, .noPayload, "has no payload")
            batch.jsonRecords.append(false)
            batch.refuse(record, saleID: nil, judge, contentHash: ContentHash.ofNoPayload)
            return
        }
        let json = reader.read(bytes)
        batch.jsonRecords.append(json.pointee.is_portable)
        var id: Int64?
        if judge.record(json, fields: Self.fields) {
            id = self.id(json.pointee.fields.0, &judge)
            if sale(json, id: id, record: record, &judge, into: &batch) { return }
            if Self.isDuplicate(field: 0, in: json) { id = nil }
        }
        batch.refuse(record, saleID: id, judge, contentHash: ContentHash.of(bytes))
    }

    /// Judges the fields and adds the row; false, and nothing added, when anything was wrong.
    private func sale(
        _ json: UnsafePointer<json_record>, id: Int64?, record: Int32, _ judge: inout FieldJudge,
        into batch: inout SaleBatch
    ) -> Bool {
        let linesBefore = batch.lines.count
        let textBefore = batch.text.count
        let datetime = self.datetime(json.pointee.fields.1, &judge)
        var total: Int64?
        if json.pointee.fields.2.kind != json_kind_missing {
            total = judge.number(
                json.pointee.fields.2, decimals: Money.decimals, sizeMax: RetailLimits.totalUnitsMax,
                field: "total_amount")
        }
        let customer = judge.customerID(json.pointee.fields.3).map { batch.append($0) }
        let sum = lines(json, &judge, into: &batch)
        guard judge.isContent, let id, let datetime else {
            batch.lines.removeLast(batch.lines.count - linesBefore)
            batch.text.removeLast(batch.text.count - textBefore)
            return false
        }
        let row = SaleBatch.Row(
            record: record, id: id, datetime: datetime, instant: timeZone.instant(ofLocalSeconds: datetime),
            totalAmount: total, customer: customer, lines: Int32(linesBefore)..<Int32(batch.lines.count),
            contentHash: 0, totalDiffers: total != nil && total != sum)
        batch.rows.append(row)
        batch.rows[batch.rows.count - 1].contentHash = contentHash(of: row, in: batch)
        return true
    }

    private func id(_ value: json_value, _ judge: inout FieldJudge) -> Int64? {
        var digits = value
        if value.kind == json_kind_string, value.length > 1, value.bytes.allSatisfy({ Ascii.digit($0) != nil }) {
            while digits.length > 1, let text = digits.text, text.pointee == Ascii.zero {
                digits.text = text + 1
                digits.length -= 1
            }
        }
        guard let id = judge.number(digits, decimals: 0, sizeMax: .max, field: "id") else { return nil }
        guard id >= 1 else {
            judge.refuse("id", .outOfRange, "\(Quotation.value(value)) is not from 1 to \(Int64.max)")
            return nil
        }
        return id
    }

    /// The local time in `api.time_zone`.
    private func datetime(_ value: json_value, _ judge: inout FieldJudge) -> Int64? {
        guard let (written, seconds) = judge.datetime(value, field: "datetime") else { return nil }
        guard let offset = written.offsetSeconds else { return seconds }
        let local = timeZone.localSeconds(ofInstant: seconds - offset)
        guard local >= CivilTime.secondsMin, local <= CivilTime.secondsMax else {
            judge.refuse(
                "datetime", .noSuchDatetime,
                "\(Quotation.value(value)) in \(timeZone.identifier) is not in the years 1 to 9999")
            return nil
        }
        return local
    }

    /// Adds the lines and returns the sum of their amounts, which is at most 10^18 in size.
    private func lines(
        _ json: UnsafePointer<json_record>, _ judge: inout FieldJudge, into batch: inout SaleBatch
    ) -> Int64 {
        let items = json.pointee.fields.4
        guard items.kind == json_kind_array else {
            if items.kind == json_kind_missing {
                judge.refuse("items", .missing, "is missing")
            } else {
                judge.refuse("items", .notAnArray, "\(Quotation.value(items)) is not an array")
            }
            return 0
        }
        let count = json.pointee.array_counts.4
        if count > RetailLimits.linesMax {
            judge.refuse("items", .tooManyLines, "\(count) lines are more than \(RetailLimits.linesMax)")
        }
        var sum: Int64 = 0
        let elements = UnsafeBufferPointer(start: json.pointee.elements, count: json.pointee.element_count)
        for element in elements where element.array == Self.items {
            guard element.value.kind == json_kind_object else {
                judge.refuse(
                    "items[\(element.index)]", .notAnObject, "\(Quotation.value(element.value)) is not an object")
                continue
            }
            let sku = judge.sku(element.fields.0, field: "items[\(element.index)].product_sku")
            let quantity = judge.number(
                element.fields.1, decimals: 0, sizeMax: RetailLimits.quantityMax,
                field: "items[\(element.index)].quantity")
            let amount = judge.number(
                element.fields.2, decimals: Money.decimals, sizeMax: RetailLimits.amountUnitsMax,
                field: "items[\(element.index)].amount")
            if let sku, let quantity, let amount {
                sum += amount
                batch.lines.append(SaleBatch.Line(sku: batch.append(sku), quantity: quantity, amount: amount))
            }
        }
        return sum
    }

    private func contentHash(of row: SaleBatch.Row, in batch: borrowing SaleBatch) -> Int64 {
        let canonical = self.canonical
        canonical.removeAll()
        canonical.append(row.id)
        canonical.append(row.datetime)
        canonical.append(isPresent: row.totalAmount != nil)
        if let total = row.totalAmount { canonical.append(total) }
        canonical.append(isPresent: row.customer != nil)
        batch.text.withUnsafeBufferPointer { text in
            if let customer = row.customer { canonical.append(customer, of: text) }
            canonical.append(Int64(row.lines.count))
            for index in row.lines {
                let line = batch.lines[Int(index)]
                canonical.append(line.sku, of: text)
                canonical.append(line.quantity)
                canonical.append(line.amount)
            }
        }
        return canonical.contentHash
    }

    private static func isDuplicate(field: UInt32, in json: UnsafePointer<json_record>) -> Bool {
        UnsafeBufferPointer(start: json.pointee.duplicates, count: json.pointee.duplicate_count).contains {
            $0.field == field && !$0.is_nested && $0.array == .max
        }
    }
}

extension SaleBatch {
    fileprivate mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) -> TextSlice {
        let slice = TextSlice(offset: text.count, length: bytes.count)
        text.append(contentsOf: bytes)
        return slice
    }

    fileprivate mutating func refuse(_ record: Int32, saleID: Int64?, _ judge: FieldJudge, contentHash: Int64) {
        refusals.append(
            Refusal(record: record, saleID: saleID, reasons: judge.allReasons, contentHash: contentHash))
    }
}
