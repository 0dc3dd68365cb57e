import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension PageData {
  /// What a page shows of captured steps.
  ///
  /// - Parameters:
  ///   - walkthrough: The steps.
  ///   - title: The program's name.
  ///   - limit: How many indices of a dimension to show; if nil, as many as a page has room for.
  ///   - attention: Where tokens look, if there is something to show of it.
  public init(_ walkthrough: Walkthrough, title: String, limit: Int? = nil, attention: Attention? = nil) {
    self.init(title: title, attention: attention)
    var sources = Sources(shared: Sources.sharedCallers(walkthrough.steps))
    steps = walkthrough.steps.map { step in
      StepData(
        step: step.number, loss: step.loss.flatMap(\.ifFinite),
        operations: step.operations.map { OperationData($0, &sources, walkthrough.tensors) },
        graph: Graph(step, walkthrough.tensors))
    }
    files = sources.files
    loop = sources.loop(walkthrough.steps)
    let sampling = Sampling.fitting(room(walkthrough.tensors.count), limit, walkthrough)
    kept = sampling.kept(walkthrough.tensors)
    tensors = walkthrough.tensors.enumerated().map { TensorData($1, sampling.encoded($0, $1.values)) }
  }

  /// How many bytes of numbers there is room for, beside what is known already and what else `tensorCount` tensors take. As base64
  /// numbers take a third more.
  private func room(_ tensorCount: Int) -> Int {
    let known = (try? Page.json(self).utf8.count) ?? 0
    return min(2_000_000, (Page.byteLimit - 300_000 - known - 220 * tensorCount) / 4 * 3)
  }

  /// The indices of a dimension of this size that the page shows.
  public func shownIndices(_ size: Int) -> [Int] { (kept["\(size)"] ?? nil) ?? Array(0..<size) }
}

extension PageData.TensorData {
  init(_ tensor: Walkthrough.Snapshot, _ parts: [String: String]) {
    let numbers = tensor.values.toArray()
    let finite = numbers.filter(\.isFinite)
    self.init(
      shape: Array(tensor.values.shape), dtype: "\(tensor.values.dtype)", name: tensor.name, parts: parts,
      min: finite.min(),
      max: finite.max(), norm: finite.isEmpty ? nil : finite.reduce(0) { $0 + $1 * $1 }.squareRoot().ifFinite,
      zeros: numbers.isEmpty ? 0 : Double(numbers.count { $0 == 0 }) / Double(numbers.count),
      bad: numbers.count - finite.count)
  }
}

extension PageData.OperationData {
  init(_ operation: Walkthrough.Operation, _ sources: inout Sources, _ tensors: [Walkthrough.Snapshot]) {
    self.init(
      phase: operation.phase.rawValue, name: operation.name, isRule: operation.isRule, of: operation.forward,
      inputs: operation.inputs,
      outputs: operation.results.map {
        PageData.Output(tensor: $0.tensor, to: $0.input, how: PageData.How($0.explanation, operation.name, tensors))
      },
      words: operation.words, lines: sources.own(operation).compactMap { sources.place($0) }, module: operation.module)
  }
}

extension PageData.How {
  init(_ explanation: Walkthrough.Explanation, _ name: String, _ tensors: [Walkthrough.Snapshot]) {
    switch explanation {
    case .product(let a, let b, let transposed):
      self.init(kind: "product", a: a, b: b, ta: transposed.0, tb: transposed.1)
    case .elementwise(let of, let numbers):
      self.init(kind: "elementwise", name: name, of: .many(of), numbers: .list(numbers.map { $0?.ifFinite }))
    case .chain(let gradient, let local):
      self.init(kind: "chain", gradient: gradient, local: local)
    case .sum(let of, let dims, let isMean):
      let isTotal = dims.count == tensors[of].values.rank
      self.init(
        kind: "sum", of: .one(of), dims: dims, mean: isMean, largest: isTotal ? tensors[of].values.largest(8) : nil)
    case .spread(let of, let dims, let factor):
      self.init(kind: "spread", of: .one(of), dims: dims, factor: factor)
    case .moved(let of, let permutation):
      self.init(kind: "move", of: .one(of), permutation: permutation)
    case .same(let of):
      self.init(kind: "same", of: .one(of))
    case .grouped(let formula, let of, let dims, let eps):
      self.init(
        kind: "grouped", name: formula.rawValue, of: .many(of), numbers: .named(["ε": eps.ifFinite]), dims: dims)
    case .update(let before, let of, let formula, let numbers):
      self.init(
        kind: "update", name: name, of: .many(of), before: before,
        numbers: .named(Dictionary(numbers.map { ($0.name, $0.value.ifFinite) }) { first, _ in first }),
        formula: formula)
    case .unknown(let of):
      self.init(kind: "unknown", of: .many(of))
    }
  }
}

