import Kindling

// Modules that another one holds in a row or by name, and calls as it likes. A Swift array or dictionary of modules in a
// property does as well; these two are for who comes from PyTorch, are printed as there, and can be changed by name.

/// Modules in a row, named `0`, `1`, `2` and so on, for a `forward` that calls them one by one.
///
/// ```swift
/// let blocks = ModuleList((0..<4).map { _ in Linear(16, 16) })
/// override func forward(_ x: Tensor) -> Tensor { blocks.reduce(x) { x, block in x + block(x).relu() } }
/// ```
public final class ModuleList: ModuleBase, Sequence {
  private var modulesInRow: [Module]

  /// A list of these modules.
  public convenience init(_ modules: Module...) { self.init(modules) }

  /// A list of these modules.
  public init(_ modules: [Module]) { modulesInRow = modules }

  /// How many modules there are.
  public var count: Int { modulesInRow.count }

  /// The module at a place, counted from the end if negative.
  public subscript(_ index: Int) -> Module {
    get { modulesInRow[checkedPlace(index, count: count, of: "ModuleList")] }
    set { modulesInRow[checkedPlace(index, count: count, of: "ModuleList")] = newValue }
  }

  /// Puts a module at the end, and returns the list.
  @discardableResult
  public func append(_ module: Module) -> ModuleList { extend([module]) }

  /// Puts modules at the end, and returns the list.
  @discardableResult
  public func extend(_ modules: some Sequence<Module>) -> ModuleList {
    modulesInRow += modules
    return self
  }

  /// Puts a module before the one at `index`, or at the end if that is `count`; the names of those behind grow by one.
  public func insert(_ module: Module, at index: Int) {
    let isAtEnd = index == count
    modulesInRow.insert(module, at: isAtEnd ? count : checkedPlace(index, count: count, of: "ModuleList"))
  }

  /// The modules, one by one.
  public func makeIterator() -> IndexingIterator<[Module]> { modulesInRow.makeIterator() }

  override func members() -> [NamedMember] { modulesInRow.enumerated().map { ("\($0.offset)", .module($0.element)) } }

  /// `(0-1): 2 x Linear(…)`: those in a row that are printed alike become one.
  override func described(_ modules: [(name: String, text: String)]) -> [(name: String, text: String)] {
    var runs: [(first: String, last: String, count: Int, text: String)] = []
    for (name, text) in modules {
      if let run = runs.last, run.text == text {
        runs[runs.count - 1] = (run.first, name, run.count + 1, text)
      } else {
        runs.append((name, name, 1, text))
      }
    }
    return runs.map { $0.count == 1 ? ($0.first, $0.text) : ("\($0.first)-\($0.last)", "\($0.count) x \($0.text)") }
  }
}

/// Modules by name, in the order in which they were put in, for a `forward` that chooses among them.
///
/// ```swift
/// let activations = ModuleDict(["relu": ReLU(), "tanh": Tanh()])
/// activations["relu"]!(x)
/// ```
public final class ModuleDict: ModuleBase, Sequence {
  private var entries: [(key: String, value: Module)]

  /// A dictionary of these modules.
  public init(_ modules: KeyValuePairs<String, Module> = [:]) {
    checkNames(modules.map(\.key), of: "ModuleDict")
    entries = modules.map { ($0.key, $0.value) }
  }

  /// How many modules there are.
  public var count: Int { entries.count }
  /// Their names.
  public var keys: [String] { entries.map(\.key) }
  /// The modules.
  public var values: [Module] { entries.map(\.value) }

  /// The module of that name, nil if there is none. A new name comes last; nil takes a module out.
  public subscript(_ key: String) -> Module? {
    get { entries.first { $0.key == key }?.value }
    set {
      let place = entries.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let place?, let module?): entries[place].value = module
      case (let place?, nil): entries.remove(at: place)
      case (nil, let module?):
        checkNames([key], of: "ModuleDict")
        entries.append((key, module))
      case (nil, nil): break
      }
    }
  }

  /// The modules with their names, one by one.
  public func makeIterator() -> IndexingIterator<[(key: String, value: Module)]> { entries.makeIterator() }

  override func members() -> [NamedMember] { entries.map { ($0.key, .module($0.value)) } }
}

/// Ends the program where names of modules could not stand in a path such as `blocks.0.weight`.
func checkNames(_ names: [String], of owner: String) {
  var seen: Set<String> = []
  for name in names {
    if name.isEmpty || name.contains(".") {
      fail(owner, "\"\(name)\" cannot be a name: it is empty or has a dot in it")
    }
    if !seen.insert(name).inserted { fail(owner, "the name \(name) is given twice") }
  }
}

/// A place, counted from the end if negative. Ends the program if there is none such.
func checkedPlace(_ index: Int, count: Int, of owner: String) -> Int {
  if index < -count || index >= count { fail(owner, "there is no module \(index); there are \(count)") }
  return index < 0 ? index + count : index
}
