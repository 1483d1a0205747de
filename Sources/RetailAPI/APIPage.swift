/// One page as the API served it: its bytes, and where each row lies in them.
package struct APIPage: Sendable {
    /// The listing it is a page of.
    package let endpoint: Endpoint
    /// The body, byte for byte.
    package let body: [UInt8]
    /// The bytes of each row in `body`, in the order served. A row need not be valid JSON.
    package let rows: [Range<Int>]
    /// The number under `total`, if the body has one.
    package let declaredTotal: Int64?
    /// How many rows were asked for; more or fewer may have come.
    package let requestedLimit: Int
    /// When the answer was complete, in microseconds since 1970.
    package let answeredAtMicroseconds: Int64
    /// The name of the page, `{endpoint}_{YYYYMMDD_HHmm}_{uuid}.json`, in UTC.
    package let fileName: String

    /// Makes a page of a body, one from a file as well as one from the network. Throws when its array is broken.
    package init(
        endpoint: Endpoint, body: [UInt8], requestedLimit: Int, answeredAtMicroseconds: Int64, fileName: String
    ) throws(PageFault) {
        let layout = try Self.split(body)
        self.endpoint = endpoint
        self.body = body
        rows = layout.rows
        declaredTotal = layout.declaredTotal
        self.requestedLimit = requestedLimit
        self.answeredAtMicroseconds = answeredAtMicroseconds
        self.fileName = fileName
    }

    /// Finds the rows of a body by brackets and strings alone; see `PageSplitter`.
    package static func split(_ body: [UInt8]) throws(PageFault) -> PageLayout {
        let result = body.withUnsafeBytes { bytes in
            Result { () throws(PageFault) in try PageSplitter.split(bytes) }
        }
        return try result.get()
    }
}
