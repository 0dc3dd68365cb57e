/// Compares the gradients that autograd computes with finite differences: (f(x + ε) - f(x - ε)) / 2ε for every element
/// of every input that requires a gradient.
///
/// - Parameters:
///   - function: Any function of the inputs; its result may have any shape and is weighted with fixed numbers, so that
///     no element's error can hide behind another's.
///   - inputs: float64 tensors; in float32 the differences are mostly rounding.
///   - epsilon: The step, 1e-6 as in PyTorch's `gradcheck`.
///   - absoluteTolerance: How far the two may differ, beside `relativeTolerance` times the finite difference.
///   - relativeTolerance: How far they may differ as a share of the finite difference.
/// - Returns: true.
/// - Throws: `KindlingError` naming the input, the element and both values where they differ most.
@discardableResult
public func gradientCheck(
  _ function: ([Tensor]) -> Tensor, inputs: [Tensor], epsilon: Double = 1e-6, absoluteTolerance: Double = 1e-5,
  relativeTolerance: Double = 1e-3
) throws -> Bool {
  for (i, input) in inputs.enumerated() where input.requiresGrad && input.dtype != .float64 {
    throw KindlingError("gradientCheck: input \(i) is \(input.dtype); finite differences need float64")
  }
  let output = function(inputs)
  let weights = Tensor(
    (0..<output.elementCount).map { 0.5 + Double($0 * 7919 % 101) / 101 }, shape: output.shape, dtype: .float64)
  func weighted(_ result: Tensor) -> Double { (result.to(.float64) * weights).sum().item() }

  let wanted = inputs.indices.filter { inputs[$0].requiresGrad }
  if wanted.isEmpty { throw KindlingError("gradientCheck: no input requires a gradient") }
  let gradients = grad(of: output, wrt: wanted.map { inputs[$0] }, gradient: weights.to(output.dtype))

  var worst: (excess: Double, message: String)?
  for (i, gradient) in zip(wanted, gradients) {
    let analytic = gradient.toArray()
    let original = inputs[i].toArray()
    for element in original.indices {
      func shifted(by step: Double) -> Double {
        var values = original
        values[element] += step
        var moved = inputs.map { $0.detach() }
        moved[i] = Tensor(values, shape: inputs[i].shape, dtype: .float64)
        return weighted(noGrad { function(moved) })
      }
      let numeric = (shifted(by: epsilon) - shifted(by: -epsilon)) / (2 * epsilon)
      let difference = Swift.abs(numeric - analytic[element])
      let excess = difference - (absoluteTolerance + relativeTolerance * Swift.abs(numeric))
      if !(excess <= 0) && !(excess < worst?.excess ?? -1) {
        worst = (
          excess,
          "gradientCheck: input \(i), element \(element) of shape \(inputs[i].shape): "
            + "autograd says \(analytic[element]), finite differences \(numeric)"
        )
      }
    }
  }
  if let worst { throw KindlingError(worst.message) }
  return true
}
