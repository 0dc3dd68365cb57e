import Kindling
import TestSupport
import Testing

/// Elements in order, sums by Einstein's notation, draws from probabilities. The draws are PyTorch's for the same seed; the
/// other numbers follow from what the operations mean, and the operation table has PyTorch's.
@Suite struct SortingTests {
  @Test func equalElementsKeepTheirOrderAndNaNIsLargest() {
    let x = Tensor([3, Double.nan, 1, 2, Double.nan, 1], dtype: .float64)
    #expect(x.sort().indices.toArray(of: Int.self) == [2, 5, 3, 0, 1, 4])
    #expect(x.argsort(descending: true).toArray(of: Int.self) == [1, 4, 0, 3, 2, 5])
    #expect(x.median().item().isNaN)
  }

  @Test func gradientsGoWhereTheValuesCameFrom() {
    let x = Tensor([[3.0, 1, 2], [9, 7, 8]], requiresGrad: true)
    #expect(x.median(dim: 1).values.toArray() == [2, 8])
    #expect(x.topk(2, dim: 1).values.toArray() == [3, 2, 9, 8])
    x.topk(1, dim: 0).values.sum().backward()
    #expect(x.grad!.toArray() == [0, 0, 0, 1, 1, 1])
  }

  @Test func einsumIsWhatItsEquationSays() {
    let a = Tensor.randn(2, 3, 4, dtype: .float64), b = Tensor.randn(2, 4, 5, dtype: .float64)
    #expect(einsum("bij,bjk->bik", [a, b]).allClose(a.bmm(b)))
    #expect(einsum("...ij,...jk", [a, b]).allClose(a.bmm(b)))
    #expect(einsum("bij->", [a]).allClose(a.sum()))
    #expect(einsum("ii", [Tensor([[1.0, 2], [3, 4]])]).item() == 5)
    #expect(einsum("bij,bjk,bl->lk", [a, b, a[.all, 0]]).shape == [4, 5])
  }

  @Test func drawsArePyTorchsAfterTheSameSeed() {
    manualSeed(3)
    let p = Tensor.rand(20)
    #expect(p.bernoulli().toArray() == [0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1])
    manualSeed(3)
    #expect(p.multinomial(5).toArray(of: Int.self) == [19, 15, 6, 10, 16])
    #expect(p.multinomial(1).toArray(of: Int.self) == [12])
    #expect(p.multinomial(6, replacement: true).toArray(of: Int.self) == [11, 9, 9, 13, 9, 9])
  }

  /// How often each is drawn, of 20,000: five standard deviations of √(n p (1 - p)), at most 354, are allowed.
  @Test(arguments: [DType.float32, .float64]) func drawsComeAsOftenAsTheirProbabilitiesSay(_ dtype: DType) {
    let n = 20_000.0
    manualSeed(11)
    for p in [0, 0.02, 0.5, 0.9, 1] {
      let drawn = Tensor.full([Int(n)], p, dtype: dtype).bernoulli()
      #expect(drawn.dtype == dtype && drawn.toArray().allSatisfy { $0 == 0 || $0 == 1 })
      #expect(abs(drawn.sum().item() - n * p) <= 5 * (n * p * (1 - p)).squareRoot(), "\(p)")
    }
    let weights = Tensor([1.0, 0, 3, 6], dtype: dtype)
    let drawn = weights.multinomial(Int(n), replacement: true)
    for (i, p) in [0.1, 0, 0.3, 0.6].enumerated() {
      #expect(abs((drawn == i).sum().item() - n * p) <= 5 * (n * p * (1 - p)).squareRoot(), "\(i)")
    }
    // Without replacement none comes twice, and the first is drawn as above.
    let pairs = weights.expand(Int(n), 4).multinomial(2)
    #expect(!(pairs[.all, 0] == pairs[.all, 1]).any().item(as: Bool.self))
    #expect(abs((pairs[.all, 0] == 3).sum().item() - n * 0.6) <= 5 * (n * 0.24).squareRoot())
  }

  @Test func nothingHasNoMiddle() async {
    #expect(Tensor.zeros(0).median().item().isNaN)
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros(0, dtype: .int64).median()
    }
    #expect(fatalMessage(result) == "median: there are no elements, and int64 has no NaN to say so")
  }
}
