import Foundation
import Kernels
import Kindling
import TestSupport
import Testing

/// Products of float32 and float64 are by kernels of our own: right, and the same bits however they are computed. OpenBLAS's
/// are right too, where it is asked for them.
@Suite(.serialized) struct ProductTests {
  /// m, k, n: the lessons', the gradients of their weights on the digits among them, some that fill no vector and no tile,
  /// with more than one block of k (256), and nearly none; then some whose x, as it is or turned, has its rows so far apart
  /// that they are copied, in blocks of two lengths.
  static let sizes = [
    [64, 1000, 100], [1000, 64, 100], [64, 100, 10], [64, 10, 100], [64, 1797, 100], [100, 1797, 10], [97, 513, 65],
    [7, 300, 3], [33, 600, 17], [2, 1, 2], [129, 256, 130], [5, 257, 1000], [256, 257, 64], [512, 289, 70],
    [1024, 300, 64],
  ]
  static let types = [DType.float32, .float64]

  private func operands(_ size: [Int], _ dtype: DType) -> (x: Tensor, y: Tensor) {
    let generator = Generator(seed: 7)
    return (
      Tensor.randn(size[0], size[1], dtype: dtype, generator: generator),
      Tensor.randn(size[1], size[2], dtype: dtype, generator: generator)
    )
  }

  /// Every bit; a float32 number is a float64 number as well.
  private func bits(_ x: Tensor) -> [UInt64] { x.toArray().map(\.bitPattern) }

  @Test(arguments: sizes) func rightToTheLastDigits(_ size: [Int]) {
    let (x, y) = operands(size, .float32)
    let exact = x.to(.float64).mm(y.to(.float64)).toArray()
    // Each addition, of a product within a block and of a block, rounds by half an ulp (2^-24) of the sum of absolute
    // products at most. The errors have both signs, so together they grow as the square root of their number.
    let bound = x.to(.float64).abs().mm(y.to(.float64).abs()).toArray()
    let steps = Double(min(size[1], 256) + size[1] / 256 + 1)
    for (i, value) in x.mm(y).toArray().enumerated() {
      #expect(abs(value - exact[i]) <= bound[i] * steps.squareRoot() * 0x1p-24, "element \(i)")
    }
  }

  /// The same bound for float64, against numbers that were added up one by one.
  @Test(arguments: sizes) func rightInFloat64(_ size: [Int]) {
    let (x, y) = operands(size, .float64)
    let (xs, ys, product) = (x.toArray(), y.toArray(), x.mm(y).toArray())
    let (k, n) = (size[1], size[2])
    let steps = Double(min(k, 256) + k / 256 + 1 + k)
    for i in stride(from: 0, to: product.count, by: 7) {
      let terms = (0..<k).map { xs[i / n * k + $0] * ys[$0 * n + i % n] }
      let bound = terms.reduce(0) { $0 + abs($1) } * steps.squareRoot() * 0x1p-53
      #expect(abs(product[i] - terms.reduce(0, +)) <= bound, "element \(i)")
    }
  }

  @Test(.enabled(if: Products.areOurs, Products.notOurs), arguments: sizes, types)
  func sameBitsTransposed(_ size: [Int], _ dtype: DType) {
    let (x, y) = operands(size, dtype)
    let product = bits(x.mm(y))
    let (xTurned, yTurned) = (x.t().contiguous().t(), y.t().contiguous().t())
    #expect(bits(xTurned.mm(y)) == product)
    #expect(bits(x.mm(yTurned)) == product)
    #expect(bits(xTurned.mm(yTurned)) == product)
    #expect(bits(y.t().mm(x.t()).t()) == product)
    // A part of rows that are far apart.
    let wide = cat([x, Tensor.zeros(size[0], 1024, dtype: dtype)], dim: 1).narrow(dim: 1, start: 0, length: size[1])
    #expect(bits(wide.mm(y)) == product)
    // Every second element of something larger: no stride is 1.
    let spread = stack([y, y], dim: 2).select(dim: 2, index: 1)
    #expect(bits(x.mm(spread)) == product)
  }

