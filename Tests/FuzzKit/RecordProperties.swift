import Retail

/// What holds of `SaleParser` for whatever bytes.
enum RecordProperties {
    private static let neighbour = Array(
        #"{"id":7,"datetime":"2011-12-09T12:50:00","customer_id":"é\u00e9","items":[{"product_sku":"a","quantity":1,"amount":"1"}]}"#
            .utf8)

    /// The verdict on one record, apart from where it stands in its batch.
    private struct Verdict: Equatable {
        var sale: NaiveRetail.Sale?
        var refusedID: Int64?
        var reasons: [ValidationReason] = []
        var contentHash: Int64
        var isJSON: Bool
        var totalDiffers = false
    }

    static func check(_ bytes: [UInt8]) throws(Finding) {
        let verdict = try verdicts([bytes])[0]
        try compareWithContract(verdict, bytes)
        try Finding.expect(try verdicts([bytes])[0], equals: verdict, "judged again")
        let among = try verdicts([neighbour, bytes, [], bytes, neighbour])
        try Finding.expect(among[1], equals: verdict, "between neighbours")
        try Finding.expect(among[3], equals: verdict, "after a refused neighbour")
        try Finding.expect(among[0], equals: among[4], "the neighbours")
        let padded = try verdicts([Array(" \n".utf8) + bytes + Array("\t \r\n".utf8)])[0]
        try Finding.expect(padded.sale, equals: verdict.sale, "between blanks")
        try Finding.expect(padded.reasons.map(\.code), equals: verdict.reasons.map(\.code), "reasons between blanks")
        if verdict.sale != nil {
            try Finding.expect(padded.contentHash, equals: verdict.contentHash, "content hash between blanks")
        }
    }

    private static func compareWithContract(_ verdict: Verdict, _ bytes: [UInt8]) throws(Finding) {
        let node = NaiveJSON.parse(bytes)
        let sale = try? NaiveRetail.sale(bytes)
        try Finding.expect(verdict.sale, equals: sale, "the sale (\(verdict.reasons))")
        if node?.hasShortNumbers ?? true {
            try Finding.expect(verdict.isJSON, equals: node?.isStorable ?? false, "whether views may open it")
        }
        if let sale {
            let sum = sale.lines.reduce(0) { $0 + $1.amount }
            try Finding.expect(
                verdict.totalDiffers, equals: sale.total.map { $0 != sum } ?? false, "whether the total differs")
            return
        }
        try Finding.expect(!verdict.reasons.isEmpty, "refused without a reason")
        var id: Int64?
        if let node, node.count(of: "id") == 1 { id = try? NaiveRetail.id(node["id"]) }
        try Finding.expect(verdict.refusedID, equals: id, "the id of a refused sale")
        for reason in verdict.reasons {
            try Finding.expect(ValidationReason.Code.known.contains(reason.code), "an unknown code: \(reason)")
            try Finding.expect(
                reason.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                "a control character in a reason: \(reason)")
            try Finding.expect(reason.description.utf8.count < 2_000, "a reason without end: \(reason)")
        }
    }

    private static func verdicts(_ records: [[UInt8]]) throws(Finding) -> [Verdict] {
        let parser = SaleParser(timeZone: .utc)
        var batch = SaleBatch()
        for (number, record) in records.enumerated() {
            withExactMemory(record) { parser.parse($0, record: Int32(number), into: &batch) }
        }
        try Finding.expect(batch.rows.count + batch.refusals.count, equals: records.count, "rows and refusals")
        try Finding.expect(batch.jsonRecords.count, equals: records.count, "records told to be JSON or not")
        var verdicts: [Int32: Verdict] = [:]
        var linesEnd: Int32 = 0
        for row in batch.rows {
            try Finding.expect(row.lines.lowerBound, equals: linesEnd, "where the lines of \(row.record) begin")
            linesEnd = row.lines.upperBound
            try Finding.expect(row.instant, equals: row.datetime, "the instant in UTC")
            verdicts[row.record] = Verdict(
                sale: sale(row, batch), contentHash: row.contentHash, isJSON: batch.jsonRecords[Int(row.record)],
                totalDiffers: row.totalDiffers)
        }
        try Finding.expect(Int(linesEnd), equals: batch.lines.count, "lines that belong to a sale")
        for refusal in batch.refusals {
            verdicts[refusal.record] = Verdict(
                refusedID: refusal.saleID, reasons: refusal.reasons, contentHash: refusal.contentHash,
                isJSON: batch.jsonRecords[Int(refusal.record)])
        }
        try Finding.expect(verdicts.count, equals: records.count, "records with a verdict")
        return records.indices.compactMap { verdicts[Int32($0)] }
    }

    private static func sale(_ row: SaleBatch.Row, _ batch: SaleBatch) -> NaiveRetail.Sale {
        NaiveRetail.Sale(
            id: row.id, datetime: row.datetime, total: row.totalAmount,
            customer: row.customer.map { batch.withText($0) { Array($0) } },
            lines: batch.lines[Int(row.lines.lowerBound)..<Int(row.lines.upperBound)].map { line in
                NaiveRetail.Line(
                    sku: batch.withText(line.sku) { Array($0) }, quantity: line.quantity, amount: line.amount)
            })
    }
}
