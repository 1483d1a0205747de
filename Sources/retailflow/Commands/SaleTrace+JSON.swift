import Retail
import Warehouse

/// What `trace --json` shows to scripts.
extension SaleTrace {
    var json: JSONValue {
        [
            "sale": JSONValue(sale), "known": .flag(isKnown), "records": .array(records.map(\.json)),
            "ods": stored.map(\.json) ?? .null, "rejects": .array(rejects.map(\.json)),
            "lines": .array(lines.map { $0.json(sale: sale) }),
            "mart": [
                "generation": JSONValue(generation.number), "built": JSONValue(generation.built),
                "revision": generation.revision.map { JSONValue($0) } ?? .null,
            ],
        ]
    }
}

extension SaleTrace.Record {
    fileprivate var json: JSONValue {
        [
            "log": JSONValue(log), "topic": JSONValue(topic), "partition": JSONValue(partition),
            "offset": JSONValue(offset), "version": JSONValue(version), "answered": JSONValue(answered),
            "file": JSONValue(fileName),
            "raw": raw.map { raw in
                [
                    "published": .text(raw.published), "bytes": JSONValue(raw.bytes), "is_json": .flag(raw.isJSON),
                    "created": .text(raw.created),
                ]
            } ?? .null,
        ]
    }
}

extension SaleTrace.Stored {
    fileprivate var json: JSONValue {
        [
            "datetime": .text(datetime), "customer_id": JSONValue(customerID),
            "total_amount": totalAmount.map { .decimal(units: $0, decimals: 4) } ?? .null,
            "version": JSONValue(version), "revision": JSONValue(revision), "decided_by": decidedBy.json,
            "created": .text(created), "updated": .text(updated),
        ]
    }
}

extension SaleTrace.Reject {
    fileprivate var json: JSONValue {
        [
            "state": .text(state.rawValue),
            "reasons": .array(
                reasons.map {
                    ["field": .text($0.field), "code": .text($0.code.rawValue), "message": .text($0.message)]
                }),
            "places": .array(places.map(\.json)), "code_version": .text(codeVersion), "created": .text(created),
        ]
    }
}

extension SaleTrace.Line {
    fileprivate func json(sale: Int64) -> JSONValue {
        [
            "product_sku": .text(sku), "ods": stored.map { .object($0.members) } ?? .null,
            "mart": mart.map { mart in
                let isOrphan = mart.orphanReason != nil
                return .object(
                    mart.sold.members.merging(
                        [
                            "id": isOrphan ? .null : .text("\(sale)-\(sku)"),
                            "product_description": JSONValue(mart.description),
                            "discount_perc": mart.discount.map { .decimal(units: $0, decimals: 2) } ?? .null,
                            "orphan_reason": JSONValue(mart.orphanReason), "since": JSONValue(mart.since),
                        ], uniquingKeysWith: { first, _ in first }))
            } ?? .null,
        ]
    }
}

extension SaleTrace.Sold {
    fileprivate var members: [String: JSONValue] {
        ["quantity": JSONValue(quantity), "amount": .decimal(units: amount, decimals: 4)]
    }
}

extension RecordPlace {
    fileprivate var json: JSONValue {
        [
            "log": JSONValue(log), "partition": JSONValue(partition), "offset": JSONValue(offset),
            "version": JSONValue(version),
        ]
    }
}
