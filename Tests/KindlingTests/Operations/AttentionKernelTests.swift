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

  @Test(arguments: sizes, types) func theKernelIsTheFormula(_ size: [Int], _ dtype: DType) {
    for isCausal in [false, true] {
      let x = inputs(size, dtype)
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

  /// Its rows have their heads side by side, so that the layer after it needs no copy.
  @Test func theHeadsOfARowLieSideBySide() {
    let x = inputs([2, 3, 5, 5, 4, 4], .float32)
    #expect(noGrad { scaledDotProductAttention(x[0], x[1], x[2]) }.transpose(1, 2).isContiguous)
  }
}
