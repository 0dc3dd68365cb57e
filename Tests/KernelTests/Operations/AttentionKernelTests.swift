import Kindling
import TestSupport
import Testing

/// Attention head by head is what the formula in tensor operations gives, forward and back.
@Suite struct AttentionKernelTests {
  /// batch, heads, queries, keys, width, width of values; one head also as three dimensions. Rows that fill a vector, that do
  /// not, that are longer than what is kept in registers (32), and of one number.
  static let sizes = [
    [2, 3, 5, 5, 4, 4], [1, 2, 16, 16, 16, 16], [2, 1, 33, 20, 7, 5], [1, 1, 70, 70, 3, 9], [3, 2, 1, 4, 1, 2],
    [1, 2, 9, 40, 8, 3],
  ]
  static let types = [DType.float32, .float64]

  /// Queries, keys and values that lie in memory as one linear layer gives them: no two rows of a head side by side.
  private func inputs(_ size: [Int], _ dtype: DType) -> [Tensor] {
    let generator = Generator(seed: 3)
    return [(size[2], size[4]), (size[3], size[4]), (size[3], size[5])].map { rows, width in
      let x = Tensor.randn(size[0], rows, size[1], 2 * width, dtype: dtype, generator: generator)
        .narrow(dim: 3, start: width, length: width).transpose(1, 2)
      let one = size[1] == 1 ? x.squeeze(1) : x
      one.requiresGrad = true
      return one
    }
  }

  private func formula(_ x: [Tensor], isCausal: Bool) -> Tensor {
    attentionWeights(x[0], x[1], isCausal: isCausal).matmul(x[2])
  }

  /// The result, and the gradients of a sum in which each of its numbers has a weight of its own.
  private func run(_ x: [Tensor], createGraph: Bool = false, _ attend: ([Tensor]) -> Tensor) -> [Tensor] {
    let y = attend(x)
    let weights = Tensor.randn(y.shape, dtype: y.dtype, generator: Generator(seed: 4))
    return [y.detach()] + grad(of: (y * weights).sum(), wrt: x, createGraph: createGraph).map { $0.detach() }
  }

  /// Sums of up to 70 products of numbers around 1, in two orders: the errors together stay below some hundred half ulps.
  private func areNear(_ a: [Tensor], _ b: [Tensor]) -> Bool {
    let bound = a[0].dtype == .float32 ? 1e-5 : 1e-13
    return zip(a, b).allSatisfy { a, b in
      a.shape == b.shape && (a - b).abs().max().item() <= bound * Swift.max(1, b.abs().max().item())
    }
  }

  @Test(arguments: sizes, types) func theKernelIsTheFormula(_ size: [Int], _ dtype: DType) throws {
    for isCausal in [false, true] {
      let x = inputs(size, dtype)
      // That these go to the kernel at all.
      let y = try #require(attentionByKernel(x[0], x[1], x[2], isCausal: isCausal, scale: 1))
      #expect(y.shape == Shape(Array(x[0].shape.dropLast()) + [size[5]]))
      let expected = run(x) { formula($0, isCausal: isCausal) }
      let got = run(x) { scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: isCausal) }
      #expect(areNear(got, expected), "causal: \(isCausal)")
      // What a derivative is made of that is itself to be differentiated.
      let again = run(x, createGraph: true) { scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: isCausal) }
      #expect(areNear(again, expected), "with a graph, causal: \(isCausal)")
    }
  }

  @Test(arguments: [[8, 4, 64, 64, 16, 16], [1, 1, 300, 300, 40, 24]], types)
  func sameBitsOnAnyNumberOfThreads(_ size: [Int], _ dtype: DType) {
    let x = inputs(size, dtype)
    let runs = withThreads([1, 2, 3, 16]) {
      run(x) { scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: true) }.map { $0.toArray() }
    }
    for other in runs.dropFirst() { #expect(other == runs[0]) }
  }

  /// With another scale, with one tensor for all three, and from a gradient that is one number repeated.
  @Test(arguments: types) func theKernelIsTheFormulaOfWhateverComes(_ dtype: DType) {
    let x = inputs([2, 3, 6, 6, 4, 4], dtype)
    func attend(_ x: [Tensor], _ scale: Double) -> Tensor {
      attentionWeights(x[0], x[1], isCausal: true, scale: scale).matmul(x[2])
    }
    for scale in [-0.7, 0, 3] {
      let got = run(x) { scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: true, scale: scale) }
      #expect(areNear(got, run(x) { attend($0, scale) }), "\(scale)")
    }
    let one = [x[0]]
    #expect(
      areNear(
        run(one) { scaledDotProductAttention($0[0], $0[0], $0[0], isCausal: true, scale: 0.5) },
        run(one) { attend([$0[0], $0[0], $0[0]], 0.5) }))
    let sums = grad(of: scaledDotProductAttention(x[0], x[1], x[2], isCausal: true, scale: 0.5).sum(), wrt: x)
    #expect(areNear(sums, grad(of: attend(x, 0.5).sum(), wrt: x)))
  }

  /// Which input may have been written since depends on which gradients are wanted: of values alone none is read.
  @Test(arguments: 0..<3) func onlyWhatIsNeededIsRead(_ wanted: Int) {
    var x = inputs([1, 2, 5, 5, 4, 4], .float32)
    let expected = grad(of: formula(x, isCausal: false).square().sum(), wrt: [x[wanted]])
    for i in 0..<3 where i != wanted { x[i] = x[i].detach().clone() }
    let y = scaledDotProductAttention(x[0], x[1], x[2])
    let unread = [[0], [1], [0, 1]][wanted]
    for i in unread { x[i].detach().zero_() }
    #expect(areNear(grad(of: y.square().sum(), wrt: [x[wanted]]), expected))
  }

  /// A NaN among a row's scores is in all its weights, as in the formula, however long the row.
  @Test(arguments: [5, 40]) func aRowWithNaNIsNaN(_ length: Int) {
    let query = Tensor.ones(1, length, 2), value = Tensor.ones(1, length, 1, requiresGrad: true)
    query[0, 1, 0] = Tensor(Float.nan)
    let y = scaledDotProductAttention(query, Tensor.ones(1, length, 2), value, isCausal: true)
    #expect(y[0, 0, 0].item() == 1 && y[0, 1, 0].item().isNaN && y[0, 2, 0].item() == 1)
    #expect(grad(of: y.sum(), wrt: [value])[0].isFinite().any().item() == 0)
  }

  /// Its rows have their heads side by side, so that the layer after it needs no copy.
  @Test func theHeadsOfARowLieSideBySide() {
    let x = inputs([2, 3, 5, 5, 4, 4], .float32)
    #expect(noGrad { scaledDotProductAttention(x[0], x[1], x[2]) }.transpose(1, 2).isContiguous)
  }
}
