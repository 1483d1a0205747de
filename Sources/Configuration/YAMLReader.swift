internal import CYAML

/// Reads one YAML document through libyaml (`yaml_parser_load`).
///
/// Stricter than the library where a configuration needs it: a key that comes twice, a second document, a tag, and
/// aliases that nest or multiply without end are errors with their line.
struct YAMLReader {
    /// How deep values may nest; an alias that contains itself would nest for ever.
    static let depthMax = 32
    /// How many values a document may have, aliases counted each time they are used.
    static let nodesMax = 10_000

    private let file: String
    private var nodes = 0

    private init(file: String) {
        self.file = file
    }

    /// The document's root, or nil if there is nothing but blanks and comments.
    ///
    /// - Parameter file: the name that errors show.
    static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLNode? {
        // The parser keeps a pointer to itself as its read handler's data, so that it must not move.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            throw ConfigurationError(.syntax, "out of memory", at: .file(file, line: nil), advice: "free some memory")
        }
        defer { yaml_parser_delete(parser) }
        // The input is read while loading, hence all of it happens while the buffer lives.
        return try bytes.withUnsafeBufferPointer { (buffer) throws(ConfigurationError) -> YAMLNode? in
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            var reader = YAMLReader(file: file)
            let first = try reader.nextDocument(parser, bytes: bytes)
            if first != nil, let second = try reader.nextDocument(parser, bytes: bytes) {
                throw reader.error(
                    "a second YAML document begins", line: second.line, advice: "keep one document a file")
            }
            return first
        }
    }

    private mutating func nextDocument(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, bytes: [UInt8]
    ) throws(ConfigurationError) -> YAMLNode? {
        let document = UnsafeMutablePointer<yaml_document_t>.allocate(capacity: 1)
        defer { document.deallocate() }
        guard yaml_parser_load(parser, document) == 1 else { throw parseError(parser.pointee, bytes: bytes) }
        defer { yaml_document_delete(document) }
        guard let root = yaml_document_get_root_node(document) else { return nil }
        return try node(root, in: document, depth: 1)
    }

    private mutating func node(
        _ pointer: UnsafeMutablePointer<yaml_node_t>, in document: UnsafeMutablePointer<yaml_document_t>, depth: Int
    ) throws(ConfigurationError) -> YAMLNode {
        let node = pointer.pointee
        let line = Int(node.start_mark.line) + 1
        nodes += 1
        guard depth <= Self.depthMax else {
            throw error("values nest more than \(Self.depthMax) deep", line: line, advice: "does an alias hold itself?")
        }
        guard nodes <= Self.nodesMax else {
            throw error("more than \(Self.nodesMax) values", line: line, advice: "do aliases multiply each other?")
        }
        try refuseTag(of: node, line: line)
        switch node.type {
        case YAML_SEQUENCE_NODE:
            return YAMLNode(content: .sequence(try items(of: node, in: document, depth: depth)), line: line)
        case YAML_MAPPING_NODE:
            return YAMLNode(content: .mapping(try entries(of: node, in: document, depth: depth)), line: line)
        default:
            let scalar = node.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return YAMLNode(
                content: .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), line: line)
        }
    }

    private mutating func items(
        of node: yaml_node_t, in document: UnsafeMutablePointer<yaml_document_t>, depth: Int
    ) throws(ConfigurationError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        var item = node.data.sequence.items.start
        while let index = item, index != node.data.sequence.items.top {
            if let child = yaml_document_get_node(document, index.pointee) {
                items.append(try self.node(child, in: document, depth: depth + 1))
            }
            item = index + 1
        }
        return items
    }

    private mutating func entries(
        of node: yaml_node_t, in document: UnsafeMutablePointer<yaml_document_t>, depth: Int
    ) throws(ConfigurationError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var lines: [String: Int] = [:]
        var pair = node.data.mapping.pairs.start
        while let current = pair, current != node.data.mapping.pairs.top {
            pair = current + 1
            guard let keyPointer = yaml_document_get_node(document, current.pointee.key),
                let valuePointer = yaml_document_get_node(document, current.pointee.value)
            else { continue }
            let key = try self.node(keyPointer, in: document, depth: depth + 1)
            guard case .scalar(let name, _) = key.content else {
                throw error("a key is \(key.kind)", line: key.line, advice: "a key is a single word")
            }
            if let first = lines[name] {
                throw ConfigurationError(
                    .duplicateKey, "the key \"\(Shown.text(name))\" is written twice, first on line \(first)",
                    at: .file(file, line: key.line), advice: "remove one of the two")
            }
            lines[name] = key.line
            let value = try self.node(valuePointer, in: document, depth: depth + 1)
            entries.append(YAMLNode.Entry(key: name, line: key.line, value: value))
        }
        return entries
    }

    /// libyaml gives what has no tag its default one; any other was written and would change the value's meaning.
    private func refuseTag(of node: yaml_node_t, line: Int) throws(ConfigurationError) {
        guard let tag = node.tag.map({ String(cString: $0) }) else { return }
        let defaults = [YAML_STR_TAG, YAML_SEQ_TAG, YAML_MAP_TAG]
        guard !defaults.contains(tag) else { return }
        throw error("the YAML tag \(Shown.text(tag)) is not accepted", line: line, advice: "write the value without it")
    }

    private func parseError(_ parser: yaml_parser_t, bytes: [UInt8]) -> ConfigurationError {
        let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
        // What is wrong with the characters is told by offset, what is wrong with the structure by line.
        let line =
            parser.error == YAML_READER_ERROR
            ? bytes.prefix(parser.problem_offset).count { $0 == UInt8(ascii: "\n") } + 1
            : Int(parser.problem_mark.line) + 1
        let hint =
            problem.contains("cannot start any token")
            ? "indent with blanks, not tabs, and quote what begins with a special character"
            : "mend the YAML on or just above that line"
        return error("not valid YAML: \(problem)", line: line, advice: hint)
    }

    private func error(_ problem: String, line: Int, advice: String) -> ConfigurationError {
        ConfigurationError(.syntax, problem, at: .file(file, line: line), advice: advice)
    }
}
