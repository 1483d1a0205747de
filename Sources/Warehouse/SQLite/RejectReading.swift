/// Gathers places of refused contents and the records that raw still holds for them.
struct RejectReading {
    private struct Part {
        let topic: String
        let arena = RecordArena()
        var records: [IncomingRecord] = []
        var rejects: [Int64] = []
    }

    /// All places in the order they came.
    private(set) var places: [RejectPlace] = []
    private(set) var bytes = 0
    private var gone: [RejectPlace] = []
    private var parts: [Int64: Part] = [:]

    /// Adds a place that raw no longer holds.
    mutating func add(_ place: RejectPlace) {
        places.append(place)
        gone.append(place)
    }

    /// Adds a place with its record, whose bytes the closure puts into the arena.
    mutating func add(_ place: RejectPlace, topic: String, record: (RecordArena) -> IncomingRecord) {
        places.append(place)
        var part = parts.removeValue(forKey: place.log) ?? Part(topic: topic)
        let record = record(part.arena)
        bytes += record.payload?.count ?? 0
        part.records.append(record)
        part.rejects.append(place.reject)
        parts[place.log] = part
    }

    /// - Parameter isCut: more places may follow. A content that is not whole then is left to the next reading, where
    ///   there is another before it.
    func result(isCut: Bool) -> RejectedRecords {
        var kept = places[...]
        if isCut, let first = places.first, let last = places.last, first.reject != last.reject {
            kept = kept.prefix { $0.reject != last.reject }
        }
        let unfinished = kept.count == places.count ? nil : places.last?.reject
        return RejectedRecords(
            parts: parts.sorted { $0.key < $1.key }.compactMap { log, part in
                let count = part.rejects.firstIndex { $0 == unfinished } ?? part.rejects.count
                guard count > 0 else { return nil }
                return RejectedRecords.Part(
                    log: log, topic: part.topic,
                    raw: RawRecords(records: Array(part.records.prefix(count)), arena: part.arena),
                    rejects: Array(part.rejects.prefix(count)))
            },
            gone: gone.filter { $0.reject != unfinished }, last: kept.last)
    }
}
