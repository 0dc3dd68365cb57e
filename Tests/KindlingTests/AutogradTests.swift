import Foundation
import Kernels
import Kindling
import Testing

private func close(_ x: Tensor, _ expected: [Double], within tolerance: Double = 1e-12) -> Bool {
  let values = x.toArray()
  return values.count == expected.count
    && zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

private func leaf(_ values: [Double]) -> Tensor { Tensor(values, dtype: .float64, requiresGrad: true) }

@Suite struct LeafTests {
  @Test func leavesAndResults() {
    let w = leaf([1, 2]), x = Tensor([1.0, 2.0], dtype: .float64)
    let y = w * x
    #expect(w.isLeaf && w.requiresGrad && x.isLeaf && !x.requiresGrad && !y.isLeaf && y.requiresGrad)
    y.sum().backward()
    #expect(w.grad?.toArray() == [1, 2] && y.grad == nil && x.grad == nil)
    #expect((x * 2).isLeaf && !(w > 1).requiresGrad && !w.argmax().requiresGrad && !w.to(.int64).requiresGrad)
    #expect(w.detach().isLeaf && !w.detach().requiresGrad && w.detach().storage === w.storage)
    x.requiresGrad = true
    (x * x).sum().backward()
    #expect(x.grad?.toArray() == [2, 4])
  }

  @Test func gradientsAccumulateInPlace() {
    let w = leaf([1, 2])
    (w * 3).sum().backward()
    let grad = w.grad!
    (w * w).sum().backward()
    #expect(w.grad === grad && grad.toArray() == [5, 7])
    grad.zero_()
    (w + w + w * w).sum().backward()
    #expect(grad.toArray() == [4, 6])
    w.grad = nil
    w.sum().backward()
    #expect(w.grad !== grad && w.grad?.toArray() == [1, 1])
  }

  @Test func leavesNeverShareAGradient() {
    let a = leaf([1]), b = leaf([1]), seed = Tensor([2.0], dtype: .float64)
    (a + b).backward(gradient: seed)
    a.grad!.zero_()
    #expect(b.grad?.item() == 2 && seed.item() == 2)
    let c = leaf([1])
    c.backward(gradient: seed)
    c.grad!.zero_()
    #expect(seed.item() == 2)
  }

  @Test func gradientsComeInTheLeafsOwnShapeAndType() {
    let w = Tensor([[1.0], [2.0]], requiresGrad: true)  // float32, broadcast against float64
    (w * Tensor([[1.0, 2.0, 3.0]], dtype: .float64)).sum().backward()
    #expect(w.grad?.shape == [2, 1] && w.grad?.dtype == .float32 && w.grad?.toArray() == [6, 6])
  }

  /// `mm` has two products for its gradients; the one that nobody asked for is not computed.
  @Test func noGradientForInputsThatNobodyAskedFor() async {
    await #expect(processExitsWith: .success) {
      let w = Tensor.ones(4, 4, requiresGrad: true), x = Tensor.ones(512, 4)
      func peak(_ input: Tensor) -> Int64 {
        let loss = input.mm(w).sum()
        let before = kernels_memory_statistics().allocations
        loss.backward()
        return kernels_memory_statistics().allocations - before
      }
      _ = (peak(x), peak(x))
      let frozen = peak(x)
      let both = peak(x.detach().requiresGrad_())
      precondition(frozen < both, "\(frozen) \(both)")
    }
  }

  @Test func retainedGraphsCanBeWalkedAgain() {
    let w = leaf([2])
    let loss = w.pow(3).sum()
    loss.backward(retainGraph: true)
    loss.backward(retainGraph: true)
    loss.backward()
    #expect(w.grad?.item() == 36)
    // A part that a first result shares with a second one is kept as well.
    let y = w.exp()
    (y * 2).sum().backward(retainGraph: true)
    (y * 3).sum().backward()
    #expect(close(w.grad!, [36 + 5 * exp(2)]))
  }

  @Test func backwardOfOtherShapes() {
    let w = leaf([1, 2, 3])
    (w * w).backward(gradient: Tensor([1.0, 0.0, -1.0], dtype: .float64))
    #expect(w.grad?.toArray() == [2, 0, -6])
    let one = Tensor([[3.0]], requiresGrad: true)
    (one * one).backward()
    #expect(one.grad?.toArray() == [6] && one.grad?.shape == [1, 1])
  }
}

