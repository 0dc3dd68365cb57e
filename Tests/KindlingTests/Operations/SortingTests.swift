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

  @Test func nothingHasNoMiddle() async {
    #expect(Tensor.zeros(0).median().item().isNaN)
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros(0, dtype: .int64).median()
    }
    #expect(fatalMessage(result) == "median: there are no elements, and int64 has no NaN to say so")
  }
}
