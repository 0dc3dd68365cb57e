import Kindling
import KindlingNN
import KindlingOptim
import Testing

/// Values and gradients at the edges of what a type can hold: both zeros, infinities, NaN, the largest integers. Each
/// expected number is PyTorch 2.13's, unless the test says that Kindling's is another.
@Suite struct EdgeValueTests {
  static let devices: [Device] = [.cpu, .cudaEmulator]
  private static let infinity = Double.infinity

  /// The elements as text, where -0 differs from 0 and NaN equals NaN.
  private func texts(_ x: Tensor) -> [String] { x.toArray().map { "\($0)" } }

  /// First and second derivative of the sum of f at x.
  private func derivatives(_ x: Tensor, _ f: (Tensor) -> Tensor) -> (first: [Double], second: [Double]) {
    let x = x.requiresGrad_()
    let first = grad(of: f(x).sum(), wrt: [x], createGraph: true)[0]
    // A constant slope has no history, and its derivative is 0.
    let second = first.requiresGrad ? grad(of: first.sum(), wrt: [x])[0] : Tensor.zerosLike(x)
    return (first.toArray(), second.toArray())
  }

  private func areFinite(_ numbers: [Double]) -> Bool { numbers.allSatisfy { $0.isFinite } }

  // MARK: Zeros

  @Test(arguments: devices) func theSignOfZeroIsKept(_ device: Device) {
    for count in [1, 3, 8, 17, 64] {
      let (minus, plus) = (Tensor.full([count], -0.0, device: device), Tensor.zeros(count, device: device))
      func all(_ text: String, _ x: Tensor) -> Bool { texts(x) == Array(repeating: text, count: count) }
      #expect(all("-0.0", minus.sin()) && all("-0.0", minus.tanh()) && all("-0.0", minus.erf()))
      #expect(all("-inf", 1 / minus.sin()) && all("-0.0", minus.relu()) && all("0.0", plus.relu()))
      #expect(all("-0.0", minus.clamp(min: 0)) && all("0.0", plus.clamp(min: -0.0)))
      #expect(all("-0.0", minus.clamp(max: 0)) && all("-0.0", minus.clamp(min: 0, max: 1)))
      #expect(all("-0.0", minus - 0) && all("-0.0", minus - 0.0) && all("0.0", minus + 0) && all("0.0", 0 - plus))
      #expect(all("-0.0", minus.clone().sub_(0)) && all("-0.0", minus.to(.float64).relu()))
      // PyTorch keeps the first here in short tensors, and the second where it computes with vectors.
      #expect(all("-0.0", minus.maximum(plus)) && all("0.0", plus.maximum(minus)))
      #expect(all("-0.0", minus.minimum(plus)) && all("0.0", plus.minimum(minus)))
    }
  }

