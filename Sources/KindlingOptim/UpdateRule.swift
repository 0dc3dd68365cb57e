import Kindling

/// The formula of an optimizer: its options, what it remembers of a parameter, and one step of one parameter.
public protocol UpdateRule: Sendable {
  /// What it remembers of one parameter between steps.
  associatedtype State: UpdateState

  /// The size of a step.
  var learningRate: Double { get set }
  /// How strongly parameters are drawn towards 0.
  var weightDecay: Double { get set }

  /// What is wrong with the options; nil if nothing is.
  var problem: String? { get }
  /// The options that are numbers, under PyTorch's names, which `stateDict()` gives them.
  static var numbers: [(name: String, path: WritableKeyPath<Self, Double>)] { get }
  /// The options that are on or off, under PyTorch's names.
  static var flags: [(name: String, path: WritableKeyPath<Self, Bool>)] { get }

  /// Changes `parameter` by `gradient`. Both are contiguous, of one shape, type and device, and the state is this
  /// parameter's.
  func step(_ parameter: Tensor, _ gradient: Tensor, _ state: inout State)
}

/// What an optimizer remembers of one parameter.
public protocol UpdateState {
  /// Nothing yet.
  init()
  /// How many steps the parameter has made.
  var step: Int { get set }
  /// The tensors, of the parameter's shape, under PyTorch's names, which `stateDict()` gives them.
  static var tensors: [(name: String, path: WritableKeyPath<Self, Tensor?>)] { get }
}

extension UpdateRule {
  /// A remembered tensor: that in `slot`, moved along if the parameter has moved, or a new one.
  public func remembered(_ slot: inout Tensor?, like parameter: Tensor, initially value: Double = 0) -> Tensor {
    if let tensor = slot, tensor.dtype == parameter.dtype && tensor.backend === parameter.backend { return tensor }
    let tensor =
      slot.map { $0.to(parameter.device).to(parameter.dtype) }
      ?? Tensor.full(parameter.shape, value, dtype: parameter.dtype, device: parameter.device)
    slot = tensor
    return tensor
  }

  /// What is wrong with an option that must be 0 or more; nil if nothing is.
  static func problem(_ name: String, _ value: Double) -> String? {
    value >= 0 && value.isFinite ? nil : "\(name) is \(value), and must be 0 or more"
  }

  /// What is wrong with an option that must be 0 or more and less than 1; nil if nothing is.
  static func problem(_ name: String, fraction value: Double) -> String? {
    (0..<1).contains(value) ? nil : "\(name) is \(value), and must be 0 or more and less than 1"
  }
}
