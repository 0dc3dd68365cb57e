import Foundation
import Kernels
import Kindling
import Testing

/// Whether the elements are the expected numbers, to `tolerance` relative to numbers above 1, absolute below: 1e-12 is some
/// thousand roundings of a float64.
func isClose(_ x: Tensor, _ expected: [Double], within tolerance: Double = 1e-12) -> Bool {
  let values = x.toArray()
  return values.count == expected.count
    && zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

/// A float64 vector that requires a gradient.
func leaf(_ values: [Double]) -> Tensor { Tensor(values, dtype: .float64, requiresGrad: true) }

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
        let before = KindlingMemoryStatistics().allocations
        loss.backward()
        return KindlingMemoryStatistics().allocations - before
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
    #expect(isClose(w.grad!, [36 + 5 * exp(2)]))
  }

  @Test func aGradientThatHasAGraphIsDifferentiatedAgain() {
    let x = leaf([2, 3])
    (x * x * x).sum().backward(createGraph: true)
    let slope = x.grad!
    #expect(slope.toArray() == [12, 27] && slope.requiresGrad)
    x.grad = nil
    slope.sum().backward()
    #expect(x.grad!.toArray() == [12, 18])
    // The graph stays where one is made of it, unless the call says otherwise.
    let y = leaf([2])
    let square = (y * y).sum()
    square.backward(createGraph: true)
    square.backward(createGraph: true)
    #expect(y.grad!.toArray() == [8])
    y.grad = nil
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
      #expect(isClose(w.grad!, [1, 1 + log(2)]))
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

  /// PyTorch's numbers: [1, 1, 1] each time, and not what was multiplied afterwards.
  @Test func retainGradFollowsAWriteInPlace() {
    for write in [{ (y: Tensor) in y.mul_(5) }, { y in y[0..<2].mul_(5) }] {
      let w = leaf([1, 2, 3])
      let y = w * 2
      y.retainGrad()
      _ = write(y)
      y.sum().backward()
      #expect(y.grad?.toArray() == [1, 1, 1])
    }
    // A view's own gradient, too.
    let y = leaf([1, 2, 3]) * 2
    let view = y[0..<2]
    view.retainGrad()
    view.mul_(5)
    view.sum().backward()
    #expect(view.grad?.toArray() == [1, 1])
  }

  /// Of a tensor whose own graph has been freed the gradient is there all the same.
  @Test func theGraphBeforeATargetIsNotNeeded() {
    let w = leaf([2, 3])
    let h = w.exp()
    h.sum().backward()
    #expect(grad(of: (h * 3).sum(), wrt: [h])[0].toArray() == [3, 3])
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
      "scatter": { y, v in y.scatter_(dim: 1, index: Tensor([[0, 2], [1, 0]]), src: v) },
      "indexAdd": { y, v in y.indexAdd_(dim: 1, index: Tensor([0, 0, 2]), source: v) },
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

  /// Parts of one result write their gradients into one tensor, unless somebody else has seen it. Whatever arrives first, the
  /// sum is that of gradients as large as the whole, of which a derivative with a graph is made: of whole numbers the same.
  @Test(arguments: 0..<4) func partsShareAGradient(_ first: Int) {
    let x = Tensor.arange(16, dtype: .float32).reshape(4, 4).clone()
    x.requiresGrad = true
    var seen: [Tensor] = []
    func loss(_ y: Tensor, watches: Bool = false) -> Tensor {
      let row = y[0]
      if watches {
        for tensor in [y, row] {
          tensor.registerHook {
            seen.append($0)
            return nil
          }
        }
      }
      let terms: [() -> Tensor] = [
        { (row * 2).sum() + y[-1].square().sum() }, { (y[1...] * y[..<3]).sum() }, { y.sum() },
        { y.diagonal(offset: 1).square().sum() + y.t()[2].sum() },
      ]
      let sums = (0..<4).map { terms[($0 + first) % 4]() }
      return sums[0] + sums[1] + sums[2] + sums[3]
    }
    let y = x * 3
    let expected = grad(of: loss(y), wrt: [x, y], createGraph: true).map { $0.toArray() }
    #expect(grad(of: loss(y), wrt: [x, y], retainGraph: true).map { $0.toArray() } == expected)
    let watched = loss(y, watches: true)
    for times in 1...2 {
      watched.backward(retainGraph: true)
      #expect(x.grad!.toArray() == expected[0].map { $0 * Double(times) })
    }
    #expect(seen.count == 4 && seen[0].toArray() == [2, 2, 2, 2] && seen[1].toArray() == expected[1])
  }

  /// The gradient of a part of what was transposed lies as that does, so that transposing it back costs no copy.
  @Test func thePartsGradientLiesAsTheWhole() {
    let x = Tensor.randn(2, 3, 4, requiresGrad: true)
    let turned = (x * 1).permute(2, 0, 1)
    var strides: [Int] = []
    turned.registerHook {
      strides = Array($0.strides)
      return nil
    }
    turned[1].sum().backward()
    #expect(strides == [1, 12, 4])
  }
}