  @Test(arguments: devices) func nanPassesThroughBounds(_ device: Device) {
    let x = Tensor([.nan, 1.0], device: device)
    let y = Tensor([1.0, .nan], device: device)
    for z in [x.maximum(y), y.maximum(x), x.minimum(y), y.minimum(x)] { #expect(texts(z) == ["nan", "nan"]) }
    #expect(texts(x.relu()) == ["nan", "1.0"] && texts(x.clamp(min: 0, max: 1)) == ["nan", "1.0"])
    #expect(texts(y.clamp(min: .nan)) == ["nan", "nan"] && texts(y.clamp(min: 3, max: 2)) == ["2.0", "nan"])
  }

  /// An infinite gradient reaches only the larger: 0 times infinity would be NaN.
  @Test func maximumHandsNothingToTheSmaller() {
    let dy = Tensor([Self.infinity, 2])
    let x = Tensor([1.0, 2], requiresGrad: true)
    let y = Tensor([2.0, 2], requiresGrad: true)
    x.maximum(y).backward(gradient: dy)
    #expect(x.grad!.toArray() == [0, 1] && y.grad!.toArray() == [.infinity, 1])
    (x.grad, y.grad) = (nil, nil)
    x.minimum(y).backward(gradient: dy)
    #expect(x.grad!.toArray() == [.infinity, 1] && y.grad!.toArray() == [0, 1])
  }

  /// It reaches nobody else over all elements, where PyTorch's CPU leaves the others alone. In amax and the norm it multiplies
  /// them by 0.
  @Test(arguments: devices) func anInfiniteGradientOfAnExtreme(_ device: Device) {
    func gradient(_ values: [Double], _ dy: Double, _ f: (Tensor) -> Tensor) -> [String] {
      let x = Tensor(values, device: device, requiresGrad: true)
      f(x).backward(gradient: Tensor(dy, device: device))
      return texts(x.grad!.abs())
    }
    for dy in [Double.infinity, -.infinity] {
      #expect(gradient([1, 3, 3], dy) { $0.max() } == ["0.0", "inf", "inf"])
      #expect(gradient([1, 3, 3], dy) { $0.min() } == ["inf", "0.0", "0.0"])
      #expect(gradient([1, .nan, .nan], dy) { $0.min() } == ["0.0", "inf", "inf"])
      #expect(gradient([1, 3, 3], dy) { $0.max(dim: 0).values } == ["0.0", "inf", "0.0"])
      #expect(gradient([1, 3, 3], dy) { $0.amax() } == ["nan", "inf", "inf"])
      #expect(gradient([1, 3, 3], dy) { $0.norm(.infinity) } == ["nan", "inf", "inf"])
    }
    #expect(gradient([1, 3, 3], .nan) { $0.max() } == ["0.0", "nan", "nan"])
    #expect(gradient([1, .nan, .nan], 1) { $0.max() } == ["0.0", "0.5", "0.5"])
    #expect(gradient([1, .nan, .nan], 1) { $0.amax() } == ["nan", "nan", "nan"])
    #expect(gradient([1, 2, 3, 4], 1) { $0.max() / 0 } == ["0.0", "0.0", "0.0", "inf"])
  }

  /// PyTorch's sigmoid is 0 below -88.7 in float32, and the slope of its softplus is not.
  @Test(arguments: devices) func softplusHasASlopeWhereItHasAValue(_ device: Device) {
    let x = Tensor([-100.0, -90, -20, 0, 1, 20, 21, 95, .infinity, -.infinity, .nan], device: device)
    let (first, second) = derivatives(x) { $0.softplus() }
    // The smallest float32 is 1.4e-45.
    #expect(abs(first[0] - 3.7835e-44) <= 3e-45 && abs(first[1] - 8.194009e-40) <= 1e-43)
    #expect(abs(first[2] - 2.0611537e-9) <= 1e-15 && abs(first[4] - 0.73105858) <= 1e-7 && first[3] == 0.5)
    #expect(first[5...9] == [1, 1, 1, 1, 0] && first[10].isNaN)
    #expect(second[3] == 0.25 && abs(second[4] - 0.19661193) <= 1e-7 && areFinite(second.dropLast()))
    // PyTorch: infinity and NaN, of the power that it takes first.
    #expect(derivatives(Tensor(95.0, device: device)) { $0.softplus(threshold: 100) }.first == [1])
  }

  /// PyTorch computes in the wider type and rounds to the tensor's.
  @Test(arguments: devices) func writesInPlaceAreRoundedOnce(_ device: Device) {
    let factor = Tensor([4.732894687559266], dtype: .float64, device: device)
    let start = Tensor([1.8623046875], device: device)
    let wide = start.to(.float64)
    #expect(start.clone().mul_(factor).item() == 8.814091682434082)  // and not 8.814092636108398
    #expect(start.clone().mul_(factor).item() == (wide * factor).to(.float32).item())
    #expect(start.clone().div_(factor).item() == (wide / factor).to(.float32).item())
    #expect(start.clone().add_(factor, alpha: 0.1).item() == (wide + 0.1 * factor).to(.float32).item())
    #expect(start.clone().sub_(factor).item() == (wide - factor).to(.float32).item())
  }

  // MARK: Integers

  @Test(arguments: devices) func integersWrapAround(_ device: Device) {
    func vector(_ values: Int...) -> Tensor { Tensor(values, device: device) }
    let (least, most) = (Int.min, Int.max)
    func same(_ x: Tensor, _ values: Int...) -> Bool { x.dtype == .int64 && x.toArray(of: Int.self) == values }
    #expect(same(vector(most, least) + 1, least, least + 1) && same(vector(most) + vector(1), least))
    #expect(same(vector(least, most) - 1, most, most - 1) && same(vector(least) - vector(1), most))
    #expect(same(vector(1) - least, least + 1) && same(1 - vector(least), least + 1))
    #expect(same(vector(1 << 62) * 4, 0) && same(vector(most) * vector(most), 1))
    #expect(same(-vector(least, most), least, -most) && same(vector(least).abs(), least))
    #expect(same(vector(1 << 32, most).square(), 0, 1) && same(vector(3).pow(100), -2_984_622_845_537_545_263))
    #expect(same(vector(most).add_(vector(1), alpha: 3), least + 2) && same(vector(least).sub_(1), most))
    #expect(same(vector(most, 1).sum().reshape(1), least) && same(vector(1 << 62, 4).prod().reshape(1), 0))
    #expect(same(vector(most, 1, 1).cumsum(dim: 0), most, least, least + 1))
    #expect(same(vector(1 << 62, 1 << 62).reshape(1, 2).mm(vector(2, 2).reshape(2, 1)).flatten(), 0))
    #expect(same(vector(most).scatterAdd_(dim: 0, index: vector(0), src: vector(1)), least))
    #expect((vector(least) / vector(-1)).toArray() == [0x1p63])
    // A float is not affected: -(-2⁶³) is a number of its own.
    #expect((Tensor([1.0], device: device) - least).toArray() == [0x1p63])
  }

  @Test func integersAreClampedAsPyTorchDoes() {
    let x = Tensor([1, 2])
    func check(_ y: Tensor, _ dtype: DType, _ values: [Double]) -> Bool { y.dtype == dtype && y.toArray() == values }
    #expect(check(x.clamp(min: 2), .int64, [2, 2]) && check(x.clamp(max: 1), .int64, [1, 1]))
    #expect(check(x.clamp(min: 2.0), .float32, [2, 2]) && check(x.clamp(min: 0, max: 1.5), .float32, [1, 1.5]))
    #expect(check(x.clamp(min: 1e19), .float32, [Double(Float(1e19)), Double(Float(1e19))]))
    #expect(check(x.clamp(min: .infinity), .float32, [.infinity, .infinity]))
    #expect(check(x.clamp(max: -.infinity), .float32, [-.infinity, -.infinity]))
    #expect(check(x.clamp(min: -.infinity), .float32, [1, 2]))
    #expect(check(Tensor([true, false]).clamp(min: 1), .int64, [1, 1]))
    // A Double has no place for the 1.
    let large = Tensor([1 << 53, (1 << 53) + 5]).clamp(min: (1 << 53) + 1)
    #expect(large.toArray(of: Int.self) == [(1 << 53) + 1, (1 << 53) + 5])
    #expect(x.clone().clamp_(min: 2).toArray() == [2, 2] && x.clone().clamp_(max: 1).toArray() == [1, 1])
  }

  @Test func boolsStayBools() {
    let flags = Tensor([true, false])
    #expect(flags.sign().dtype == .bool && flags.sign().toArray(of: Bool.self) == [true, false])
    for value in [true, false] {
      let single = Tensor(value)
      #expect(single.max(dim: 0).values.dtype == .bool && single.max(dim: 0).values.item(as: Bool.self) == value)
      #expect(single.min(dim: 0).values.dtype == .bool && single.min(dim: 0).indices.item(as: Int.self) == 0)
    }
    let column = Tensor([[true], [false]])
    #expect(column.max(dim: 0).values.dtype == .bool && column.max(dim: 0).values.toArray(of: Bool.self) == [true])
    #expect(flags.max().dtype == .bool && flags.amin().dtype == .bool)
  }

  @Test(arguments: devices) func floatsAreCutToIntegers(_ device: Device) {
    #expect(Tensor.full([2], 2.7, dtype: .int64, device: device).toArray() == [2, 2])
    #expect(Tensor([1, 1], device: device).fill_(-2.7).toArray() == [-2, -2])
    #expect(Tensor.full([1], -0x1p63, dtype: .int64, device: device).toArray(of: Int.self) == [.min])
    #expect(Tensor.full([1], Double.nan, dtype: .bool, device: device).toArray(of: Bool.self) == [true])
    #expect(Tensor.full([1], Double.infinity, device: device).toArray() == [.infinity])
    let odd = Tensor([Double.nan, .infinity, -.infinity, 1e19], device: device).to(.int64)
    #expect(odd.toArray(of: Int.self) == [.min, .min, .min, .min])
  }

  // MARK: Sequences

  @Test func sequencesOfIntegersAreThoseOfPyTorch() {
    func integers(_ x: Tensor) -> [Int] { x.dtype == .int64 ? x.toArray(of: Int.self) : [] }
    #expect(integers(.arange(0.0, 5.0, step: 1.5, dtype: .int64)) == [0, 1, 2, 3, 4])
    #expect(integers(.arange(0.7, 5.2, dtype: .int64)) == [0, 1, 2, 3, 4])
    #expect(integers(.arange(-0.7, -5.2, step: -1.9, dtype: .int64)) == [0, -1, -2, -3, -4])
    #expect(integers(.linspace(0.7, 5.2, steps: 4, dtype: .int64)) == [0, 1, 3, 5])
    #expect(integers(.arange(Int.max - 2, Int.max, step: 2)) == [Int.max - 2])
    #expect(integers(.arange(Int.min, Int.max, step: 1 << 62)) == [Int.min, -(1 << 62), 0, 1 << 62])
    #expect(integers(.arange(5, 0, step: -2)) == [5, 3, 1] && integers(.arange(5, 0)) == [])
    #expect(integers(.arange(Int.max, Int.min, step: .min)) == [Int.max, -1])
    #expect(Tensor.arange(0.0, 1, step: 0.25).toArray() == [0, 0.25, 0.5, 0.75])
  }

  // MARK: Spread and norm

  @Test(arguments: devices) func spreadsBeyondTheSquareRootOfTheRange(_ device: Device) {
    func std(_ values: [Double]) -> Double { Tensor(values, device: device).std().item() }
    func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * abs(b) }
    #expect(isClose(std([1e30, -1e30]), 1.4142135e30) && isClose(std([1e-30, -1e-30]), 1.4142135e-30))
    #expect(isClose(std([2e38, 2e38, -2e38]), 2.3094011e38))  // PyTorch: inf
    let wide = Tensor((0..<1000).map { $0 % 2 == 0 ? 1.5e19 : -1.5e19 }, device: device)
    #expect(isClose(wide.variance().item(), 2.2522523e38) && isClose(wide.std().item(), 1.5007506e19))
    #expect(Tensor([1e30, -1e30], device: device).variance().item() == .infinity)
    let (first, second) = derivatives(Tensor([1e-30, -1e-30], device: device)) { $0.std() }
    #expect(isClose(first[0], 0.70710677) && isClose(first[1], -0.70710677) && areFinite(second))
  }