@Suite struct GradModeTests {
  struct Stop: Error {}

  @Test func modesNest() {
    let w = leaf([1])
    #expect(isGradEnabled)
    noGrad {
      #expect(!isGradEnabled && !(w * 2).requiresGrad)
      enableGrad {
        #expect(isGradEnabled && (w * 2).requiresGrad)
        noGrad { #expect(!isGradEnabled) }
        #expect(isGradEnabled)
      }
      #expect(!isGradEnabled)
      #expect(Tensor.zeros(1, requiresGrad: true).requiresGrad)
    }
    #expect(isGradEnabled && noGrad { 5 } == 5)
  }

  @Test func aThrowingBodyLeavesTheModeAsItWas() {
    #expect(throws: Stop.self) { try noGrad { throw Stop() } }
    #expect(isGradEnabled)
    noGrad {
      #expect(throws: Stop.self) { try enableGrad { throw Stop() } }
      #expect(!isGradEnabled)
    }
    #expect(throws: Stop.self) { try detectAnomaly { throw Stop() } }
    _ = (Tensor([-1.0])).log()  // would end the program in anomaly mode
  }

  @Test func anomalyModeLetsNumbersAndOldNaNsPass() {
    detectAnomaly {
      let w = leaf([1, 2])
      (w.log() * w).sum().backward()
      #expect(close(w.grad!, [1, 1 + log(2)]))
      let nan = Tensor([Double.nan, 1])
      nan.add_(1)
      #expect((nan * 2).toArray()[0].isNaN)
    }
  }
}

@Suite struct HookTests {
  @Test func aLeafsHookSeesTheSumOnce() {
    let w = leaf([1])
    var seen: [Double] = []
    let handle = w.registerHook {
      seen.append($0.item()); return nil
    }
    (w * 2 + w * 3).backward()
    #expect(seen == [5] && w.grad?.item() == 5)
    handle.remove()
    handle.remove()
    (w * 2).backward()
    #expect(seen == [5] && w.grad?.item() == 7)
  }

  @Test func whatAHookReturnsTakesTheGradientsPlace() {
    let w = leaf([1, 1])
    w.registerHook { $0 * 10 }
    w.registerHook { $0 + 1 }
    (w * Tensor([1.0, 2.0], dtype: .float64)).sum().backward()
    #expect(w.grad?.toArray() == [11, 21])
    #expect(grad(of: (w * 2).sum(), wrt: [w])[0].toArray() == [21, 21])
  }

  @Test func hooksOnResults() {
    let w = leaf([3])
    let y = w * 2
    var seen: [Double] = []
    y.registerHook {
      seen.append($0.item()); return $0 * 0.5
    }
    (y * y + y).backward()
    #expect(seen == [13] && w.grad?.item() == 13)
  }

  @Test func retainGradKeepsAResultsGradient() {
    let w = leaf([3])
    let y = w * 2
    y.retainGrad()
    y.retainGrad()
    y.registerHook { $0 * 10 }
    w.retainGrad()
    let loss = (y * y).sum()
    loss.backward(retainGraph: true)
    #expect(y.grad?.item() == 120 && w.grad?.item() == 240)
    loss.backward()
    #expect(y.grad?.item() == 240)
  }
}

@Suite struct HigherDerivativeTests {
  /// The derivatives of f at x, the first at index 0, each of the one before it.
  private func derivatives(_ count: Int, of f: (Tensor) -> Tensor, at x: Tensor) -> [Tensor] {
    var current = f(x)
    return (0..<count).map { _ in
      current = grad(of: current.sum(), wrt: [x], createGraph: true)[0]
      return current
    }
  }

