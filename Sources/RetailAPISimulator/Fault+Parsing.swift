extension Fault {
    /// Reads a fault as it is written on the command line: `[LISTING/]NAME[=SECONDS][@WHEN]`.
    ///
    /// NAME is a status (`401`, `500`), `timeout`, `cut`, `malformed`, `html`, `repeat`, `empty`, `total`, `fewer`,
    /// `change`, `late`, `row-…` or `catalogue-…`; SECONDS is the `Retry-After` of a status; WHEN is `first:N`, `every:N`
    /// or `P%`, and each time if it is left out. Examples: `500@first:2`, `429=7@every:10`, `sales/cut@5%`,
    /// `row-utf8@every:100`, `products/catalogue-halved`. Throws `faultUnknown` with what can be written.
    package init(parsing text: String) throws(SimulatorError) {
        var rest = Substring(text)
        var endpoint: SimulatedEndpoint?
        if let slash = rest.firstIndex(of: "/") {
            guard let known = SimulatedEndpoint(rawValue: String(rest[..<slash])) else {
                throw Self.unknown(text, "a listing is one of sales, products, customers")
            }
            endpoint = known
            rest = rest[rest.index(after: slash)...]
        }
        var trigger = Trigger.always
        if let at = rest.firstIndex(of: "@") {
            guard let parsed = Trigger(parsing: rest[rest.index(after: at)...]) else {
                throw Self.unknown(text, "behind @ stands first:N, every:N or a percentage such as 5%")
            }
            trigger = parsed
            rest = rest[..<at]
        }
        var seconds: Int?
        if let equals = rest.firstIndex(of: "=") {
            guard let number = Int(rest[rest.index(after: equals)...]), number >= 0, Int(rest[..<equals]) != nil else {
                throw Self.unknown(text, "only a status takes =SECONDS")
            }
            seconds = number
            rest = rest[..<equals]
        }
        guard let kind = Kind(name: String(rest), seconds: seconds) else {
            throw Self.unknown(text, "known are a status from 400 to 599, \(Self.names.joined(separator: ", "))")
        }
        self.init(kind, trigger, on: endpoint)
        guard SimulatedEndpoint.allCases.contains(where: applies(to:)) else {
            throw Self.unknown(text, "this listing cannot have it")
        }
    }

    /// All names but the statuses.
    package static var names: [String] {
        Kind.named.map { $0.0 } + BadRow.allCases.map { "row-\($0.rawValue)" }
            + CatalogueFault.allCases.map { "catalogue-\($0.rawValue)" }
    }

    private static func unknown(_ text: String, _ help: String) -> SimulatorError {
        SimulatorError(code: .faultUnknown, reason: "the fault \"\(text)\" is not understood; \(help)")
    }
}

extension Fault.Kind {
    /// The kinds that a plain word names.
    fileprivate static let named: [(String, Fault.Kind)] = [
        ("timeout", .hang), ("cut", .cut), ("malformed", .malformed), ("html", .html), ("repeat", .repeatedPage),
        ("empty", .emptyPage), ("total", .lyingTotal), ("fewer", .fewerRows), ("change", .changingSale),
        ("late", .lateSale),
    ]

    fileprivate init?(name: String, seconds: Int?) {
        if let status = Int(name), (400...599).contains(status) {
            self = .status(status, retryAfterSeconds: seconds)
        } else if let known = Self.named.first(where: { $0.0 == name }) {
            self = known.1
        } else if name.hasPrefix("row-"), let row = Fault.BadRow(rawValue: String(name.dropFirst(4))) {
            self = .badRow(row)
        } else if name.hasPrefix("catalogue-"),
            let fault = Fault.CatalogueFault(rawValue: String(name.dropFirst("catalogue-".count)))
        {
            self = .catalogue(fault)
        } else {
            return nil
        }
    }
}

extension Fault.Trigger {
    fileprivate init?(parsing text: Substring) {
        if text.last == "%", let percent = Double(text.dropLast()), (0...100).contains(percent) {
            self = .probability(percent / 100)
        } else if text.hasPrefix("first:"), let count = Int(text.dropFirst(6)), count >= 0 {
            self = .first(count)
        } else if text.hasPrefix("every:"), let count = Int(text.dropFirst(6)), count >= 1 {
            self = .every(count)
        } else {
            return nil
        }
    }
}
