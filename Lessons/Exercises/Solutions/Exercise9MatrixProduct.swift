// Exercise 9, solved: the rule of mm.

import Kindling

/// The product of two matrices: `MatrixProduct.apply(a, b)`.
public enum MatrixProduct: DifferentiableFunction {
  /// a b, from the inputs a and b.
  public static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[0], inputs[1])
    return inputs[0].mm(inputs[1])
  }

  /// The gradients of a and b, from that of a b.
  public static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    let (a, b) = (context.savedTensors[0], context.savedTensors[1])
    // a[i,l] occurs in row i of y, in every column j, with the factor b[l,j]: Σⱼ dy[i,j] b[l,j].
    let da = context.needsInputGradient(0) ? gradient.mm(b.t()) : nil  // [n, k] = [n, m] [m, k]
    // b[l,j] occurs in column j of y, in every row i, with the factor a[i,l]: Σᵢ a[i,l] dy[i,j].
    let db = context.needsInputGradient(1) ? a.t().mm(gradient) : nil  // [k, m] = [k, n] [n, m]
    return [da, db]
  }
}
