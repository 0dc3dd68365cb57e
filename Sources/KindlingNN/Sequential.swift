import Kindling

/// Modules in a row, each given the output of the one before.
///
/// ```swift
/// let model = Sequential(Linear(784, 100), ReLU(), Linear(100, 10))
/// let named = Sequential(["hidden": Linear(784, 100), "activation": ReLU(), "output": Linear(100, 10)])
/// ```
public final class Sequential: Module {
  private var layers: [(name: String, module: Module)]

  /// Modules named `0`, `1`, `2` and so on.
  public convenience init(_ modules: Module...) { self.init(modules) }

  /// Modules named `0`, `1`, `2` and so on.
  public init(_ modules: [Module]) { layers = modules.enumerated().map { ("\($0.offset)", $0.element) } }

  /// Modules with names of their own, in the order they are written in.
  public init(_ modules: KeyValuePairs<String, Module>) {
    checkNames(modules.map(\.key), of: "Sequential")
    layers = modules.map { ($0.key, $0.value) }
  }

  /// How many modules there are.
  public var count: Int { layers.count }

  /// The module at a place, counted from the end if negative.
  public subscript(_ index: Int) -> Module {
    get { layers[place(index)].module }
    set { layers[place(index)].module = newValue }
  }

  /// The module of that name; nil if there is none.
  public subscript(_ name: String) -> Module? { layers.first { $0.name == name }?.module }

  private func place(_ index: Int) -> Int { checkedPlace(index, count: count, of: "Sequential") }

  /// Puts a module at the end, and returns the row. Its name is how many there were before it, or the next number that is
  /// no name yet.
  @discardableResult
  public func append(_ module: Module) -> Sequential {
    let names = Set(layers.map(\.name))
    let number = (count...).first { !names.contains("\($0)") }!
    layers.append(("\(number)", module))
    return self
  }

  /// The last module's output.
  public override func forward(_ x: Tensor) -> Tensor { layers.reduce(x) { $1.module($0) } }

  override func members() -> [NamedMember] { layers.map { ($0.name, .module($0.module)) } }
}