  @Test func powersAndSines() {
    let x = leaf([0.5, -2])
    let cube = derivatives(3, of: { $0.pow(3) }, at: x)
    #expect(close(cube[0], [0.75, 12]) && close(cube[1], [3, -12]) && close(cube[2], [6, 6]))
    let sine = derivatives(3, of: { $0.sin() }, at: x)
    #expect(close(sine[0], [cos(0.5), cos(-2)]) && close(sine[1], [-sin(0.5), -sin(-2)]))
    #expect(close(sine[2], [-cos(0.5), -cos(-2)]))
    let exponential = derivatives(3, of: { $0.exp() }, at: x)
    for d in exponential { #expect(close(d, [exp(0.5), exp(-2)])) }
    #expect(x.grad == nil)
  }

  @Test func products() {
    // f(W) = Σ (XW)², with gradient 2XᵀXW, and the product of its second derivative with V is 2XᵀXV.
    let x = Tensor.randn(4, 3, dtype: .float64), v = Tensor.randn(3, 2, dtype: .float64)
    let w = Tensor.randn(3, 2, dtype: .float64, requiresGrad: true)
    let first = grad(of: x.mm(w).square().sum(), wrt: [w], createGraph: true)[0]
    #expect(close(first, (2 * x.t().mm(x).mm(w)).toArray()))
    #expect(close(grad(of: (first * v).sum(), wrt: [w])[0], (2 * x.t().mm(x).mm(v)).toArray()))
  }

  @Test func softmax() {
    let x = leaf([0.1, -0.4, 0.7]), v = Tensor([1.0, -2.0, 0.5], dtype: .float64)
    let s = x.softmax(dim: 0)
    let first = grad(of: s.dot(v), wrt: [x], createGraph: true)[0]
    // The derivative of softmax is diag(s) - s sᵀ.
    let jacobian = noGrad { s.diag() - s.outer(s) }
    #expect(close(first, jacobian.mv(v).toArray()))
    // Of first[0] = s₀ (v₀ - s·v): s₀ (δ₀ - s) (v₀ - s·v) - s₀ J v.
    let expected = noGrad {
      s[0] * ((Tensor([1.0, 0.0, 0.0], dtype: .float64) - s) * (v[0] - s.dot(v)) - jacobian.mv(v))
    }
    #expect(close(grad(of: first[0], wrt: [x])[0], expected.toArray()))
  }

  /// First derivatives as functions, differentiated once and twice more, against finite differences.
  @Test(arguments: [
    "tanh", "sigmoid", "gelu", "softplus", "log", "sqrt", "division", "logSoftmax", "logSumExp", "norm", "std",
    "cumsum", "prod",
    "matmul", "gather", "slices",
  ])
  func againstFiniteDifferences(_ name: String) throws {
    let functions: [String: (Tensor) -> Tensor] = [
      "tanh": { $0.tanh() }, "sigmoid": { $0.sigmoid() }, "gelu": { $0.gelu() }, "softplus": { $0.softplus() },
      "log": { ($0 + 3).log() }, "sqrt": { ($0 + 3).sqrt() }, "division": { 1 / ($0 + 3) }, "norm": { $0.norm(dim: 1) },
      "logSoftmax": { $0.logSoftmax(dim: 0) }, "logSumExp": { $0.logSumExp(dim: 1) }, "std": { $0.std(dim: 0) },
      "cumsum": { $0.square().cumsum(dim: 1) }, "prod": { $0.prod(dim: 1) }, "matmul": { $0.t().matmul($0) },
      "gather": { $0.square().gather(1, Tensor([[0], [2]])) },
      "slices": { $0[0] * $0[1, .newAxis].flip([1]) * $0[.all, 0].sum() },
    ]
    let f = functions[name]!
    func derivative(_ g: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
      { x in
        enableGrad {
          // For the differences it is given plain tensors.
          let x = x.requiresGrad ? x : x.detach().requiresGrad_()
          return grad(of: g(x).sin().sum(), wrt: [x], createGraph: true)[0]
        }
      }
    }
    let x = Tensor([[0.3, -0.8, 1.1], [0.6, 0.2, -0.5]], dtype: .float64, requiresGrad: true)
    try gradientCheck({ f($0[0]) }, inputs: [x])
    try gradientCheck({ derivative(f)($0[0]) }, inputs: [x])
    try gradientCheck({ derivative(derivative(f))($0[0]) }, inputs: [x])
  }

  @Test func gradNamesWhatItAnswers() {
    let a = leaf([2]), b = leaf([3]), c = leaf([4])
    let y = a * b
    let gradients = grad(of: y * y, wrt: [a, y, c, a])
    #expect(gradients.map { $0.item() } == [36, 12, 0, 36])
    #expect(a.grad == nil && b.grad == nil && !gradients[0].requiresGrad)
    // A gradient penalty: it reaches the leaves through the first gradient.
    let first = grad(of: a * a * b, wrt: [a], createGraph: true)[0]
    first.square().backward()
    // (2ab)²: 8ab² by a, 8a²b by b.
    #expect(a.grad?.item() == 144 && b.grad?.item() == 96)
  }

  @Test func gradientCheckFindsAWrongDerivative() {
    let x = leaf([1, 2])
    #expect(throws: KindlingError.self) { try gradientCheck({ WrongCube.apply($0[0]) }, inputs: [x]) }
    do {
      try gradientCheck({ WrongCube.apply($0[0]) }, inputs: [x])
    } catch {
      #expect("\(error)".hasPrefix("gradientCheck: input 0, element 1 of shape [2]: autograd says "), "\(error)")
    }
    #expect(throws: KindlingError("gradientCheck: input 0 is float32; finite differences need float64")) {
      try gradientCheck({ $0[0] }, inputs: [Tensor([1.0], requiresGrad: true)])
    }
    #expect(throws: KindlingError("gradientCheck: no input requires a gradient")) {
      try gradientCheck({ $0[0] }, inputs: [Tensor([1.0], dtype: .float64)])
    }
  }
}

