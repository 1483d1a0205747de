import Foundation
import FuzzKit

// A fuzzer of the parsers: `scripts/fuzz` builds it with libFuzzer, which calls `testOneInput` with one input after
// another and follows what the code does with them. Built without, it tries the files that it is given.

private func complain(_ words: String) {
    FileHandle.standardError.write(Data("fuzz: \(words)\n".utf8))
}

/// Ends the process at a finding, so that libFuzzer keeps the input.
private func check(_ bytes: [UInt8], of subject: FuzzSubject) {
    do throws(Finding) {
        try subject.check(bytes)
    } catch {
        complain("\(subject.rawValue): \(error)")
        abort()
    }
}

#if LIBFUZZER

    private let subject: FuzzSubject = {
        let names = CommandLine.arguments.filter { $0.hasPrefix("--subject=") }.map { String($0.dropFirst(10)) }
        guard let name = names.first, let subject = FuzzSubject(rawValue: name) else {
            complain("--subject=record|page|catalogue is missing")
            exit(64)
        }
        return subject
    }()

    /// What libFuzzer calls; it ignores options that begin with two hyphens, such as our `--subject`.
    @c(LLVMFuzzerTestOneInput)
    public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        check(Array(UnsafeBufferPointer(start: start, count: count)), of: subject)
        return 0
    }

#else

    @main
    struct Fuzzer {
        static func main() {
            let arguments = CommandLine.arguments.dropFirst()
            guard let subject = arguments.first.flatMap(FuzzSubject.init), arguments.count > 1 else {
                complain("usage: Fuzzer record|page|catalogue FILE...")
                exit(64)
            }
            for path in arguments.dropFirst() {
                guard let bytes = FileManager.default.contents(atPath: path) else {
                    complain("\(path) can't be read")
                    exit(66)
                }
                check([UInt8](bytes), of: subject)
            }
            print("fuzz: \(subject.rawValue): nothing found in \(arguments.count - 1) files")
        }
    }

#endif
