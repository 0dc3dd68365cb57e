import Kindling

/// Scales all gradients by one factor where, taken as one long vector, they are longer than `maxNorm`: a single steep place
/// then cannot throw the parameters far off.
///
/// Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
///
/// - Parameters:
///   - parameters: Tensors whose gradients are scaled; those without one are passed over.
///   - maxNorm: The greatest length to leave, 0 or more; else the program ends.
///   - normType: p of the p-norm; `.infinity` for the largest number.
///   - errorIfNonfinite: Whether to end the program where the length is NaN or infinite; the gradients would be no numbers
///     any more, or all 0.
/// - Returns: The length before scaling, as a tensor of no dimensions.
@discardableResult
public func clipGradNorm_(
  _ parameters: [Tensor], maxNorm: Double, normType: Double = 2, errorIfNonfinite: Bool = false
) -> Tensor {
  if !(maxNorm >= 0) { fail("clipGradNorm_", "a maxNorm of \(maxNorm); it must be 0 or more") }
  if !(normType > 0) { fail("clipGradNorm_", "a normType of \(normType); it must be above 0") }
  let gradients = parameters.compactMap(\.grad)
  guard let first = gradients.first else { return Tensor(0.0) }
  return noGrad {
    let norms = gradients.map { $0.norm(normType).to(first.device).to(first.dtype) }
    let norm = stack(norms).norm(normType)
    if errorIfNonfinite, !norm.item().isFinite {
      fail(
        "clipGradNorm_",
        "the gradients, as one vector, have a length of \(norm.item()), and cannot be scaled to \(maxNorm)")
    }
    // The small number keeps the factor finite for gradients of 0; PyTorch's, so that the results are.
    let factor = (maxNorm / (norm + 1e-6)).clamp(max: 1)
    for gradient in gradients { gradient.mul_(factor.to(gradient.device).to(gradient.dtype)) }
    return norm
  }
}

/// Bounds every number of every gradient to ±`clipValue`.
public func clipGradValue_(_ parameters: [Tensor], _ clipValue: Double) {
  if !(clipValue >= 0) { fail("clipGradValue_", "a clipValue of \(clipValue); it must be 0 or more") }
  noGrad { for parameter in parameters { parameter.grad?.clamp_(min: -clipValue, max: clipValue) } }
}