private enum WrongCube: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[0])
    return inputs[0].pow(3)
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * 2 * context.savedTensors[0].square()]
  }
}

/// e raised to x, with its result saved.
private enum Exponential: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    let y = inputs[0].exp()
    context.saveForBackward(y)
    return y
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * context.savedTensors[0]]
  }
}

/// a x + b y, with a number and one gradient only if it is asked for.
private enum Blend: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.extra["weight"] = 0.25
    return 0.25 * inputs[0] + 0.75 * inputs[1]
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    let weight = context.extra["weight"] as! Double
    return [
      context.needsInputGradient(0) ? weight * gradient : nil,
      context.needsInputGradient(1) ? (1 - weight) * gradient : nil,
    ]
  }
}

/// The input itself, whose gradient comes back reversed.
private enum Reversal: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor { inputs[0] }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] { [-gradient] }
}

@Suite struct FunctionTests {
  @Test func derivativesOfOnesOwn() throws {
    let x = leaf([0.5, 1])
    try gradientCheck({ Exponential.apply($0[0]) }, inputs: [x])
    try gradientCheck({ Blend.apply($0[0].square(), $0[1]) }, inputs: [x, leaf([2, 3])])
    let first = grad(of: Exponential.apply(x).sum(), wrt: [x], createGraph: true)[0]
    #expect(close(grad(of: first.sum(), wrt: [x])[0], [exp(0.5), exp(1)]))
    Blend.apply(x, Tensor([2.0, 3.0], dtype: .float64)).sum().backward()
    #expect(x.grad?.toArray() == [0.25, 0.25])
    #expect(!Exponential.apply(Tensor([1.0])).requiresGrad)
  }

  @Test func aFunctionMayReturnItsInput() {
    let x = leaf([1, 2])
    let y = x * 3
    Reversal.apply(y).sum().backward()
    #expect(x.grad?.toArray() == [-3, -3])
    Reversal.apply(x).sum().backward()
    #expect(x.grad?.toArray() == [-4, -4] && x.isLeaf)
  }

  @Test func aSpoiledSavedTensorIsFound() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = leaf([1])
      let y = Exponential.apply(x)
      let loss = y.sum()
      noGrad { y += 1 }
      loss.backward()
    }
    #expect(
      fatalMessage(result).hasPrefix("backward: the gradient of function needs a tensor of shape [1] that has been"))
  }
}

@Suite struct InPlaceTests {
  @Test func weightsAreUpdatedInsideNoGrad() {
    let w = leaf([1, 2])
    (w * w).sum().backward()
    noGrad { w -= 0.5 * w.grad! }
    #expect(w.toArray() == [0, 0] && w.isLeaf && w.requiresGrad)
  }

  @Test func harmlessWritesAreNoError() {
    let w = leaf([1, 2]), x = Tensor([3.0, 4.0], dtype: .float64)
    // The rule of a sum reads neither operand, that of a product with a number not the tensor.
    let loss = ((w + x) * 2).sum()
    noGrad {
      x.zero_()
      w.zero_()
    }
    loss.backward()
    #expect(w.grad?.toArray() == [2, 2])
    // A product needs the other operand only where the gradient of this one is asked for.
    let product = (w * x).sum()
    noGrad { w += 1 }
    product.backward()
    #expect(w.grad?.toArray() == [2, 2])
  }

