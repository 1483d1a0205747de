import Telemetry
import Testing

@Suite("Metric registry")
struct MetricRegistryTests {
    private let registry = MetricRegistry()

    private func read() throws -> PrometheusText { try PrometheusText(registry.text) }

    // Catches a wrong order of lines, a number that a scraper does not read, and series that are mixed up.
    @Test("What was counted, set and observed is what a scraper reads")
    func everything() throws {
        let counter = registry.counter("a_total", help: "Counted.", labels: ["topic", "partition"])
        let gauge = registry.gauge("b_seconds", help: "Set.")
        let histogram = registry.histogram("c_seconds", help: "Observed.", labels: ["run"], bounds: [0.5, 1, 10])
        counter.add(2, "t", "0")
        counter.add(3, "t", "1")
        counter.add(4, "t", "0")
        gauge.set(-0.25)
        for value in [0.5, 0.6, 1, 99] { histogram.observe(value, "batch") }
        let text = try read()
        #expect(text.value("a_total", ["topic": "t", "partition": "0"]) == 6)
        #expect(text.value("a_total", ["topic": "t", "partition": "1"]) == 3)
        #expect(text.value("b_seconds") == -0.25)
        let buckets = ["0.5", "1", "10", "+Inf"].map { text.value("c_seconds_bucket", ["run": "batch", "le": $0]) }
        #expect(buckets == [1, 3, 3, 4])
        #expect(text.value("c_seconds_sum", ["run": "batch"]) == 101.1)
        #expect(text.families["a_total"]?.kind == "counter" && text.families["a_total"]?.help == "Counted.")
        #expect(text.families["c_seconds"]?.kind == "histogram")
    }

    @Test("The text is the same for the same state, by name and labels, and each line as written")
    func exactly() {
        let gauge = registry.gauge("b", help: "B.", labels: ["x"])
        registry.counter("a_total", help: "A.").add(12_345_678_901)
        gauge.set(1, "z")
        gauge.set(0.1, "y")
        #expect(
            registry.text == """
                # HELP a_total A.
                # TYPE a_total counter
                a_total 12345678901
                # HELP b B.
                # TYPE b gauge
                b{x="y"} 0.1
                b{x="z"} 1

                """)
    }

    @Test("Hostile label values and help come back as they were given")
    func hostile() throws {
        let values = [
            "", "a\"b", "a\\nb", "a\nb", "\\", "}", "{x=\"y\"}", "käse, \u{2028}", "a\\\\\"\n",
            "a\r\nb", "\"\u{301}", "\n\u{301}",
        ]
        let gauge = registry.gauge("a", help: "One \\ two\nthree", labels: ["value"])
        for (number, value) in values.enumerated() { gauge.set(Double(number), value) }
        let text = try read()
        for (number, value) in values.enumerated() { #expect(text.value("a", ["value": value]) == Double(number)) }
        #expect(text.families["a"]?.help == "One \\ two\nthree")
    }

    @Test("Numbers of every kind are read back", arguments: [0, 1e15, 1e300, -1.5e-7, .infinity, -.infinity, 1.0 / 3])
    func numbers(_ number: Double) throws {
        registry.gauge("a", help: "A.").set(number)
        #expect(try read().value("a") == number)
    }

    @Test("A gauge tells only what is known; a counter without labels begins at 0")
    func unknown() throws {
        let gauge = registry.gauge("a", help: "A.", labels: ["x"])
        _ = registry.counter("b_total", help: "B.")
        #expect(try read().families["a"]?.samples.isEmpty == true)
        #expect(try read().value("b_total") == 0)
        gauge.replaceAll([["1"]: 1, ["2"]: 2])
        gauge.replaceAll([["2"]: 3])
        #expect(try read().families["a"]?.samples.map(\.value) == [3])
        gauge.clear()
        #expect(try read().families["a"]?.samples.isEmpty == true)
    }

    @Test("Nothing is lost when many count at once, and the text is whole meanwhile")
    func concurrently() async throws {
        let counter = registry.counter("a_total", help: "A.", labels: ["x"])
        let histogram = registry.histogram("b", help: "B.", bounds: [1])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        counter.add(1, "\(task % 2)")
                        histogram.observe(2)
                    }
                }
            }
            group.addTask { for _ in 0..<50 { _ = try PrometheusText(registry.text) } }
            try await group.waitForAll()
        }
        #expect(try read().value("a_total", ["x": "0"]) == 2_000)
        #expect(try read().value("b_count") == 4_000)
    }

    // To see the reader fail: each of these is what a careless writer makes.
    @Test(
        "The reader refuses what is not the format",
        arguments: [
            "a 1", "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na 2\n", "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n",
            "# TYPE a gauge\na{x=\"\n\"} 1\n", "# TYPE a gauge\na{x=\"\\y\"} 1\n", "# TYPE a gauge\na 1,5\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        ])
    func reader(_ text: String) {
        #expect(throws: PrometheusText.Malformed.self) { try PrometheusText(text) }
    }
}