  @Test(arguments: sizes, types) func sameBitsOnAnyNumberOfThreads(_ size: [Int], _ dtype: DType) {
    let (x, y) = operands(size, dtype)
    let turned = x.t().contiguous().t()
    let products = withThreads([1, 2, 3, 8, 20]) { (bits(x.mm(y)), bits(turned.mm(y))) }
    for (i, product) in products.enumerated() {
      #expect(product.0 == products[0].0, "thread count \(i)")
      #expect(product.1 == products[0].1, "x turned, thread count \(i)")
      if Products.areOurs { #expect(product.1 == products[0].0) }
    }
  }

  @Test(.enabled(if: Products.areOurs, Products.notOurs), arguments: sizes, types)
  func sameBitsWithVectorsOf64And32Bytes(_ size: [Int], _ dtype: DType) {
    let (x, y) = operands(size, dtype)
    defer { KindlingLimitProductVectors(64) }
    let product = bits(x.mm(y))
    KindlingLimitProductVectors(32)
    #expect(bits(x.mm(y)) == product)
  }

  /// A processor without fused multiply-add rounds each product, so its bits are its own; but they are the same however
  /// the matrices lie.
  @Test(.enabled(if: Products.areOurs, Products.notOurs), arguments: sizes, types)
  func anyProcessor(_ size: [Int], _ dtype: DType) {
    let (x, y) = operands(size, dtype)
    defer { KindlingLimitProductVectors(64) }
    let product = x.mm(y)
    KindlingLimitProductVectors(16)
    let own = x.mm(y)
    // Twice as many roundings: 2 · √1000 half ulps of the largest element, which is what they differ by at most.
    let bound = 64 * (dtype == .float32 ? 0x1p-24 : 0x1p-53) * product.abs().max().item()
    #expect((own - product).abs().max().item() <= bound)
    #expect(bits(y.t().mm(x.t()).t()) == bits(own))
    #expect(bits(x.t().contiguous().t().mm(y.t().contiguous().t())) == bits(own))
  }

  /// Rows are computed in tiles, and in larger products in larger ones; a row does not know.
  @Test(.enabled(if: Products.areOurs, Products.notOurs), arguments: types)
  func aRowDoesNotDependOnTheOthers(_ dtype: DType) {
    let (x, y) = operands([64, 1000, 100], dtype)
    let product = x.mm(y)
    for row in [0, 5, 41] {
      #expect(bits(x[row..<row + 3].mm(y)) == bits(product[row..<row + 3]), "rows \(row) to \(row + 2)")
    }
  }

  /// Few large ones are divided, of many small ones the batch is; y may be one for all.
  @Test(arguments: [[3, 64, 300, 200], [64, 2, 316, 316], [128, 16, 16, 16], [40, 100, 5, 33]], types)
  func aBatchHasTheBitsOfItsProducts(_ size: [Int], _ dtype: DType) {
    let x = Tensor.randn([size[0], size[1], size[2]], dtype: dtype, generator: Generator(seed: 1))
    let y = Tensor.randn([size[0], size[2], size[3]], dtype: dtype, generator: Generator(seed: 2))
    for y in [y, y[0..<1].expand(size[0], size[2], size[3])] {
      let each = (0..<size[0]).map { bits(x[$0].mm(y[$0])) }
      for batch in withThreads([1, 2, 3, 16], { x.bmm(y) }) {
        #expect((0..<size[0]).map { bits(batch[$0]) } == each)
      }
    }
  }

  /// The last vector of a row has room for more numbers than there are. What the memory held there must not be computed with:
  /// it can be subnormal, and then some processors take many times as long.
  @Test(.enabled(if: Products.areOurs, Products.notOurs), arguments: types)
  func whatTheMemoryHeldIsNotComputedWith(_ dtype: DType) {
    // More rows than a product has that is packed on the stack.
    let (x, y) = (Tensor.ones(40, 100, dtype: dtype), Tensor.full([100, 10], 2, dtype: dtype))
    for y in [y, y.t().contiguous().t()] {
      // The memory for a packed block, 256 rows with a vector of 64 bytes for 10 numbers of float32 and two for 10 of
      // float64, is full of the largest number: twice that raises the flag for a number beyond the range.
      let byteCount = 256 * (dtype == .float32 ? 64 : 128)
      let memory = KindlingAllocate(byteCount)!
      if dtype == .float32 {
        memory.initializeMemory(as: Float.self, repeating: .greatestFiniteMagnitude, count: byteCount / 4)
      } else {
        memory.initializeMemory(as: Double.self, repeating: .greatestFiniteMagnitude, count: byteCount / 8)
      }
      KindlingDeallocate(memory, byteCount)
      feclearexcept(FE_OVERFLOW)
      _ = x.mm(y)
      #expect(fetestexcept(FE_OVERFLOW) == 0)
    }
  }

  /// A product to which the kernel adds a row is the product plus that row: bits, gradients and graph.
  @Test(
    arguments: [
      [64, 100, 10], [97, 513, 65], [33, 600, 17], [100, 1797, 10], [5, 257, 1000], [2, 1, 2], [1, 30, 7], [9, 30, 1],
      [20, 40, 16],
    ], types)
  func aBiasIsAddedWithTheBitsOfAnAddition(_ size: [Int], _ dtype: DType) {
    let (x, y) = operands(size, dtype)
    let bias = Tensor.randn(size[2], dtype: dtype, generator: Generator(seed: 8))
    for input in [x, x.t().contiguous().t(), x.unsqueeze(0), stack([x, x])] {
      let (inputs, others) = ([input, y, bias].map { $0.detach() }, [input, y, bias].map { $0.detach() })
      for tensor in inputs + others { tensor.requiresGrad_() }
      let sum = inputs[0].matmul(inputs[1], plus: inputs[2])
      let steps = others[0].matmul(others[1]) + others[2]
      #expect(sum.shape == steps.shape && bits(sum) == bits(steps))
      #expect(names(sum) == names(steps))
      // A write in place comes after what the product's gradients read.
      for result in [sum, steps] { result.clamp_(min: 0).square().sum().backward() }
      for (one, other) in zip(inputs, others) { #expect(bits(one.grad!) == bits(other.grad!)) }
    }
  }

  /// Also where nothing but the bias is tracked, and for second derivatives.
  @Test func aBiasHasItsDerivatives() throws {
    let (x, y) = operands([4, 3, 5], .float64)
    let bias = Tensor.randn(5, dtype: .float64, generator: Generator(seed: 8)).requiresGrad_()
    x.matmul(y, plus: bias).sum().backward()
    #expect(bias.grad!.toArray() == [4, 4, 4, 4, 4])
    let inputs = [x, y, bias].map { $0.detach().requiresGrad_() }
    func sum(_ inputs: [Tensor]) -> Tensor { inputs[0].matmul(inputs[1], plus: inputs[2]).pow(3).sum() }
    #expect(try gradientCheck(sum, inputs: inputs))
    let gradients = { (inputs: [Tensor], i: Int) in
      enableGrad {
        // For the differences it is given plain tensors.
        let inputs = inputs.map { $0.requiresGrad ? $0 : $0.detach().requiresGrad_() }
        return grad(of: sum(inputs), wrt: [inputs[i]], createGraph: true)[0]
      }
    }
    for i in 0..<3 { #expect(try gradientCheck({ gradients($0, i) }, inputs: inputs)) }
  }

  /// The sum is all that memory is taken for.
  @Test func aProductToWhichABiasIsAddedNeedsNoMemory() async {
    await #expect(processExitsWith: .success) {
      let (x, y, bias) = (Tensor.ones(64, 64), Tensor.ones(64, 64, requiresGrad: true), Tensor.ones(64))
      let before = KindlingMemoryStatistics().bytesInUse
      let sum = x.matmul(y, plus: bias)
      #expect(KindlingMemoryStatistics().bytesInUse - before < 2 * 64 * 64 * 4)
      #expect(sum.requiresGrad)
    }
  }

  /// The names and shapes of what a result came from.
  private func names(_ x: Tensor) -> [String] { ComputationGraph(of: x).vertices.map { "\($0.name) \($0.shape)" } }

  /// What is no row of the product is added by itself.
  @Test func aBiasThatIsNoRow() {
    let (x, y) = operands([4, 3, 5], .float32)
    let product = x.matmul(y)
    let everySecond = Tensor.ones(5, 2).select(dim: 1, index: 0)
    for bias in [Tensor(2.0), Tensor.ones(4, 1), Tensor.ones(5, dtype: .float64), everySecond] {
      let sum = x.matmul(y, plus: bias)
      #expect(sum.dtype == (product + bias).dtype && bits(sum) == bits(product + bias))
    }
    let row = Tensor.ones(5)
    #expect(x[0..<0].matmul(y, plus: row).shape == [0, 5])
    #expect(Tensor.ones(2, 0).matmul(Tensor.ones(0, 5), plus: row).toArray() == [Double](repeating: 1, count: 10))
    #expect(Tensor([[1, 2]]).matmul(Tensor([[3], [4]]), plus: Tensor([5])).toArray() == [16])
  }

  /// In a process of its own, because who multiplies is one choice for all threads.
  @Test func openBLASIsRightAndTheSameOnAnyNumberOfThreads() async {
    await #expect(processExitsWith: .success) {
      let tests = ProductTests()
      for size in ProductTests.sizes {
        for dtype in ProductTests.types {
          let (x, y) = tests.operands(size, dtype)
          MatrixProducts.current = .own
          let own = x.mm(y), bound = x.abs().mm(y.abs()) * (Double(size[1]) * (dtype == .float32 ? 0x1p-24 : 0x1p-53))
          MatrixProducts.current = .openblas
          numThreads = 1
          let product = x.mm(y)
          let (xTurned, yTurned) = (x.t().contiguous().t(), y.t().contiguous().t())
          let spread = stack([y, y], dim: 2).select(dim: 2, index: 1)
          for other in [product, xTurned.mm(y), x.mm(yTurned), xTurned.mm(yTurned), x.mm(spread)] {
            #expect(((other - own).abs() - bound).max().item() <= 0, "\(size) \(dtype)")
          }
          for other in withThreads([2, 3, 8], { x.mm(y) }) {
            #expect(tests.bits(other) == tests.bits(product), "\(size) \(dtype)")
          }
          let bias = y[0]
          #expect(tests.bits(x.matmul(y, plus: bias)) == tests.bits(product + bias), "\(size) \(dtype)")
        }
      }
    }
  }
}