extension Tensor {
  /// The elements that are largest in absolute value.
  fileprivate func largest(_ count: Int) -> [PageData.Term] {
    let numbers = toArray()
    let places = numbers.indices.filter { numbers[$0].isFinite }.sorted {
      Swift.abs(numbers[$0]) > Swift.abs(numbers[$1])
    }
    return places.prefix(count).map { place in
      var (rest, index) = (place, [Int](repeating: 0, count: rank))
      for d in stride(from: rank - 1, through: 0, by: -1) {
        (rest, index[d]) = rest.quotientAndRemainder(dividingBy: shape[d])
      }
      return PageData.Term(index: index, value: numbers[place])
    }
  }
}

extension Double {
  /// The number, where JSON has a word for it.
  var ifFinite: Double? { isFinite ? self : nil }
}

/// The files that the lines of a run are in.
struct Sources {
  private(set) var files: [PageData.File] = []
  private var places: [String: Int?] = [:]
  /// How many of the outermost lines all operations share: who calls the training is no part of it.
  private let shared: Int

  init(shared: Int) { self.shared = shared }

  /// How many of the outermost lines are the same for all operations of some steps; one line of each is its own.
  static func sharedCallers(_ steps: [Walkthrough.Step]) -> Int {
    let calls = steps.flatMap(\.operations).map { $0.lines.reversed() }.filter { !$0.isEmpty }
    guard let first = calls.first else { return 0 }
    return calls.reduce(first.count) { count, other in
      min(zip(first, other).prefix(count).prefix { $0.path == $1.path && $0.line == $1.line }.count, other.count - 1)
    }
  }

  /// The lines of an operation without those.
  func own(_ operation: Walkthrough.Operation) -> ArraySlice<SourceLine> { operation.lines.dropLast(shared) }

  /// File and line, as a page names them; nil where the file is gone.
  mutating func place(_ line: SourceLine) -> [Int]? {
    let known = places[line.path] ?? add(line.path)
    return known.map { [$0, line.line] }
  }

  private mutating func add(_ path: String) -> Int? {
    let file = SourceFile.of(path)
    if let file {
      files.append(
        PageData.File(
          name: Sources.shown(path), text: file.lines.joined(separator: "\n"), isStale: Sources.isStale(path)))
    }
    places[path] = file == nil ? .some(nil) : files.count - 1
    return file == nil ? nil : files.count - 1
  }

  /// The path within the package that the program belongs to, or the file's name.
  private static func shown(_ path: String) -> String {
    let package = #filePath.dropLast("Sources/KindlingPage/PageData+Walkthrough.swift".count)
    return String(path.hasPrefix(package) ? path.dropFirst(package.count) : path.split(separator: "/").last ?? "")
  }

  /// Whether a source is younger than the program that was made of it.
  private static func isStale(_ path: String) -> Bool {
    var (source, program) = (stat(), stat())
    if stat(path, &source) != 0 || stat("/proc/self/exe", &program) != 0 { return false }
    return source.st_mtim.tv_sec > program.st_mtim.tv_sec
  }

  /// The lines of the training loop: from its head, if that is near, to the last line that ran in a step.
  func loop(_ steps: [Walkthrough.Step]) -> PageData.Loop? {
    var lines: [Int: Set<Int>] = [:]
    for operation in steps.flatMap(\.operations) {
      guard let outermost = own(operation).last, let file = places[outermost.path] ?? nil else { continue }
      // A closure's lines follow the one that calls it; those of a function stand elsewhere.
      let near = own(operation).filter { $0.path == outermost.path && (0...20).contains($0.line - outermost.line) }
      lines[file, default: []].formUnion(near.map(\.line))
    }
    guard let (file, all) = lines.max(by: { $0.value.count < $1.value.count }),
      let widest = Sources.groups(all.sorted()).max(by: { $0.count < $1.count }), let first = widest.first,
      let last = widest.last
    else { return nil }
    let text = files[file].text.split(separator: "\n", omittingEmptySubsequences: false)
    let head = text[..<min(first - 1, text.count)].lastIndex { $0.drop { $0 == " " }.hasPrefix("for ") }
    return PageData.Loop(
      file: file, first: head.map { first - $0 < 12 ? $0 + 1 : first } ?? first, last: min(last + 2, text.count))
  }

  /// Lines in groups that are near one another. A function that the loop calls last of all may hide the loop as its caller, and
  /// stands elsewhere.
  private static func groups(_ lines: [Int]) -> [[Int]] {
    lines.reduce(into: []) { groups, line in
      if let last = groups.last?.last, line - last <= 20 {
        groups[groups.count - 1].append(line)
      } else {
        groups.append([line])
      }
    }
  }
}
