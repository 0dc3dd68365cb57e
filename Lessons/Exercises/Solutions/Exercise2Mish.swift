// Exercise 2, solved: mish(x) = x · tanh(softplus(x)).

import Kindling

/// x · tanh(softplus(x)) for each element x: `Mish.apply(x)`.
public enum Mish: DifferentiableFunction {
  /// The result, from the one input.
  public static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    context.saveForBackward(x)
    return x * x.softplus().tanh()
  }

  /// The gradient of the one input, from that of the result.
  public static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    let x = context.savedTensors[0]
    let t = x.softplus().tanh()
    return [gradient * (t + x * (1 - t.square()) * x.sigmoid())]
  }
}
