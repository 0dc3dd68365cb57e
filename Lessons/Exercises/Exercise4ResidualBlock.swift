// Exercise 4: a module of your own.
//
// A residual block adds to its input what a small network makes of it:
//
//   y = x + α · linear2(relu(linear1(x)))
//
//   x, y     [n, features]
//   linear1  features → hidden
//   linear2  hidden → features
//   α        one number, [1], that is learnt; at first 0, so that a new block changes nothing
//
// In PyTorch, its state dict has the names alpha, linear1.weight, linear1.bias, linear2.weight and linear2.bias. Here they
// must be the same, so that a file saved there can be loaded. For the same seed the first numbers are PyTorch's too, if
// the layers are made in the same order: linear1, then linear2.
//
// `Linear` and `Parameter` come from KindlingNN. Nothing needs to be registered: what a property holds is found.
//
//   Tests/run exercise 4
//
// Source of the α: Bachlechner and others, "ReZero is all you need", arXiv:2003.04887.

import Kindling
import KindlingNN

/// x + α · linear2(relu(linear1(x))).
public final class ResidualBlock: Module {
  // Your properties here.

  /// A block for inputs whose last dimension has size `features`.
  public init(_ features: Int, _ hidden: Int) {
    // Your code here.
  }

  /// The block's output, of the shape of `x`.
  public override func forward(_ x: Tensor) -> Tensor {
    // Your code here.
    x
  }
}
