import Kindling

/// A part of a network: parameters, other modules, and what they compute.
///
/// Subclass it, give it properties, and say in `forward(_:)` what becomes of the input:
///
/// ```swift
/// final class TwoLayerNet: Module {
///   let linear1: Linear
///   let linear2: Linear
///   init(_ dIn: Int, _ h: Int, _ dOut: Int) {
///     linear1 = Linear(dIn, h)
///     linear2 = Linear(h, dOut)
///   }
///   override func forward(_ x: Tensor) -> Tensor { linear2(linear1(x).clamp(min: 0)) }
/// }
/// ```
///
/// What holds parameters and other modules, and needs other inputs than one tensor, derives from `ModuleBase`, as losses do.
open class Module: ModuleBase {
  /// A module that is in training.
  public override init() {}

  /// Computes the output from the input. A subclass says how. Call the module itself, `model(x)`, so that hooks run.
  open func forward(_ x: Tensor) -> Tensor {
    fail(typeName, "it does not say what it computes; override forward(_:)")
  }

  /// The output for an input: `model(x)`.
  public final func callAsFunction(_ x: Tensor) -> Tensor { runHooks(x) { forward($0) } }
}
