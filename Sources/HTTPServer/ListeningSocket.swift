internal import Glibc

/// A listening TCP socket. It is opened here and not by the library, which does not say why it could not.
struct ListeningSocket: ~Copyable {
    /// The open socket; whoever calls `take` owns it.
    private var descriptor: Int32
    /// The port, also when a free one was asked for.
    let port: Int

    /// Opens, binds and listens. Throws with the system's reason.
    init(address: String, port: Int) throws(HTTPServerError) {
        let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        func failure(_ number: Int32) -> HTTPServerError {
            let code: HTTPServerError.Code =
                switch number {
                case EADDRINUSE: .addressInUse
                case EADDRNOTAVAIL, EAFNOSUPPORT: .addressInvalid
                case EACCES, EPERM: .permissionDenied
                default: .other
                }
            return HTTPServerError(code: code, address: place, reason: String(cString: strerror(number)))
        }
        guard (0...65_535).contains(port) else {
            throw HTTPServerError(code: .addressInvalid, address: place, reason: "no such port")
        }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let looked = getaddrinfo(address, String(port), &hints, &found)
        guard looked == 0, let info = found else {
            throw HTTPServerError(
                code: .addressInvalid, address: place, reason: String(cString: gai_strerror(looked)))
        }
        defer { freeaddrinfo(found) }

        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(info.pointee.ai_family, flags, 0)
        guard descriptor >= 0 else { throw failure(errno) }
        var one: Int32 = 1
        _ = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(descriptor, 128) == 0 else {
            let number = errno
            close(descriptor)
            throw failure(number)
        }
        guard let bound = Self.port(of: descriptor) else {
            let number = errno
            close(descriptor)
            throw failure(number)
        }
        self.descriptor = descriptor
        self.port = bound
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Hands the socket over: the caller closes it from now on.
    mutating func take() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        // Family and port lie at the same place for both families.
        return withUnsafeBytes(of: storage) { bytes in
            Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}
