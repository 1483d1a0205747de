/// Decides which faults happen when. It counts and throws dice, and does nothing else: a value.
struct FaultPlan {
    /// The faults of one request.
    struct Decision {
        /// A fault that takes the place of the page, or of its delivery.
        var replacement: Fault?
        /// Faults of the page as a whole.
        var page: [Fault] = []
        /// The fault of the sweep that a catalogue page belongs to.
        var catalogue: Fault?
        /// Faults of single rows, with their place in the plan.
        var rows: [(index: Int, fault: Fault)] = []
    }

    private let faults: [Fault]
    private let seed: UInt64
    private var random: SeededRandom
    /// How often each fault has been asked for: requests, or sweeps for those of catalogues.
    private var occasions: [Int]
    private var sweeps: [SimulatedEndpoint: Fault] = [:]

    init(_ faults: [Fault], seed: UInt64) {
        self.faults = faults
        self.seed = seed
        random = SeededRandom(seed, 7, 0)
        occasions = Array(repeating: 0, count: faults.count)
    }

    /// Takes a request into account. A sweep of a catalogue begins at page 1.
    mutating func decide(_ endpoint: SimulatedEndpoint, isFirstPage: Bool) -> Decision {
        var decision = Decision()
        if isFirstPage { sweeps[endpoint] = nil }
        for (index, fault) in faults.enumerated() where fault.applies(to: endpoint) {
            if fault.isOfRows {
                decision.rows.append((index, fault))
                continue
            }
            if case .catalogue = fault.kind {
                if isFirstPage, fires(index) { sweeps[endpoint] = fault }
                continue
            }
            guard fires(index) else { continue }
            switch fault.kind {
            case .status, .hang, .html, .repeatedPage:
                // The first one that happens takes the request; those behind it wait for the next.
                decision.replacement = fault
                return decision
            default:
                decision.page.append(fault)
            }
        }
        decision.catalogue = sweeps[endpoint]
        return decision
    }

    /// Whether a fault of rows hits the row at this place of its listing: always the same rows.
    func hits(row: Int, fault index: Int) -> Bool {
        switch faults[index].trigger {
        case .always: return true
        case .first(let count): return row < count
        case .every(let count): return (row + 1) % count == 0
        case .probability(let share):
            var random = SeededRandom(seed, 8 &+ UInt64(index), UInt64(row))
            return random.unit() < share
        }
    }

    private mutating func fires(_ index: Int) -> Bool {
        occasions[index] += 1
        switch faults[index].trigger {
        case .always: return true
        case .first(let count): return occasions[index] <= count
        case .every(let count): return occasions[index] % count == 0
        case .probability(let share): return random.unit() < share
        }
    }
}