  @Test func gradientsOfVariances() {
    let one = Tensor([1.0, 2])
    #expect(derivatives(one) { $0.variance() }.first == [-1, 1])
    // Over n - 2 = 0: as far as the elements are from their mean, and infinitely steep. PyTorch gives this along a dimension,
    // and +∞ to both over all.
    #expect(derivatives(Tensor([[1.0, 3]])) { $0.variance(dim: 1, correction: 2) }.first == [-.infinity, .infinity])
    #expect(derivatives(Tensor([1.0, 3])) { $0.variance(correction: 3) }.first == [-.infinity, .infinity])
    #expect(derivatives(Tensor([2.0])) { $0.variance() }.first[0].isNaN)
    // Below n = correction PyTorch divides by a negative number along a dimension: -0, and ∓2.
    #expect(derivatives(Tensor([2.0])) { $0.variance(dim: 0, correction: 2) }.first[0].isNaN)
    #expect(derivatives(Tensor([1.0, 3])) { $0.variance(dim: 0, correction: 3) }.first == [-.infinity, .infinity])
    // The same elements have no spread, and PyTorch gives its root a slope of 0.
    let (first, second) = derivatives(Tensor([3.0, 3, 3])) { $0.std() }
    #expect(first == [0, 0, 0] && second == [0, 0, 0])
    #expect(derivatives(Tensor([3.0])) { $0.std(correction: 0) }.first == [0])
  }

