#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension FileAccess {
  /// Writes a file, whole or not at all: to a file beside it that takes its name when everything is on the disk. So
  /// neither a full disk nor a crash leaves half a file, or takes away an older one.
  package static func store(_ parts: [[UInt8]], at path: String, for purpose: String) throws {
    let destination = try Destination(path, Words(start: "\(purpose): \(shown(path))"))
    if destination.isSpecial {
      let file = open(path, O_WRONLY | O_CLOEXEC)
      if file < 0 { throw failure("cannot be written", path, purpose) }
      defer { close(file) }
      return try put(parts, into: file, path, purpose)
    }
    TemporaryFile.sweep(beside: destination.path)
    guard let temporary = TemporaryFile(beside: destination.path) else {
      throw failure("cannot be written", path, purpose)
    }
    defer { temporary.remove() }
    try put(parts, into: temporary.file, path, purpose)
    if let mode = destination.mode { fchmod(temporary.file, mode) }
    if !temporary.rename(to: destination.path) { throw failure("cannot be written", path, purpose) }
  }

  /// Makes sure that the files which options name can be written, by trying, and that no two options name one file: to be
  /// asked before the work whose results they are to hold.
  ///
  /// - Parameter options: Such as `("--record", "run.json")`; nil where an option is not given.
  /// - Throws: `KindlingError` that begins with the option.
  package static func checkWritable(_ options: [(name: String, path: String?)]) throws {
    var seen: [(option: String, path: String)] = []
    for (option, path) in options {
      guard let path else { continue }
      let words = Words(
        start: "\(option) \(shown(path))", isFolder: "this is a folder; name a file", cannot: "cannot write there")
      let destination = try Destination(path, words)
      if destination.isSpecial {
        if access(path, W_OK) != 0 { throw words.failure }
        continue
      }
      if let other = seen.first(where: { Array($0.path.utf8) == Array(destination.path.utf8) }) {
        throw KindlingError("\(other.option) and \(option) both name \(path), and one would overwrite the other")
      }
      seen.append((option, destination.path))
      guard let trial = TemporaryFile(beside: destination.path) else { throw words.failure }
      trial.remove()
    }
  }

  private static func put(_ parts: [[UInt8]], into file: Int32, _ path: String, _ purpose: String) throws {
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

  /// How it is said that a path cannot be written to.
  private struct Words {
    let start: String
    var isFolder = "is a folder, not a file"
    var cannot = "cannot be written"

    func error(_ problem: String) -> KindlingError { KindlingError("\(start): \(problem)") }
    /// With what the system says.
    var failure: KindlingError { error("\(cannot): \(String(cString: strerror(errno)))") }
  }

  /// Where what is written to a path goes.
  private struct Destination {
    /// Without links: a link is not to be replaced by what it should point to.
    let path: String
    /// A device or a pipe, which must not be replaced by a file either.
    var isSpecial = false
    /// Who may do what with the file that is there; nil where there is none yet.
    var mode: mode_t?

    init(_ path: String, _ words: Words) throws {
      try checkName(path, words.start)
      var status = stat()
      guard stat(path, &status) == 0 else {
        if errno != ENOENT { throw words.failure }
        if lstat(path, &status) == 0 {
          throw words.error("is a link to a file that is not there; remove the link, or make that file")
        }
        let (folder, name) = split(path)
        guard let folder = resolved(folder) else { throw words.failure }
        self.path = folder == "/" ? folder + name : "\(folder)/\(name)"
        return
      }
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR { throw words.error(words.isFolder) }
      guard let real = resolved(path) else { throw words.failure }
      self.path = real
      isSpecial = kind != S_IFREG
      mode = status.st_mode & 0o7777
      if !isSpecial && access(real, W_OK) != 0 { throw words.failure }
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  fileprivate static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }
}

/// A new file beside another, to be renamed to it or removed. As long as it is open it is locked, so that whoever writes
/// there next can tell it from one that a killed program has left behind.
struct TemporaryFile {
  let path: String
  let file: Int32

  /// Nil where it cannot be made; errno says why.
  init?(beside path: String) {
    for _ in 0..<100 {
      let name = "\(TemporaryFile.start(of: path))\(UInt64.random(in: 0 ... .max))\(TemporaryFile.ending)"
      let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      if file < 0 { return nil }
      // Somebody who tidies up may have been quicker, and have the lock or have removed it. A file system without locks
      // has nobody who tidies up.
      var status = stat()
      let isTaken = flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      if !isTaken && fstat(file, &status) == 0 && status.st_nlink == 1 {
        (self.path, self.file) = (name, file)
        return
      }
      close(file)
      unlink(name)
    }
    errno = EEXIST
    return nil
  }

  /// Takes the place of the file at `path`. False where that cannot be; errno says why.
  func rename(to path: String) -> Bool { renameFile(self.path, path) == 0 }

  /// Closes it, and removes it unless it has been renamed.
  func remove() {
    let error = errno  // that of what failed before is what the caller will tell
    unlink(path)
    close(file)
    errno = error
  }

  /// Removes what programs that were killed have left beside the file at `path`.
  static func sweep(beside path: String) {
    let (folder, _) = FileAccess.split(path)
    let start = Array(FileAccess.split(self.start(of: path)).name.utf8)
    guard let listing = opendir(folder) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      guard name.utf8.starts(with: start), name.hasSuffix(ending) else { continue }
      if name.utf8.dropFirst(start.count).dropLast(ending.utf8.count).allSatisfy({ (0x30...0x39).contains($0) }) {
        removeUnlessOpen("\(folder)/\(name)")
      }
    }
  }

  private static func removeUnlessOpen(_ path: String) {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if file < 0 { return }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else { return }
    if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
  }

  private static let ending = ".tmp"

  /// What the names begin with that belong to `path`. The file's own name is cut where the whole would become too long.
  private static func start(of path: String) -> String {
    let (folder, name) = FileAccess.split(path)
    var short = name[...]
    while short.utf8.count > 200 { short.removeLast() }
    return "\(folder)/\(short).kindling-"
  }
}

private func renameFile(_ from: String, _ to: String) -> Int32 { rename(from, to) }
