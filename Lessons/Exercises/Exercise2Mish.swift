// Exercise 2: an elementwise operation of your own, with its derivative.
//
//   mish(x) = x · tanh(softplus(x))     where softplus(x) = ln(1 + eˣ)
//
// Autograd does not know it. Say how the result is computed, and how the gradient of the input follows from the gradient
// of the result. On paper: the product rule, then the chain rule twice. Two derivatives to start from:
//
//   tanh'(u) = 1 - tanh(u)²             softplus'(x) = 1 / (1 + e⁻ˣ) = sigmoid(x)
//
// `forward` works on plain tensors, and nothing is recorded in it. What `backward` needs is kept with
// `context.saveForBackward(…)` and found again in `context.savedTensors`. Write `backward` in tensor operations of the saved
// input: then it can be differentiated itself. Tensors have `tanh()`, `softplus()` and `sigmoid()`.
//
//   Tests/run exercise 2
//
// Source: Misra, "Mish: a self regularized non-monotonic activation function", arXiv:1908.08681.

import Kindling

/// x · tanh(softplus(x)) for each element x: `Mish.apply(x)`.
public enum Mish: DifferentiableFunction {
  /// The result, from the one input.
  public static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    // Your code here.
    inputs[0]
  }

  /// The gradient of the one input, from that of the result.
  public static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    // Your code here.
    [gradient]
  }
}
