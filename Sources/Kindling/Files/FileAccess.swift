#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whole files, through the C library: Foundation would be half of a small program's start.
///
/// What is thrown is a `KindlingError` that begins with `purpose`, such as "Safetensors.load", and the path.
package enum FileAccess {
  /// A file that is open for reading, and to be closed by the caller.
  package static func opened(_ path: String, for purpose: String) throws -> Int32 {
    try checkName(path, "\(purpose): \(shown(path))")
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 { throw failure("cannot be opened", path, purpose) }
    var status = stat()
    if fstat(file, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR { return file }
    defer { close(file) }
    if status.st_mode & S_IFMT == S_IFDIR { throw KindlingError("\(purpose): \(path): is a folder, not a file") }
    throw failure("cannot be read", path, purpose)
  }

  /// Whether there is anything of that name.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The bytes of a file.
  package static func bytes(of path: String, for purpose: String) throws -> [UInt8] {
    let file = try opened(path, for: purpose)
    defer { close(file) }
    var status = stat()
    if fstat(file, &status) != 0 { throw failure("cannot be read", path, purpose) }

    var bytes: [UInt8] = []
    // In pieces: one call reads at most 2 GiB, and a pipe does not know its size.
    while true {
      let wanted = Swift.min(Swift.max(Int(status.st_size) - bytes.count, 1 << 16), 1 << 30)
      var result = 0
      let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        result = uninterrupted { read(file, buffer.baseAddress!, wanted) }
        count = Swift.max(result, 0)
      }
      if result < 0 { throw failure("cannot be read", path, purpose) }
      if result == 0 { return bytes }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
    }
  }

  /// How many bytes elements of `width` bytes take that lie in these sizes, as a file's head gives them; nil where a tensor
  /// of these sizes cannot be: it would have more elements than there are numbers to count them, or strides as large, which
  /// a size of 0 beside them does not make smaller.
  static func byteCount(of sizes: [Int], width: Int) -> Int? {
    var product = width
    for size in sizes {
      let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(size, 1))
      if overflow || size < 0 { return nil }
      product = next
    }
    return sizes.contains(0) ? 0 : product
  }

  /// Refuses what no file can be called. The system would take a name up to its first NUL, and so another file.
  ///
  /// - Parameter start: What the message begins with.
  static func checkName(_ path: String, _ start: String) throws {
    if path.isEmpty { throw KindlingError("\(start): an empty path names no file") }
    if path.utf8.contains(0) { throw KindlingError("\(start): no file has a NUL in its name") }
  }

  /// A path as a message has it.
  static func shown(_ path: String) -> String { path.isEmpty ? "''" : path.replacing("\0", with: "\\0") }

  /// A system call, made again when a signal came in between.
  static func uninterrupted(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  static func failure(_ what: String, _ path: String, _ purpose: String) -> KindlingError {
    KindlingError("\(purpose): \(path): \(what): \(String(cString: strerror(errno)))")
  }
}
