// Exercise 1: the gradient of a linear layer, by hand.
//
// PyTorch's Linear computes z = x Wᵀ + b:
//
//   x       [n, in]     a sample in each row
//   weight  [out, in]   W, a row for each output
//   bias    [out]       b, added to every row
//   z       [n, out]
//
// The walk back has arrived at the layer: dz is known, the gradient of the loss with respect to z. Three gradients are
// wanted. Find them on paper first, element by element, as lesson 1 does it for a product x w: here W lies the other way.
//
// Then write them with tensor operations such as `mm`, `t()` and `sum(dim:)`, and without autograd.
//
//   Tests/run exercise 1

import Kindling

/// The gradients of a loss with respect to the input, the weight and the bias of a linear layer.
///
/// - Parameters:
///   - x: The input, [n, in].
///   - weight: W, [out, in].
///   - dz: The gradient with respect to the output, [n, out].
public func linearGradients(
  x: Tensor, weight: Tensor, dz: Tensor
) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
  // Your code here, in place of these zeros.
  let dx = Tensor.zerosLike(x)
  let dWeight = Tensor.zerosLike(weight)
  let dBias = Tensor.zeros(weight.size(0), dtype: weight.dtype)
  return (dx, dWeight, dBias)
}