  /// What in-place operations record against the same in ordinary operations.
  @Test(arguments: [
    "number", "tensor", "clamp", "fill", "copy", "chain", "slice", "mask", "values", "places", "scatter", "indexAdd",
    "random",
  ])
  func recordedWritesHaveTheRightGradients(_ name: String) throws {
    let writes: [String: (_ y: Tensor, _ v: Tensor) -> Void] = [
      "number": { y, _ in y.mul_(3).add_(1).sub_(2).div_(4) },
      "tensor": { y, v in
        y *= v
        y += v
        y -= v * v
        y /= v
      },
      "clamp": { y, _ in y.clamp_(min: -0.6, max: 0.5) },
      "fill": { y, v in
        y.fill_(2)
        y += v
      },
      "copy": { y, v in y.copy_(v.square()) },
      "chain": { y, v in
        for _ in 0..<3 { y.div_(v).mul_(y) }
        y *= y[0]
      },
      "slice": { y, v in
        y[0] = v[1] * 3
        y[.all, 1...] = v[.all, ..<2]
        y[1, 2] = 7
      },
      "mask": { y, v in
        y[y > 0] = 0
        y[v < 1.5] = v[0, 0]
      },
      "values": { y, v in y[y > 0] = v[y > 0].square() },
      "places": { y, v in y[Tensor([1, 0])] = v * 2 },
      "scatter": { y, v in y.scatter_(1, Tensor([[0, 2], [1, 0]]), v) },
      "indexAdd": { y, v in y.indexAdd_(1, Tensor([0, 0, 2]), v) },
      "random": { y, v in
        y.normal_(generator: Generator(seed: 0))
        y += v
      },
    ]
    let x = Tensor([[0.3, -0.8, 1.1], [0.6, 0.2, -0.5]], dtype: .float64, requiresGrad: true)
    let v = Tensor([[1.2, 1.7, 2.2], [1.4, 1.9, 0.9]], dtype: .float64, requiresGrad: true)
    try gradientCheck(
      { inputs in
        let y = inputs[0] * 1
        writes[name]!(y, inputs[1])
        return y.sin()
      }, inputs: [x, v])
  }

  @Test func aPlainTensorTakesOnTheHistoryOfWhatIsWrittenToIt() {
    let w = leaf([2, 3]), x = Tensor.zeros(3, dtype: .float64)
    x[0..<2] = w * w
    #expect(x.requiresGrad && !x.isLeaf && x.toArray() == [4, 9, 0])
    x.sum().backward()
    #expect(w.grad?.toArray() == [4, 6])
  }

  @Test func valuesReadBeforeAWriteKeepTheirHistory() {
    let w = leaf([2])
    let y = w * 3
    let before = y + 0
    y.mul_(2)
    (before + y).backward()
    #expect(w.grad?.item() == 9)
  }

  @Test func resultsThatAreViewsOnlyInsideMayBeWritten() {
    let m = Tensor([[1.0, 2.0], [3.0, 4.0]], dtype: .float64, requiresGrad: true),
      v = Tensor([1.0, 1.0], dtype: .float64)
    let writes: [(Tensor) -> Tensor] = [
      { $0.mv(v) }, { $0.matmul(v) }, { $0.t().reshape(4) }, { $0.max(dim: 1).values }, { $0[Tensor([0, 1])] },
      { $0[0].dot(v) },
    ]
    for write in writes {
      let y = write(m)
      y += 1
      y.sum().backward()
    }
    #expect(m.grad?.sum().item() == 20)
  }
}

/// What a thread leaves for the one that waits for it.
private final class Box<Value>: @unchecked Sendable { var value: Value? }

@Suite struct GraphTests {
  /// Runs `body` on a thread of its own with a stack of `stackSize` bytes.
  private func onThread<R: Sendable>(stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> R) -> () -> R {
    let box = Box<R>(), done = DispatchSemaphore(value: 0)
    let thread = Thread {
      box.value = body()
      done.signal()
    }
    thread.stackSize = stackSize
    thread.start()
    return {
      done.wait()
      return box.value!
    }
  }

  private static func chain(_ count: Int) -> (w: Tensor, end: Tensor) {
    let w = leaf([0])
    var y = w * 1
    for _ in 1..<count { y = y + 1 }
    return (w, y)
  }

