// Exercise 9: the rule of mm, as autograd knows it.
//
//   y = a b         a [n, k],  b [k, m],  y [n, m]         y[i,j] = Σₗ a[i,l] b[l,j]
//
// Exercise 1 did it for one layer, by hand. Here it becomes an operation that takes its place in any graph. `forward` gets
// plain tensors and records nothing. What `backward` needs is kept with `context.saveForBackward(…)` and found again in
// `context.savedTensors`. `backward` is handed dy, the gradient of y, [n, m], and returns one gradient for each input, in
// their order, each of its input's shape.
//
// On paper: in which elements of y does a[i,l] occur, and with which factor? What do the changes add up to? Write the sum
// as a product of two matrices, one of them transposed. The shapes leave hardly a choice.
//
// Two things make it a rule as good as the library's. Written in tensor operations of what was saved, it can be
// differentiated again. And a gradient that nobody asks for is not computed: where `context.needsInputGradient(0)` is
// false, a wants none, and nil stands in its place. In the first layer a is the data, and its gradient is half the work.
//
//   Tests/run exercise 9

import Kindling

/// The product of two matrices: `MatrixProduct.apply(a, b)`.
public enum MatrixProduct: DifferentiableFunction {
  /// a b, from the inputs a and b.
  public static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    // Your code here, in place of these zeros. Tensors have `mm`.
    Tensor.zeros(inputs[0].size(0), inputs[1].size(1), dtype: inputs[0].dtype)
  }

  /// The gradients of a and b, from that of a b.
  public static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    // Your code here.
    [nil, nil]
  }
}
