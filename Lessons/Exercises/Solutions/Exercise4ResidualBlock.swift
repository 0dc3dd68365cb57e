// Exercise 4, solved: a residual block.

import Kindling
import KindlingNN

/// x + α · linear2(relu(linear1(x))).
public final class ResidualBlock: Module {
  let linear1: Linear
  let linear2: Linear
  let alpha = Parameter(Tensor.zeros(1))

  /// A block for inputs whose last dimension has size `features`.
  public init(_ features: Int, _ hidden: Int) {
    linear1 = Linear(features, hidden)
    linear2 = Linear(hidden, features)
  }

  /// The block's output, of the shape of `x`.
  public override func forward(_ x: Tensor) -> Tensor {
    x + alpha * linear2(linear1(x).relu())  // [n, features]
  }
}
