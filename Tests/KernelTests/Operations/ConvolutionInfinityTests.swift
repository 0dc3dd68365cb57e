import Kindling
import TestSupport
import Testing

/// An infinity in a convolution: it meets the zeros of the border, which make NaN of it, where PyTorch's meets them, and nowhere
/// else. That is in the result and in the gradient of the weight; around the gradient of the result there are none.
@Suite(.serialized) struct ConvolutionInfinityTests {
  /// Ones of 4 by 4, a filter of ones of 3 by 3, a gradient of ones, with infinities in one of them; and what PyTorch 2.13
  /// makes of it, in both types.
  struct Infinite: Sendable, CustomTestStringConvertible {
    let part: String
    let stride, padding: Int
    let y, dx, dw: [Double]
    var testDescription: String { "\(part), stride \(stride), padding \(padding)" }
  }

  private static let (inf, nan) = (Double.infinity, Double.nan)

  static let theirs: [Infinite] = [
    .init(
      part: "x", stride: 1, padding: 1, y: [inf, inf, inf, 4, inf, inf, inf, 6, 6, 9, 9, 6, 4, 6, 6, 4],
      dx: [4, 6, 6, 4, 6, 9, 9, 6, 6, 9, 9, 6, 4, 6, 6, 4],
      dw: [inf, inf, inf, inf, inf, inf, 9, 12, 9]),
    .init(
      part: "x", stride: 2, padding: 1, y: [inf, inf, 6, 9],
      dx: [1, 2, 1, 1, 2, 4, 2, 2, 1, 2, 1, 1, 1, 2, 1, 1],
      dw: [1, 2, 2, inf, 4, inf, 2, 4, 4]),
    .init(
      part: "x", stride: 1, padding: 0, y: [inf, inf, 9, 9],
      dx: [1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1],
      dw: [inf, inf, 4, 4, 4, 4, 4, 4, 4]),
    .init(
      part: "w", stride: 1, padding: 1,
      y: [nan, nan, nan, nan, inf, inf, inf, nan, inf, inf, inf, nan, nan, nan, nan, nan],
      dx: [inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, 4, inf, inf, inf],
      dw: [9, 12, 9, 12, 16, 12, 9, 12, 9]),
    .init(
      part: "w", stride: 2, padding: 1, y: [nan, nan, inf, inf],
      dx: [1, 2, 1, 1, inf, inf, inf, inf, 1, 2, 1, 1, 1, inf, 1, inf],
      dw: [1, 2, 2, 2, 4, 4, 2, 4, 4]),
    .init(
      part: "w", stride: 1, padding: 0, y: [inf, inf, inf, inf],
      dx: [1, inf, inf, 1, 2, inf, inf, 2, 2, 4, inf, inf, 1, 2, inf, inf],
      dw: [4, 4, 4, 4, 4, 4, 4, 4, 4]),
    .init(
      part: "dy", stride: 1, padding: 1, y: [4, 6, 6, 4, 6, 9, 9, 6, 6, 9, 9, 6, 4, 6, 6, 4],
      dx: [inf, inf, inf, 4, inf, inf, inf, 6, 6, 9, 9, 6, 4, 6, 6, 4],
      dw: [nan, nan, nan, inf, inf, inf, inf, inf, inf]),
    .init(
      part: "dy", stride: 2, padding: 1, y: [4, 6, 6, 9],
      dx: [1, inf, inf, inf, 2, inf, inf, inf, 1, 2, 1, 1, 1, 2, 1, 1],
      dw: [nan, nan, nan, inf, inf, inf, inf, inf, inf]),
    .init(
      part: "dy", stride: 1, padding: 0, y: [9, 9, 9, 9],
      dx: [1, inf, inf, inf, 2, inf, inf, inf, 2, inf, inf, inf, 1, 2, 2, 1],
      dw: [inf, inf, inf, inf, inf, inf, inf, inf, inf]),
  ]

  @Test(arguments: theirs, CUDADevices.names + ["cpu"])
  func meetsTheBorderWherePyTorchsDoes(_ theirs: Infinite, _ name: String) throws {
    let device = try Device(name)
    for dtype in [DType.float32, .float64] {
      func ones(_ shape: Shape, _ part: String) -> Tensor {
        let ones = Tensor.ones(shape, dtype: dtype)
        if part == theirs.part { ones[0, 0, 0, 1] = Tensor(Double.infinity, dtype: dtype) }
        if part == "w" && theirs.part == "w" { ones[0, 0, 2, 2] = Tensor(Double.infinity, dtype: dtype) }
        return ones.to(device)
      }
      let x = ones([1, 1, 4, 4], "x").requiresGrad_()
      let w = ones([1, 1, 3, 3], "w").requiresGrad_()
      let y = conv2d(x, w, stride: theirs.stride, padding: theirs.padding)
      let gradients = grad(of: y, wrt: [x, w], gradient: ones(y.shape, "dy"))
      for (got, expected) in zip([y] + gradients, [theirs.y, theirs.dx, theirs.dw]) {
        let elements = got.toArray()
        #expect(elements.count == expected.count)
        let isSame = zip(elements, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
        #expect(isSame, "\(dtype): \(got) instead of \(expected)")
      }
    }
  }

  /// Where a weight is infinite the gradient is added up another way, in which all sizes must be thought of. Elsewhere it must
  /// be what it is without.
  @Test func theOthersAreWhatTheyAre() {
    func gradient(_ weight: Tensor, _ dy: Tensor, _ x: Tensor) -> [Double] {
      let y = conv2d(x, weight, stride: [2, 1], padding: [2, 1], dilation: [1, 2], groups: 2)
      return grad(of: y, wrt: [x], gradient: dy)[0].toArray()
    }
    let x = Tensor.randn(2, 4, 9, 8, dtype: .float64, generator: Generator(seed: 1)).requiresGrad_()
    let w = Tensor.randn(6, 2, 3, 3, dtype: .float64, generator: Generator(seed: 2))
    let dy = Tensor.randn(2, 6, 6, 6, dtype: .float64, generator: Generator(seed: 3))
    let usual = gradient(w, dy, x)
    w[5, 1, 1, 1] = Tensor(-Double.infinity, dtype: .float64)
    let other = gradient(w, dy, x)
    // The last channel of the second group is what this weight leads to.
    let (near, far) = (other.indices.filter { other[$0].isFinite }, other.indices.filter { !other[$0].isFinite })
    // Each is a sum of at most 27 products, in two orders: 54 roundings, each of at most 2^-53 of a sum below 100.
    #expect(near.allSatisfy { abs(other[$0] - usual[$0]) < 1e-12 })
    #expect(!far.isEmpty && far.allSatisfy { other[$0].isInfinite && $0 / 72 % 4 == 3 })
  }
}