  @Test func aMillionOperationsOnASmallStack() {
    let result = onThread(stackSize: 128 << 10) {
      let (w, end) = GraphTests.chain(1_000_000)
      end.backward()
      return [end.item(), w.grad!.item()]
    }
    #expect(result() == [999_999, 1])
  }

  @Test func aMillionOperationsDroppedWithoutBackward() {
    let result = onThread(stackSize: 128 << 10) { GraphTests.chain(1_000_000).end.item() }
    #expect(result() == 999_999)
    // Each operation reads two of the chain, and lists of many.
    let wide = onThread(stackSize: 128 << 10) {
      let w = leaf([1])
      var y = w * 1, z = w * 1
      for _ in 0..<50_000 { (y, z) = (y + z, cat([y, z, w]).narrow(0, 0, 1) - y + 1 - 1) }
      return y.rank
    }
    #expect(wide() == 1)
  }

  /// In a process of its own: other tests would be counted too.
  @Test func nothingLeaks() async {
    await #expect(processExitsWith: .success) {
      func bytesAfter(_ name: String, _ step: () -> Void) {
        step()
        let before = kernels_memory_statistics().bytesInUse
        for _ in 0..<100 { step() }
        let after = kernels_memory_statistics().bytesInUse
        precondition(after == before, "\(name) leaks: \(before) bytes before, \(after) after")
      }
      let w = Tensor.randn(8, 8, dtype: .float64, requiresGrad: true), x = Tensor.randn(4, 8, dtype: .float64)
      bytesAfter("a step") {
        x.mm(w).tanh().square().mean().backward()
        noGrad { w -= 0.01 * w.grad! }
        w.grad!.zero_()
      }
      bytesAfter("a graph without backward") { _ = x.mm(w).softmax(dim: 1).log().sum() }
      bytesAfter("a second derivative") {
        let first = grad(of: x.mm(w).exp().sum(), wrt: [w], createGraph: true)[0]
        _ = grad(of: first.square().sum(), wrt: [w])
        let second = grad(of: x.mm(w).sigmoid().sum(), wrt: [w], createGraph: true)[0]
        second.square().sum().backward()
      }
      bytesAfter("a custom function") {
        Exponential.apply(x.mm(w)).sum().backward()
        _ = Exponential.apply(x.mm(w))
      }
      bytesAfter("hooks") {
        let y = x.mm(w)
        y.registerHook { $0 * 2 }
        y.retainGrad()
        let handle = w.registerHook { $0 + 1 }
        y.sum().backward()
        handle.remove()
        let dropped = x.mm(w)
        dropped.retainGrad()
      }
      bytesAfter("writes in place") {
        let y = x.mm(w)
        y[0] = 1
        y[y > 0] = 0
        y.mul_(2).clamp_(max: 1)
        y.sum().backward()
        let dropped = x.mm(w)
        dropped += dropped
      }
      bytesAfter("a retained graph") {
        let loss = x.mm(w).sum()
        loss.backward(retainGraph: true)
        loss.backward(retainGraph: true)
      }
    }
  }

  @Test func threadsHaveTheirOwnModeAndGenerator() {
    @Sendable func train(_ seed: Int, inNoGrad: Bool) -> [Double] {
      manualSeed(seed)
      let x = Tensor.randn(16, 8, dtype: .float64), y = Tensor.randn(16, 1, dtype: .float64)
      let w = Tensor.randn(8, 1, dtype: .float64, requiresGrad: true)
      func run() -> [Double] {
        (0..<200).map { _ in
          let loss = enableGrad { (x.mm(w) - y).square().mean() }
          loss.backward()
          noGrad { w -= 0.05 * w.grad! }
          w.grad!.zero_()
          return loss.item() + (isGradEnabled == inNoGrad ? 1000 : 0)
        }
      }
      return inNoGrad ? noGrad(run) : run()
    }
    let alone = [train(1, inNoGrad: false), train(2, inNoGrad: true)]
    let running = [onThread { train(1, inNoGrad: false) }, onThread { train(2, inNoGrad: true) }]
    #expect(running.map { $0() } == alone)
    #expect(alone[0][0] > alone[0][199] && alone[0] != alone[1] && isGradEnabled)
  }
}
