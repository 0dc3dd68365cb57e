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
  /// The bytes of a file.
  package static func bytes(of path: String, for purpose: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 { throw failure("cannot be opened", path, purpose) }
    defer { close(file) }
    var status = stat()
    if fstat(file, &status) != 0 { throw failure("cannot be read", path, purpose) }
    if status.st_mode & S_IFMT == S_IFDIR { throw KindlingError("\(purpose): \(path): is a folder, not a file") }

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

  /// Writes a file, whole or not at all: to a file beside it that takes its name when everything is on the disk. So
  /// neither a full disk nor a crash leaves half a file, or takes away an older one.
  package static func store(_ parts: [[UInt8]], at path: String, for purpose: String) throws {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR {
      throw KindlingError("\(purpose): \(path): is a folder, not a file")
    }
    // A device or a pipe must not be replaced by a file.
    if exists && status.st_mode & S_IFMT != S_IFREG {
      return try put(parts, into: open(path, O_WRONLY | O_CLOEXEC), path, purpose)
    }
    // Nor a link by what it should point to.
    let target = exists ? resolved(path) : path
    if exists && access(target, W_OK) != 0 { throw failure("cannot be written", path, purpose) }
    let temporary = "\(target).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
    do {
      try put(parts, into: open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666), path, purpose)
      if exists { chmod(temporary, status.st_mode & 0o7777) }
      if rename(temporary, target) != 0 { throw failure("cannot be written", path, purpose) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func put(_ parts: [[UInt8]], into file: Int32, _ path: String, _ purpose: String) throws {
    if file < 0 { throw failure("cannot be written", path, purpose) }
    defer { close(file) }
    for part in parts {
      try part.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
          let rest = Swift.min(bytes.count - written, 1 << 30)
          let count = uninterrupted { write(file, bytes.baseAddress! + written, rest) }
          if count < 0 { throw failure("cannot be written", path, purpose) }
          written += count
        }
      }
    }
    // A pipe cannot be flushed, and says so; what matters is a disk that turns out to be full.
    if fsync(file) != 0 && errno != EINVAL && errno != EROFS { throw failure("cannot be written", path, purpose) }
  }

  /// A system call, made again when a signal came in between.
  private static func uninterrupted(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  private static func failure(_ what: String, _ path: String, _ purpose: String) -> KindlingError {
    KindlingError("\(purpose): \(path): \(what): \(String(cString: strerror(errno)))")
  }
}
