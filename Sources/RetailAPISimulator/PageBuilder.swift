/// Puts a page together: which rows it has, in what state, and what is around them. No network, no clock.
struct PageBuilder {
    /// A page ready to be sent.
    struct Page {
        var body: [UInt8] = []
        var rows = 0
        /// The furthest sale in it; nil if it has none.
        var furthestSale: Int?
        /// The faults that really showed, each as often as it did.
        var fired: [String] = []
        /// Whether the connection is to be cut in the middle of it.
        var isCut = false
        /// Whether the client gets something it can read.
        var isWhole = true
    }

    let shape: PageShape
    let plan: FaultPlan
    let decision: FaultPlan.Decision
    private var page = Page()
    private var limit: Int
    /// Only this kind of fault needs each row to be looked at.
    private let touchesRows: Bool

    init(shape: PageShape, plan: FaultPlan, decision: FaultPlan.Decision, limit: Int) {
        self.shape = shape
        self.plan = plan
        self.decision = decision
        self.limit = limit
        touchesRows = !decision.rows.isEmpty
        if decision.page.contains(where: { $0.kind == .fewerRows }) { self.limit = max(1, limit / 2) }
        if decision.page.contains(where: { $0.kind == .emptyPage }) { self.limit = 0 }
        page.body.reserveCapacity(min(self.limit, 1_000) * 320)
    }

    /// The page of sales from an index on, of which `visible` are there at all.
    mutating func sales(from start: Int, of source: any SalesSource, visible: Int, furthestSale: Int) -> Page {
        page.body.write(shape.opening)
        var index = start
        while page.rows < limit, index < visible {
            if !touchesRows {
                beginRow()
                source.appendRow(at: index, to: &page.body)
                page.furthestSale = index
            } else if !isHidden(index, visible: visible, furthestSale: furthestSale) {
                beginRow()
                let rowStart = page.body.count
                source.appendRow(at: index, to: &page.body)
                spoil(from: rowStart, index: index, wasServed: index <= furthestSale)
                page.furthestSale = index
            }
            index += 1
        }
        return finished(total: visible, isMoreLeft: index < visible)
    }

    /// Page N, from 1, of a catalogue.
    mutating func catalogue(page number: Int, of source: any CatalogueSource) -> Page {
        page.body.write(shape.opening)
        let fault = decision.catalogue.flatMap { fault -> Fault.CatalogueFault? in
            if case .catalogue(let kind) = fault.kind { kind } else { nil }
        }
        let count = Self.rows(of: source.count, fault)
        let (first, overflow) = max(0, number - 1).multipliedReportingOverflow(by: max(1, limit))
        var index = overflow ? count : min(first, count)
        while page.rows < limit, index < count {
            beginRow()
            let rowStart = page.body.count
            let place = fault == .halved ? index * 2 : index % max(1, source.count)
            source.appendRow(at: place, to: &page.body)
            if fault == .repriced || (fault == .drift && index == source.count) {
                let row = RowChange.repriced(page.body[rowStart...])
                page.body.replaceSubrange(rowStart..., with: row)
            }
            if touchesRows { spoil(from: rowStart, index: place, wasServed: false) }
            index += 1
        }
        if let fault = decision.catalogue { page.fired.append(fault.name) }
        return finished(total: fault == .truncated ? source.count : count, isMoreLeft: index < count)
    }

    /// How many rows a catalogue of so many has under a fault.
    private static func rows(of count: Int, _ fault: Fault.CatalogueFault?) -> Int {
        switch fault {
        case .truncated: count / 2
        case .halved: (count + 1) / 2
        case .empty: 0
        case .duplicated, .drift: count == 0 ? 0 : count + 1
        case .repriced, nil: count
        }
    }

    private mutating func beginRow() {
        if page.rows > 0 { page.body.append(UInt8(ascii: ",")) }
        page.rows += 1
    }

    /// A late sale shows once the fifth sale behind it has been served; the last five are never late.
    private mutating func isHidden(_ index: Int, visible: Int, furthestSale: Int) -> Bool {
        for (place, fault) in decision.rows where fault.kind == .lateSale {
            if index + 5 < visible, furthestSale < index + 5, plan.hits(row: index, fault: place) {
                page.fired.append(fault.name)
                return true
            }
        }
        return false
    }

    private mutating func spoil(from rowStart: Int, index: Int, wasServed: Bool) {
        for (place, fault) in decision.rows where plan.hits(row: index, fault: place) {
            let row: [UInt8]
            switch fault.kind {
            case .badRow(let how): row = RowChange.broken(page.body[rowStart...], how)
            case .changingSale where wasServed: row = RowChange.changed(page.body[rowStart...])
            default: continue
            }
            page.body.replaceSubrange(rowStart..., with: row)
            page.fired.append(fault.name)
        }
    }

    private mutating func finished(total: Int, isMoreLeft: Bool) -> Page {
        let isLying = decision.page.contains { $0.kind == .lyingTotal }
        page.body.write(shape.closing(total: isLying ? total + 7 : total))
        for fault in decision.page {
            switch fault.kind {
            case .malformed:
                page.body.removeLast(max(1, page.body.count / 3))
                page.isWhole = false
            case .cut:
                page.isCut = true
                page.isWhole = false
            // No total to lie with, no row to withhold: nobody can see it.
            case .lyingTotal where !shape.hasTotal: continue
            case .emptyPage where !isMoreLeft, .fewerRows where !isMoreLeft: continue
            default: break
            }
            page.fired.append(fault.name)
        }
        return page
    }
}