  @Test(arguments: devices) func normsBeyondTheSquareRootOfTheRange(_ device: Device) {
    func norm(_ values: [Double], _ p: Double) -> Double { Tensor(values, device: device).norm(p).item() }
    func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * abs(b) }
    // PyTorch gives ∞ and 0 for two such elements, and the right number for one alone.
    #expect(norm([1e30], 2) == Double(Float(1e30)) && norm([1e30], 3) == Double(Float(1e30)))
    #expect(isClose(norm([1e30, 1e30], 2), 1.4142135e30) && isClose(norm([1e-30, 1e-30], 2), 1.4142135e-30))
    #expect(isClose(norm([1e30, 1e30], 3), 1.2599211e30) && isClose(norm([3e19, 4e19], 2), 5e19))
    // Of one element, of several along each dimension, and of none.
    let x = Tensor([[3e25, -4e25]], device: device)
    #expect(isClose(Tensor(-3e25, device: device).norm().item(), 3e25) && isClose(x.norm().item(), 5e25))
    let each = x.norm(dim: 0).toArray()
    #expect(each.count == 2 && isClose(each[0], 3e25) && isClose(each[1], 4e25))
    #expect(isClose(x.norm(dim: 1).item(), 5e25))
    #expect(norm([], 2) == 0 && norm([.nan, 1], 2).isNaN && norm([-.infinity, 1], 2) == .infinity)
    for p in [2, 3, -1, 1.5] {
      #expect(derivatives(Tensor([[1e30]], device: device)) { $0.norm(p) }.first == [1], "p = \(p)")
    }
  }

  @Test(arguments: devices) func smallSharesAreThere(_ device: Device) {
    let shares = Tensor([[0.0, -87], [0, -100], [0, -1e7], [0, -.infinity]], device: device).softmax(dim: 1).toArray()
    #expect(abs(shares[1] / 1.6458114e-38 - 1) <= 1e-6)
    // The smallest numbers are 1.4e-45 apart.
    #expect(abs(shares[3] - 3.7200760e-44) <= 1.5e-45)
    #expect(shares[0] == 1 && shares[2] == 1 && Array(shares[4...]) == [1, 0, 1, 0])
  }

  @Test func gELUAtItsEnds() {
    let (first, second) = derivatives(Tensor([0.0, -0.0, 5000, -5000, 1e20])) { $0.gelu() }
    #expect(first == [0.5, 0.5, 1, 0, 1] && abs(second[0] - 0.79788456) < 1e-6 && areFinite(second))
  }

  @Test(arguments: [0, 0.5, 1, 1.5, 2, 3, -1, Double.infinity, -Double.infinity])
  func normsOfZerosHaveFiniteDerivatives(_ p: Double) {
    for values in [[0.0, 0], [0, 2]] {
      let (first, second) = derivatives(Tensor(values)) { $0.norm(p) }
      #expect(areFinite(first + second), "\(values): \(first), \(second)")
      if values == [0, 0] && p.isFinite { #expect(first == [0, 0]) }
    }
    let (first, second) = derivatives(Tensor([[0.0, 0], [1, -2]])) { $0.norm(p, dim: 1) }
    #expect(areFinite(first + second))
  }

  @Test func secondDerivativesOfNorms() {
    func isClose(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * abs($1) } }
    let x = Tensor([1.0, -2])
    #expect(isClose(derivatives(x) { $0.norm(2) }.second, [0.53665632, 0.26832816]))
    #expect(isClose(derivatives(x) { $0.norm(3) }.second, [0.61632115, 0.30816054]))
    #expect(isClose(derivatives(x) { $0.norm(0.5) }.second, [-1.06066024, -0.53033012]))
    #expect(isClose(derivatives(x) { $0.norm(-1) }.second, [-0.44444448, -0.22222224]))
    #expect(isClose(derivatives(Tensor([0.0, 2])) { $0.norm(2) }.second, [0.5, 0]))
  }

  @Test func countingNormHasAGradientOfZero() {
    let x = Tensor([[0.0, 2], [1, 0]], requiresGrad: true)
    let counts = x.norm(0, dim: 1)
    #expect(counts.requiresGrad && counts.toArray() == [1, 1])
    counts.sum().backward()
    #expect(x.grad!.toArray() == [0, 0, 0, 0])
  }

  @Test func largestNormOfANaNHasAGradientOfZero() {
    #expect(derivatives(Tensor([.nan, 1.0])) { $0.norm(.infinity) }.first == [0, 0])
    #expect(derivatives(Tensor([.nan, 1.0])) { $0.norm(-.infinity) }.first == [0, 0])
  }

  @Test(arguments: devices) func equalNumbersHaveNoSpread(_ device: Device) {
    for dtype in [DType.float32, .float64] {
      for value in [-2.0034, 0.1, 1e300] where dtype == .float64 || value < 1e38 {
        for count in [3, 7, 49] {
          let x = Tensor.full([count], value, dtype: dtype, device: device)
          #expect(x.std().item() == 0 && x.variance().item() == 0)
          let (first, second) = derivatives(x) { $0.std() }
          #expect(first + second == Array(repeating: 0, count: 2 * count))
        }
      }
    }
  }

  @Test func aNormThatIsNoNumberHasNoSlope() {
    func gradient(_ values: [Double], _ p: Double) -> [String] {
      derivatives(Tensor(values)) { $0.norm(p) }.first.map { $0.isNaN ? "nan" : "\($0)" }
    }
    for p in [0.5, 1.5, 2, 3, -1] { #expect(gradient([-1, .nan, 0], p) == ["nan", "nan", "nan"], "p = \(p)") }
    for p in [1.5, 2, 3] { #expect(gradient([.infinity, 0, 1], p) == ["nan", "0.0", "0.0"], "p = \(p)") }
    #expect(gradient([.infinity, 0, 1], 0.5) == ["nan", "nan", "inf"])
    #expect(gradient([.infinity, 0, 1], -1) == ["0.0", "0.0", "0.0"])
  }

  /// The gradient of 1 / 0 is infinite. PyTorch's norms do not agree on what 0 times that is.
  @Test func anInfiniteGradientWhereThereIsNoSpread() {
    #expect(derivatives(Tensor(1.0)) { 1 / $0.std(dim: 0, correction: 0) }.first == [0])
    #expect(derivatives(Tensor([3.0, 3, 3])) { 1 / $0.std() }.first == [0, 0, 0])
    for p in [1.5, 3] { #expect(derivatives(Tensor([0.0, 0])) { 1 / $0.norm(p) }.first == [0, 0], "p = \(p)") }
    for p in [0.5, 1, 2, -1, .infinity] {
      let (first, _) = derivatives(Tensor([0.0, 0])) { 1 / $0.norm(p) }
      #expect(first[0].isNaN && first[1].isNaN, "p = \(p)")
    }
  }

  // MARK: Softmax

  /// PyTorch's gradient of nothing but -∞ is NaN.
  @Test func logSumExpOfNothingHasAGradientOfZero() {
    let nothing = Tensor([-Double.infinity, -.infinity])
    let (first, second) = derivatives(nothing) { $0.logSumExp(dim: 0) }
    #expect(first == [0, 0] && second == [0, 0])
    #expect(derivatives(Tensor([-Double.infinity, 1])) { $0.logSumExp(dim: 0) }.first == [0, 1])
  }

  @Test func softmaxOfASingleNumber() {
    for value in [Double.nan, .infinity, -.infinity] {
      let x = Tensor(value)
      #expect(x.logSoftmax(dim: 0).item().isNaN && x.softmax(dim: 0).item().isNaN)
      #expect(derivatives(x) { $0.logSoftmax(dim: 0) }.first[0].isNaN)
      #expect(derivatives(x) { $0.softmax(dim: -1) }.first[0].isNaN)
    }
    let x = Tensor(1.0)
    #expect(x.logSoftmax(dim: 0).shape == [] && x.logSoftmax(dim: 0).item() == 0 && x.softmax(dim: -1).item() == 1)
    #expect(derivatives(x) { $0.logSoftmax(dim: 0) }.first == [0] && derivatives(x) { $0.softmax(dim: 0) }.first == [0])
  }

  // MARK: Losses

  /// Target 0 and x = -20: the loss is ln(1 + exp(-20)), and PyTorch's float32 gives 0. For target 1 and x = 20 its gradient
  /// is 0 too, that of a wrong answer cut off.
  @Test(arguments: [DType.float32, .float64]) func confidentRightAnswersStillCount(_ dtype: DType) {
    let logits = [-30.0, -20, -17, -12, 0, 12, 17, 20, 30]
    let ln1pExp = [
      9.357622968839737e-14, 2.061153620314381e-09, 4.139937633089748e-08, 6.144193477732806e-06, 0.6931471805599453,
      12.000006144193478, 17.000000041399375, 20.000000002061153, 30.000000000000092,
    ]
    let sigmoid = [
      9.357622968839299e-14, 2.0611536181902037e-09, 4.1399375473943306e-08, 6.144174602214718e-06, 0.5,
      0.9999938558253978, 0.9999999586006245, 0.9999999979388464, 0.9999999999999064,
    ]
    let bound = dtype == .float32 ? 2e-6 : 1e-12
    func isClose(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) <= bound * abs($1) } }
    func check(_ target: Double, _ sign: Double, _ loss: BCEWithLogitsLoss, _ factor: Double) {
      let x = Tensor(logits.map { sign * $0 }, dtype: dtype)
      let result = loss(x, Tensor.fullLike(x, target))
      #expect(isClose(result.toArray(), ln1pExp.map { factor * $0 }))
      let (first, _) = derivatives(x) { loss($0, Tensor.fullLike($0, target)) }
      #expect(isClose(first, sigmoid.map { sign * factor * $0 }))
    }
    check(0, 1, BCEWithLogitsLoss(reduction: .none), 1)
    check(1, -1, BCEWithLogitsLoss(reduction: .none), 1)
    check(1, -1, BCEWithLogitsLoss(reduction: .none, posWeight: Tensor([2.0], dtype: dtype)), 2)
    check(0, 1, BCEWithLogitsLoss(reduction: .none, posWeight: Tensor([2.0], dtype: dtype)), 1)
    check(0, 1, BCEWithLogitsLoss(weight: Tensor([3.0], dtype: dtype), reduction: .none), 3)
  }

  @Test(arguments: [1.0, 0.5]) func smoothL1AtInfinity(_ beta: Double) {
    let loss = SmoothL1Loss(reduction: .sum, beta: beta)
    let (first, second) = derivatives(Tensor([Double.infinity, -.infinity, 2, 0.25])) { loss($0, Tensor.zerosLike($0)) }
    #expect(first == [1, -1, 1, 0.25 / beta] && second == [0, 0, 0, 1 / beta])
  }

  // MARK: Optimizers

  /// The average of squares less the square of the average is negative for rounding alone; PyTorch takes its root, and from
  /// step 138 on the parameter is NaN.
  @Test(arguments: devices) func centredRMSpropSurvivesAConstantGradient(_ device: Device) {
    let w = Tensor([0.0], device: device, requiresGrad: true)
    let optimizer = RMSprop([w], learningRate: 1e-2, alpha: 0.9, centered: true)
    for step in 0..<200 {
      w.grad = Tensor([0.7], device: device)
      optimizer.step()
      if step == 100 { #expect(abs(w.item() + 39.928) < 0.1) }
    }
    #expect(w.item().isFinite && w.item() < -347)
  }
}
