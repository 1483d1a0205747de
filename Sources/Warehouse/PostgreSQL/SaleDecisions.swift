internal import Retail

/// What becomes of the sales of a batch: decided record by record, as if each were written before the next one is looked
/// at, so that only the last state of each sale is left to write.
struct SaleDecisions {
    /// What ods has of a sale. The hash tells what the record says; the instant also depends on the zone that local times
    /// are read in.
    struct Present {
        var place: RecordPlace
        var contentHash: Int64
        var instant: Int64
    }

    /// A sale whose content is written.
    struct Written {
        let id: Int64
        /// Whether ods has no row of it.
        let isNew: Bool
        /// The content, an index of the batch's rows.
        var row: Int
        /// The record that decided the row: the content's, or a later one that says the same.
        var place: RecordPlace
        /// The revision of a new row; of another, by how much it rises.
        var revisions: Int64
    }

    private var present: [Int64: Present]
    private var order: [Int64] = []
    private var writes: [Int64: Written] = [:]
    private var raises: [Int64: RecordPlace] = [:]

    init(present: [Int64: Present]) { self.present = present }

    /// Those whose content is written, in the order of their ids.
    var written: [Written] { order.compactMap { writes[$0] } }

    /// Those of which only the deciding record is another one, in the order of their ids.
    var raised: [(id: Int64, place: RecordPlace)] {
        raises.sorted { $0.key < $1.key }.map { (id: $0.key, place: $0.value) }
    }

    /// Takes in the next valid record of a batch, in the order of sale ids.
    mutating func take(_ index: Int, of batch: IngestBatch, counts: inout OdsCounts) {
        let row = batch.sales.rows[index]
        let place = RecordPlace(batch.records[Int(row.record)], log: batch.log)
        if row.totalDiffers { counts.totalDiffers += 1 }
        guard let known = present[row.id] else {
            counts.inserted += 1
            present[row.id] = Present(place: place, contentHash: row.contentHash, instant: row.instant)
            writes[row.id] = Written(id: row.id, isNew: true, row: index, place: place, revisions: 1)
            order.append(row.id)
            return
        }
        if place < known.place {
            counts.outdated += 1
        } else if known.contentHash == row.contentHash, known.instant == row.instant {
            counts.unchanged += 1
            guard known.place < place else { return }
            present[row.id]?.place = place
            if writes[row.id] == nil { raises[row.id] = place } else { writes[row.id]?.place = place }
        } else {
            counts.changed += 1
            present[row.id] = Present(place: place, contentHash: row.contentHash, instant: row.instant)
            raises[row.id] = nil
            if writes[row.id] == nil {
                writes[row.id] = Written(id: row.id, isNew: false, row: index, place: place, revisions: 0)
                order.append(row.id)
            }
            writes[row.id]?.row = index
            writes[row.id]?.place = place
            writes[row.id]?.revisions += 1
        }
    }
}
