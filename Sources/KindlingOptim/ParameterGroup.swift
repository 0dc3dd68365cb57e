import Kindling

/// Parameters that share options, as an optimizer is given them. What is nil here is as the optimizer has it.
///
/// ```swift
/// SGD([ParameterGroup(body.parameters()), ParameterGroup(head.parameters(), learningRate: 0.1)], learningRate: 0.01)
/// ```
///
/// Any other option of a group is set afterwards: `optimizer.groups[1].momentum = 0.5`.
public struct ParameterGroup {
  /// The tensors to change.
  public let parameters: [Tensor]
  /// The size of a step, if it is not the optimizer's.
  public let learningRate: Double?
  /// How strongly these parameters are drawn towards 0, if not as the optimizer has it.
  public let weightDecay: Double?

  /// Parameters with options of their own.
  public init(_ parameters: [Tensor], learningRate: Double? = nil, weightDecay: Double? = nil) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }
}

/// What an optimizer is given a list of, PyTorch's `params`: tensors, or groups of them.
public protocol ParameterOrGroup {
  /// The groups that such a list stands for.
  static func groups(_ list: [Self]) -> [ParameterGroup]
}

extension ParameterGroup: ParameterOrGroup {
  /// The list itself.
  public static func groups(_ list: [ParameterGroup]) -> [ParameterGroup] { list }
}

extension Tensor: ParameterOrGroup {}
extension ParameterOrGroup where Self: Tensor {
  /// One group of all.
  public static func groups(_ list: [Self]) -> [ParameterGroup] { [ParameterGroup(list)] }
}
