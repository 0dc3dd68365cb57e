import CUDAEmulator

/// What the accesses of one launch would cost on a GPU, line by line.
package struct CountedLaunch {
  /// The accesses from one line to one array, of one kind.
  package struct Access {
    var verb = "", array = ""
    var isShared, isAtomic: Bool
    package var requests = 0
    var lanes = 0, sectors = 0, fewestSectors = 0, conflicts = 0, busiestAddress = 0

    init(_ row: KindlingEmulatorCounters) {
      verb = row.kind == .read ? "reads" : row.kind == .atomic ? "adds to" : "writes"
      array = String(cString: row.array)
      (isShared, isAtomic) = (row.shared, row.kind == .atomic)
      (requests, lanes, conflicts) = (Int(row.requests), Int(row.lanes), Int(row.conflicts))
      (sectors, fewestSectors) = (Int(row.sectors), Int(row.fewestSectors))
      busiestAddress = Int(row.busiestAddress)
    }

    /// The sum of several to one memory.
    init(sumOf accesses: [Access]) {
      (isShared, isAtomic) = (accesses.allSatisfy(\.isShared), accesses.allSatisfy(\.isAtomic))
      for access in accesses {
        requests += access.requests
        lanes += access.lanes
        sectors += access.sectors
        fewestSectors += access.fewestSectors
        conflicts += access.conflicts
        busiestAddress = max(busiestAddress, access.busiestAddress)
      }
    }

    /// "reads x".
    package var words: String { "\(verb) \(array)" }
    /// Whether more is moved than was asked for, or lanes wait for each other.
    package var isWasteful: Bool { sectors > fewestSectors || conflicts > 0 }

    /// Of one request: lanes, sectors, the fewest sectors, extra turns; nil where the memory has none.
    package var figures: [String?] {
      func each(_ number: Int) -> String { printed("%.*f", Double(number) / Double(max(1, requests)), 1) }
      return isShared
        ? [each(lanes), nil, nil, each(conflicts)] : [each(lanes), each(sectors), each(fewestSectors), nil]
    }
  }

  /// The accesses from one line.
  package struct Line {
    package let line: Int
    /// What stands there; nil where the source is not on this machine.
    package let source: String?
    package let accesses: [Access]
  }

  /// One file of the kernel's.
  package struct File {
    /// The whole path; empty where the program does not carry it.
    package let path: String
    package let lines: [Line]

    /// Its folder and its name, such as Matmul/cuda.cu.
    package var name: String {
      path.isEmpty ? "(this program carries no lines)" : path.split(separator: "/").suffix(2).joined(separator: "/")
    }
  }

  package let kernel: String
  package let blocks, threads, sharedBytes: Int
  package let files: [File]

  package var accesses: [Access] { files.flatMap(\.lines).flatMap(\.accesses) }
}

extension Emulator {
  /// What the memory accesses of the launches in `body` would cost on a GPU, to read: a table for each launch, line by line
  /// of the kernel.
  ///
  /// A GPU carries out an access for the 32 lanes of a warp at once, as one *request*. The table has, for each line and
  /// array, the requests, how many lanes take part in one, how many sectors of 32 bytes one moves in global memory and how
  /// few would hold the bytes asked for, and how many extra turns one takes in shared memory, because lanes want different
  /// words of one bank. Below it stand the sums, and how many warps fit on a multiprocessor.
  ///
  /// Accesses are checked meanwhile, as with ``isChecking``, and other threads of the program should leave the emulator
  /// alone.
  ///
  /// - Parameter body: What to count; it runs once.
  public static func counters(_ body: () throws -> Void) rethrows -> String {
    try countedLaunches(body).map(\.description).joined(separator: "\n")
  }

  package static func countedLaunches(_ body: () throws -> Void) rethrows -> [CountedLaunch] {
    KindlingEmulatorCountBegin()
    do { try body() } catch {
      KindlingEmulatorCountEnd()
      throw error
    }
    KindlingEmulatorCountEnd()
    Device.cudaEmulator.synchronize()  // reports what went wrong
    var count: Int64 = 0
    let launches = UnsafeBufferPointer(start: KindlingEmulatorCountedLaunches(&count), count: Int(count))
    let rows = Array(UnsafeBufferPointer(start: KindlingEmulatorCounterRows(&count), count: Int(count)))
    return launches.enumerated().map { number, launch in
      CountedLaunch(
        kernel: String(cString: launch.kernel), blocks: Int(launch.blocks), threads: Int(launch.threads),
        sharedBytes: Int(launch.sharedBytes), files: files(of: rows.filter { $0.launch == number }))
    }
  }

