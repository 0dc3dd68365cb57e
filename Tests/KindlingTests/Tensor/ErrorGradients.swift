import Kindling
import TestSupport

/// Writing what cannot be written, and gradients that there are none of.
extension ErrorTests {
  static let writing = [
    Mistake("add_: shape [3] does not broadcast to [2], the shape of the tensor written in place") {
      zeros(2) += zeros(3)
    },
    Mistake("copy_: shape [2, 2] does not broadcast to [2], the shape of the tensor written in place") {
      zeros(2).copy_(zeros(2, 2))
    },
    Mistake("masked_fill_: the mask is float32, and must be bool") { zeros(2).maskedFill_(zeros(2), 0) },
    Mistake(
      "add_: this [3, 2] tensor was expanded, and several of its elements are one in memory; write to a clone()"
    ) { zeros(2).expand(3, 2) += 1 },
  ]

  private static let leafWritten =
    "a leaf that requires a gradient cannot be written in place while operations are recorded; wrap an update of weights "
    + "in noGrad { }"
  private static func leaf(_ sizes: Int...) -> Tensor { Tensor.ones(Shape(sizes), requiresGrad: true) }

  static let gradients = [
    Mistake("requiresGrad: only float32 and float64 tensors can require gradients, and this one is int64") {
      zeros(2, dtype: .int64).requiresGrad = true
    },
    Mistake("requiresGrad: only a leaf can stop requiring a gradient, and this tensor was computed; use detach()") {
      (leaf(2) * 2).requiresGrad = false
    },
    Mistake("grad: a gradient of float32 [3] does not fit a tensor of float32 [2]") { leaf(2).grad = zeros(3) },
    Mistake("grad: a gradient of float64 [2] does not fit a tensor of float32 [2]") {
      leaf(2).grad = zeros(2, dtype: .float64)
    },
    Mistake(
      "backward: a tensor of shape [2] is not a single number; reduce it with sum() or mean(), or pass backward(gradient:)"
    ) { (leaf(2) * 2).backward() },
    Mistake("backward: the gradient given has shape [3], and the tensor [2]") {
      (leaf(2) * 2).backward(gradient: zeros(3))
    },
    Mistake(
      "backward: this tensor has no graph: nothing it was computed from has requiresGrad, or it was computed inside noGrad"
    ) { zeros(2).sum().backward() },
    Mistake(
      "backward: this tensor has no graph: nothing it was computed from has requiresGrad, or it was computed inside noGrad"
    ) { noGrad { leaf(2).sum() }.backward() },
    Mistake(
      "backward: the graph was freed by an earlier backward(); compute the result again, or keep the graph with "
        + "backward(retainGraph: true)"
    ) {
      let loss = leaf(2).exp().sum()
      loss.backward()
      loss.backward()
    },
    Mistake(
      "backward: the graph was freed by an earlier backward(); compute the result again, or keep the graph with "
        + "backward(retainGraph: true)"
    ) {
      let x = leaf(2)
      let loss = x.exp().sum()
      _ = grad(of: loss, wrt: [x])
      _ = grad(of: loss, wrt: [x])
    },
    Mistake(
      "backward: the graph was freed by an earlier backward(); compute the result again, or keep the graph with "
        + "backward(retainGraph: true)"
    ) {
      // Half of it is there: not even that is handed out.
      let x = leaf(2)
      let square = x * x
      square.sum().backward()
      _ = grad(of: (x * 3 + square).sum(), wrt: [x], createGraph: true)
    },
    Mistake("grad: an input of shape [2] does not require gradients, so nothing leads back to it") {
      _ = grad(of: leaf(2).sum(), wrt: [zeros(2)])
    },
    Mistake("registerHook: a tensor that does not require gradients is never given one") {
      zeros(2).registerHook { $0 }
    },
    Mistake("hook: a gradient of float64 on cpu in the place of one of float32 on cpu; convert it with to(_:)") {
      let y = Tensor.ones(2, requiresGrad: true) * 2
      y.registerHook { $0.to(.float64) }
      y[0].backward()
    },
    Mistake("hook: a gradient of shape [3] in the place of one of shape [2]") {
      let w = leaf(2)
      w.registerHook { _ in zeros(3) }
      w.sum().backward()
    },
    Mistake("sub_: \(leafWritten)") { leaf(2) -= 0.1 },
    Mistake("slice_assign: \(leafWritten)") {
      let w = leaf(2)
      w[0] = 1
    },
    Mistake("normal_: \(leafWritten)") { leaf(2).normal_() },
    Mistake("mul_: \(leafWritten)") { leaf(3, 2)[0] *= 2 },
    Mistake("fill_: \(leafWritten)") { noGrad { leaf(3, 2)[0] }.fill_(2) },
    Mistake("index_put: \(leafWritten)") { leaf(3, 2)[Tensor([0])] += 2 },
    Mistake("masked_fill_: \(leafWritten)") {
      let w = leaf(3)
      w[w > 0] *= 2
    },
    Mistake(
      "backward: the gradient of exp needs a tensor of shape [2] that has been "
        + "written in place since: it is at version 1, and was read at version 0; "
        + "write to a clone() instead"
    ) {
      let y = leaf(2).exp()
      let loss = y.sum()
      y += 1
      loss.backward()
    },
    Mistake(
      "backward: the gradient of mul needs a tensor of shape [2] that has been written in place since: it is at version 1, and was "
        + "read at version 0; write to a clone() instead"
    ) {
      let w = leaf(2)
      let loss = (w * w).sum()
      noGrad { w -= 1 }
      loss.backward()
    },
    Mistake("detectAnomaly: log made a NaN out of inputs that have none (shapes [2])") {
      detectAnomaly { _ = (leaf(2) - 2).log() }
    },
    Mistake("detectAnomaly: the derivative of sqrt made a NaN (shape of the gradient: [1])") {
      // 0 · ∞: the gradient of the square root at 0, times one that is 0.
      detectAnomaly { ((leaf(1) - 1).sqrt() * 0).sum().backward() }
    },
    Mistake("detectAnomaly: sub_ made a NaN out of inputs that have none (shapes [1], [1])") {
      detectAnomaly {
        let x = Tensor([Double.infinity])
        x -= Tensor([Double.infinity])
      }
    },
    Mistake("Twice.backward: 2 gradients for 1 inputs") { Twice.apply(leaf(1)).backward() },
  ]

  private enum Twice: DifferentiableFunction {
    static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor { inputs[0] * 2 }
    static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] { [gradient * 2, nil] }
  }
}
