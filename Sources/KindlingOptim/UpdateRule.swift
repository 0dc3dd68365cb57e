import Kindling

/// The formula of an optimizer: its options, the tensors that it remembers of a parameter, and one step of one parameter.
public protocol UpdateRule: Sendable {
  /// The size of a step.
  var learningRate: Double { get set }

  /// All options, `learningRate` among them.
  static var options: [RuleOption<Self>] { get }
  /// What the tensors are called that it remembers of a parameter: PyTorch's names, which `stateDict()` gives them.
  static var memory: [String] { get }

  /// What is wrong with options that are right one by one; nil if nothing is.
  var problem: String? { get }

  /// Changes `theta` in place by its gradient, of the same shape, type and device, in tensor operations. `state` is this
  /// parameter's, and `state.step` is 1 in the first step.
  func step(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState)

  /// The same step, by a kernel that makes all of it in one pass over memory: see Fused.swift. `theta` and its gradient are
  /// contiguous.
  ///
  /// - Returns: Whether there is such a kernel. If not, nothing has been done.
  func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool

  /// The step in one line, as `step` is documented, for whoever looks at it; empty where there is none.
  var formula: String { get }
  /// The numbers of the formula at a step, with their names in it.
  func numbers(at step: Int) -> [(name: String, value: Double)]
}

extension UpdateRule {
  /// None.
  public var formula: String { "" }

  /// η alone.
  public func numbers(at step: Int) -> [(name: String, value: Double)] { [("η", learningRate)] }

  /// Nothing.
  public var problem: String? { nil }

  /// There is no kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool { false }

  /// What is wrong with the options; nil if nothing is.
  var firstProblem: String? { problem ?? Self.options.lazy.compactMap { $0.problem(of: self) }.first }
}

/// What an optimizer remembers of one parameter: how many steps it has made, and tensors of its shape.
public struct ParameterState {
  /// How many steps the parameter has made, the one that is being made included.
  public internal(set) var step = 0
  private var tensors: [(name: String, tensor: Tensor?)]

  /// Nothing yet.
  init(_ names: [String]) { tensors = names.map { ($0, nil) } }

  /// The tensor of this name, or nil before it was first asked for with `tensor(_:like:initially:)`.
  public internal(set) subscript(name: String) -> Tensor? {
    get { tensors[place(of: name)].tensor }
    set { tensors[place(of: name)].tensor = newValue }
  }

  /// The tensor of this name, on the parameter's device and of its type: if the parameter has been moved, it follows. At
  /// first all its numbers are `value`.
  ///
  /// A rule writes it in place: `stateDict()` shares its elements, and a recorded step goes on with the tensor that it met.
  public mutating func tensor(_ name: String, like parameter: Tensor, initially value: Double = 0) -> Tensor {
    let place = place(of: name)
    let old = tensors[place].tensor
    if let old, old.dtype == parameter.dtype && old.backend === parameter.backend { return old }
    let tensor =
      old.map { $0.to(parameter.device).to(parameter.dtype) }
      ?? Tensor.full(parameter.shape, value, dtype: parameter.dtype, device: parameter.device)
    tensors[place].tensor = tensor
    return tensor
  }

  private func place(of name: String) -> Int {
    if let place = tensors.firstIndex(where: { $0.name == name }) { return place }
    fail("ParameterState", "\(name) is not among what the rule remembers: \(tensors.map(\.name))")
  }
}

/// `base` to the power of a whole number from 0 on, as in βᵗ; by repeated squaring.
func pow(_ base: Double, _ exponent: Int) -> Double {
  var (result, base, exponent) = (1.0, base, exponent)
  while exponent > 0 {
    if exponent & 1 == 1 { result *= base }
    base *= base
    exponent >>= 1
  }
  return result
}