  /// The rows, which are in order, file by file and line by line.
  private static func files(of rows: [KindlingEmulatorCounters]) -> [CountedLaunch.File] {
    Dictionary(grouping: rows) { String(cString: $0.file) }.sorted { $0.key < $1.key }.map { path, rows in
      let lines = Dictionary(grouping: rows) { Int($0.line) }.sorted { $0.key < $1.key }.map { line, rows in
        CountedLaunch.Line(
          line: line, source: SourceFile.of(path)?.text(ofLine: line), accesses: rows.map(CountedLaunch.Access.init))
      }
      return CountedLaunch.File(path: path, lines: lines)
    }
  }
}

// MARK: As text

extension CountedLaunch: CustomStringConvertible {
  /// What no count of addresses can say.
  package static let unknown = """
    Not counted, since addresses do not tell it: which sectors a cache has already,
    how long a thread waits for memory and how much of that other warps hide, and
    what the arithmetic costs. Which accesses share a request follows NVIDIA's
    description; how many warps fit follows its assembler's registers.
    """

  package var description: String {
    var text = "\(title)\n\nline  access                   requests  lanes  sectors  fewest  conflicts\n"
    for file in files {
      text += file.name + "\n"
      for line in file.lines {
        let number = line.line == 0 ? "?" : String(line.line)
        text += Self.pad(number, 4, left: true) + "  " + (line.source ?? "").drop { $0 == " " } + "\n"
        for access in line.accesses { text += Self.row(access) }
      }
    }
    return text + "\n" + summary.map { $0 + "\n" }.joined() + "\n" + Self.unknown + "\n"
  }

  package var title: String { "\(kernel), \(blocks) block\(blocks == 1 ? "" : "s") of \(threads) threads" }

  private static func row(_ access: Access) -> String {
    var row = "      " + pad(access.words, 23)
    for (column, width) in zip(["\(access.requests)"] + access.figures.map { $0 ?? "" }, [10, 7, 9, 8, 11]) {
      row += pad(column, width, left: true)
    }
    return String(row.reversed().drop { $0 == " " }.reversed()) + "\n"
  }

  /// The sums, sentence by sentence.
  package var summary: [String] {
    var lines: [String] = []
    let (global, shared) = (accesses.filter { !$0.isShared }, accesses.filter(\.isShared))
    if !global.isEmpty {
      let all = Access(sumOf: global)
      lines.append(
        "global memory   \(all.requests) requests, \(all.figures[1]!) sectors each; \(all.figures[2]!) would do")
    }
    if !shared.isEmpty {
      let all = Access(sumOf: shared)
      lines.append(
        "shared memory   \(all.requests) requests, \(all.figures[3]!) extra turns each; \(sharedBytes) bytes a block")
    }
    let all = Access(sumOf: accesses)
    let share = printed("%.*f", 100 * Double(all.lanes) / Double(max(1, 32 * all.requests)), 0)
    lines.append("lanes           \(share) % take part in an access")
    let atomics = accesses.filter(\.isAtomic)
    if !atomics.isEmpty {
      let all = Access(sumOf: atomics)
      lines.append("atomics         \(all.lanes), of which \(all.busiestAddress) go to one address")
    }
    return lines + occupancies
  }

  /// How many of its blocks fit on a multiprocessor of some cards.
  private var occupancies: [String] {
    (Int32(0)..<8).compactMap { index in
      let o = KindlingEmulatorOccupancyOn(index, kernel, Int32(threads), Int32(sharedBytes))
      guard let card = o.card, let limit = o.limit else { return nil }
      let registers = o.registers > 0 ? "\(o.registers) registers" : "registers not known"
      let share = "\(o.warps) of \(o.maximumWarps) warps"
      return Self.pad("on one \(String(cString: card))", 16)
        + "\(registers); \(o.blocks) blocks, \(share) at once; limit: \(String(cString: limit))"
    }
  }

  private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }
}
