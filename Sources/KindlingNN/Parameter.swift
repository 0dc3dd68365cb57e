import Kindling

/// A tensor that a module learns.
///
/// Assigned to a property of a `Module`, it shows up in `parameters()`, and so with the optimizer, in `stateDict()` and on
/// every device that the module is moved to. That is all it adds to a `Tensor`.
public final class Parameter: Tensor {
  /// A parameter over the elements of `tensor`, which it shares if they lie in row-major order; its history is left behind.
  public init(_ tensor: Tensor, requiresGrad: Bool = true) {
    super.init(sharing: noGrad { tensor.contiguous() }, requiresGrad: requiresGrad)
  }
}

/// A tensor that belongs to a module but is not learnt: a running mean, a table, a mask.
///
/// It moves to devices with the module and is saved in `stateDict()`, and no optimizer sees it.
public final class Buffer: Tensor {
  /// Whether `stateDict()` has it; false for what can be worked out again.
  public let isPersistent: Bool

  /// A buffer over the elements of `tensor`, which it shares if they lie in row-major order.
  public init(_ tensor: Tensor, isPersistent: Bool = true) {
    self.isPersistent = isPersistent
    super.init(sharing: noGrad { tensor.contiguous() }, requiresGrad: false)
  }
}
