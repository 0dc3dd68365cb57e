import Kindling

/// What changes parameters so that a loss falls.
///
/// ```swift
/// let optimizer = Adam(model.parameters(), learningRate: 1e-4)
/// for _ in 0..<500 {
///   let loss = lossFunction(model(x), y)
///   optimizer.zeroGrad()
///   loss.backward()
///   optimizer.step()
/// }
/// ```
///
/// An optimizer of your own overrides `step()`, or is a `GroupedOptimizer` with an `UpdateRule` of your own.
open class Optimizer {
  /// The tensors to change: leaves that somebody else, such as a module, holds too.
  public private(set) final var parameters: [Tensor]

  /// Whether a step is made by the kernel that does all of it at once, where there is one: PyTorch's `fused`. If not, it is
  /// made in tensor operations: the same numbers up to rounding, only slower. A step that `captureStep` records should be a
  /// kernel's, which counts its replays.
  public final var fused = true

  /// An optimizer of these tensors. Ends the program if there are none, if one of them was computed or is there twice, or
  /// if none requires a gradient.
  public init(_ parameters: [Tensor]) {
    self.parameters = parameters
    checkParameters()
  }

  /// The name of the class.
  final var typeName: String { String(describing: type(of: self)) }

  /// More of them, checked with those that are there.
  final func add(_ more: [Tensor]) {
    parameters += more
    checkParameters()
  }

  private final func checkParameters() {
    if parameters.isEmpty {
      fail(typeName, "there is nothing to optimize: the list of parameters is empty; does the model have parameters()?")
    }
    var seen: Set<ObjectIdentifier> = []
    for (i, parameter) in parameters.enumerated() {
      if !parameter.isLeaf {
        fail(typeName, "parameter \(i), of shape \(parameter.shape), was computed; only a leaf can be optimized")
      }
      if !parameter.dtype.isFloatingPoint {
        fail(
          typeName, "parameter \(i), of shape \(parameter.shape), is \(parameter.dtype); it must be float32 or float64")
      }
      if !seen.insert(ObjectIdentifier(parameter)).inserted {
        fail(typeName, "parameter \(i), of shape \(parameter.shape), is in the list twice")
      }
    }
    // Some may be frozen; all of them can only be a mistake.
    if !parameters.contains(where: \.requiresGrad) {
      fail(
        typeName, "none of the \(parameters.count) parameters requires a gradient; create them with requiresGrad: true")
    }
  }

  /// Changes each parameter by its gradient; those without a gradient stay. A subclass says how.
  open func step() { fail(typeName, "it does not say what a step is; override step()") }

  /// Forgets the gradients of all parameters; with `setToNil: false` fills them with zeros instead.
  public final func zeroGrad(setToNil: Bool = true) {
    for parameter in parameters {
      if setToNil { parameter.grad = nil } else { noGrad { _ = parameter.grad?.zero_() } }
    }
  }
}
