// Exercise 1, solved: the gradient of a linear layer z = x Wᵀ + b.

import Kindling

/// The gradients of a loss with respect to the input, the weight and the bias of a linear layer.
public func linearGradients(
  x: Tensor, weight: Tensor, dz: Tensor
) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
  // z[s,o] = Σi x[s,i] W[o,i] + b[o]. So x[s,i] changes all outputs of its own sample, W[o,i] and b[o] change output o of
  // every sample, and changes add up:
  let dx = dz.mm(weight)  // Σo dz[s,o] W[o,i]   [n, in] = [n, out] [out, in]
  let dWeight = dz.t().mm(x)  // Σs dz[s,o] x[s,i]   [out, in] = [out, n] [n, in]
  let dBias = dz.sum(dim: 0)  // Σs dz[s,o]          [out]
  return (dx, dWeight, dBias)
}
