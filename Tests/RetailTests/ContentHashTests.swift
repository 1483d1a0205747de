import Retail
import Testing

@Suite("Content hashes")
struct ContentHashTests {
    @Test(
        "are XXH64 with seed 0",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] as [(String, UInt64)])
    func published(text: String, hash: UInt64) {
        #expect(Array(text.utf8).withUnsafeBytes(ContentHash.of) == Int64(bitPattern: hash))
    }

    @Test("of a NULL payload and of an empty one differ")
    func noPayload() {
        #expect(ContentHash.ofNoPayload != [UInt8]().withUnsafeBytes(ContentHash.of))
    }
}
