import Kindling
import TestSupport
import Testing

/// What the table of operations cannot say of convolutions and pools: the same bits always, and mistakes.
@Suite(.serialized) struct ConvolutionTests {
  /// Values and gradients, as one list of numbers.
  private static func everything(_ x: Tensor, _ w: Tensor, stride: Int, groups: Int) -> [Double] {
    let (x, w) = (x.detach().requiresGrad_(), w.detach().requiresGrad_())
    let y = conv2d(x, w, stride: stride, padding: 1, groups: groups)
    let gradients = grad(of: maxPool2d(y, kernelSize: 2).square().sum(), wrt: [x, w])
    return ([y] + gradients).flatMap { $0.toArray() }
  }

  /// Work is divided among threads; sums are not.
  @Test(arguments: [(1, 16, 32, 28, 1, 1), (7, 3, 20, 33, 2, 1), (5, 12, 24, 9, 1, 3), (2, 8, 8, 40, 3, 8)])
  func bitsAreTheSameOnAnyNumberOfThreads(
    _ n: Int, _ inChannels: Int, _ outChannels: Int, _ size: Int, _ stride: Int, _ groups: Int
  ) {
    let x = Tensor.randn(n, inChannels, size, size, generator: Generator(seed: 1))
    let w = Tensor.randn(outChannels, inChannels / groups, 3, 3, generator: Generator(seed: 2))
    let results = withThreads([1, 2, 3, 16]) { ConvolutionTests.everything(x, w, stride: stride, groups: groups) }
    for other in results.dropFirst() { #expect(other == results[0]) }
  }

  /// A sample's result does not depend on those beside it.
  @Test func aSampleAloneComesOutAsInABatch() {
    let x = Tensor.randn(5, 3, 11, 7, generator: Generator(seed: 1))
    let w = Tensor.randn(4, 3, 3, 3, generator: Generator(seed: 2))
    let whole = conv2d(x, w, padding: 1)
    for i in 0..<5 { #expect(conv2d(x[i], w, padding: 1).toArray() == whole[i].toArray()) }
  }

  /// However far the steps go, and the numbers of a filter lie apart: only what meets is gone through, or this would take
  /// minutes.
  @Test func theLongestStepsTakeNoLonger() {
    for (size, far, padding) in [(1, 100_000, 0), (2, 1000, 1000)] {
      let x = Tensor.ones(1, 1, 1, 1, requiresGrad: true), w = Tensor.ones(1, 1, size, size, requiresGrad: true)
      let y = conv2d(x, w, stride: far, padding: padding, dilation: far)
      let count = Double(size * size)
      #expect(y.toArray() == [Double](repeating: 1, count: size * size))
      y.sum().backward()
      #expect(x.grad!.toArray() == [count])
      #expect(w.grad!.toArray() == [Double](repeating: 1, count: size * size))
    }
  }

  /// What lies between two rows is computed along and dropped: infinities there must not be seen.
  @Test func numbersOutsideOfAWindowDoNotCount() {
    var numbers = [Double](repeating: 1, count: 25)
    numbers[24] = .infinity
    let x = Tensor(numbers, shape: [1, 1, 5, 5], requiresGrad: true)
    let w = Tensor.ones(1, 1, 2, 2, requiresGrad: true)
    let y = conv2d(x, w, stride: 2)
    #expect(y.toArray() == [4, 4, 4, 4])
    y.sum().backward()
    #expect(w.grad!.toArray() == [4, 4, 4, 4])
    #expect(x.grad!.toArray().reduce(0, +) == 16)
  }

  /// Where no window hangs over the border, all of a plane are gone through side by side: the same numbers, places and NaN
  /// as one by one. A row and a column more, and in ceil mode the last windows do hang over.
  @Test(arguments: [DType.float32, .float64], [(2, 2, 12), (3, 3, 12), (2, 3, 12), (3, 2, 13)])
  func windowsSideBySideAreThoseOneByOne(_ dtype: DType, _ sizes: (window: Int, stride: Int, picture: Int)) {
    let (window, stride, size) = sizes
    // Few different numbers, so that some are equal; and windows of nothing but infinities.
    var numbers = (Tensor.randn(3, 2, size, size, generator: Generator(seed: 1)) * 2).round().toArray()
    let special: [Double] = [.nan, -.infinity, .infinity, -0.0]
    for i in 0..<numbers.count where i % 11 == 0 { numbers[i] = special[i / 11 % 4] }
    for row in 0..<3 { for column in 0..<3 { numbers[row * size + column] = -.infinity } }
    func inner(_ x: Tensor, _ length: Int) -> Tensor {
      x.narrow(dim: 2, start: 0, length: length).narrow(dim: 3, start: 0, length: length)
    }
    let pools: [(Tensor, Bool) -> Tensor] = [
      { maxPool2d($0, kernelSize: window, stride: stride, ceilMode: $1) },
      { avgPool2d($0, kernelSize: window, stride: stride, ceilMode: $1, countIncludePad: false) },
    ]
    for pool in pools {
      let x = Tensor(numbers, dtype: dtype).reshape(3, 2, size, size).requiresGrad_()
      let wider = Tensor.full([3, 2, size + 1, size + 1], Double.nan, dtype: dtype)
      inner(wider, size).copy_(x.detach())
      wider.requiresGrad_()
      let sideBySide = pool(x, false), oneByOne = pool(wider, true)
      #expect(oneByOne.shape[2] == sideBySide.shape[2] + 1)
      let gradient = Tensor.randn(sideBySide.shape, dtype: dtype, generator: Generator(seed: 2))
      sideBySide.backward(gradient: gradient)
      inner(oneByOne, sideBySide.shape[2]).backward(gradient: gradient)
      for (one, other) in [(sideBySide, inner(oneByOne, sideBySide.shape[2])), (x.grad!, inner(wider.grad!, size))] {
        #expect(one.toArray().map { $0.bitPattern } == other.toArray().map { $0.bitPattern })
      }
    }
  }

  /// With a dilation a window can hold nothing but border: its maximum is -∞, and its gradient goes nowhere, also not
  /// into the next row, and nothing comes from there.
  @Test(arguments: CUDADevices.here, [(2, 2, 1), (1, 4, 0)])
  func aWindowOfNothingButBorderHasNoGradient(_ device: Device, _ sizes: (kernelRows: Int, rows: Int, padding: Int)) {
    for device in [.cpu, device] {
      let x = Tensor.ones(1, 1, sizes.rows, 2, device: device).requiresGrad_()
      let y = maxPool2d(x, kernelSize: [sizes.kernelRows, 2], padding: [sizes.padding, 1], dilation: 3)
      #expect(y.toArray().allSatisfy { $0 == -.infinity })
      let dy = Tensor.onesLike(y).requiresGrad_()
      let dx = grad(of: y, wrt: [x], gradient: dy, createGraph: true)[0]
      #expect(dx.toArray().allSatisfy { $0 == 0 })
      #expect(grad(of: (dx * 3).sum(), wrt: [dy])[0].toArray().allSatisfy { $0 == 0 })
    }
  }

  private static func zeros(_ sizes: Int..., dtype: DType = .float32) -> Tensor {
    Tensor.zeros(Shape(sizes), dtype: dtype)
  }

  static let mistakes = [
    Mistake("conv2d: an input of shape [3, 3]; it must be [n, channels, height, width] or [channels, height, width]") {
      _ = conv2d(zeros(3, 3), zeros(1, 1, 2, 2))
    },
    Mistake("conv2d: a weight of shape [2, 2]; it must be [out channels, in channels / groups, rows, columns]") {
      _ = conv2d(zeros(1, 1, 3, 3), zeros(2, 2))
    },
    Mistake(
      "conv2d: an input of shape [1, 3, 4, 4] has 3 channels, and a weight of shape [2, 2, 3, 3] in 1 group takes 2"
    ) { _ = conv2d(zeros(1, 3, 4, 4), zeros(2, 2, 3, 3)) },
    Mistake(
      "conv2d: 0 output channels of a weight of shape [0, 3, 1, 1] do not divide into \(Int.max) groups"
    ) { _ = conv2d(zeros(1, 1, 2, 2), zeros(0, 3, 1, 1), groups: .max) },
    Mistake("conv2d: 3 output channels of a weight of shape [3, 2, 1, 1] do not divide into 2 groups") {
      _ = conv2d(zeros(1, 4, 4, 4), zeros(3, 2, 1, 1), groups: 2)
    },
    Mistake("conv2d: 0 groups; there must be 1 or more") {
      _ = conv2d(zeros(1, 4, 4, 4), zeros(3, 2, 1, 1), groups: 0)
    },
    Mistake("conv2d: a stride of 0; it can be 1 to 2147483647") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 1, 1), stride: [1, 0])
    },
    Mistake("conv2d: a dilation of 9223372036854775807; it can be 1 to 2147483647") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 1, 1), dilation: Int.max)
    },
    Mistake("conv2d: a padding of -1; it can be 0 to 2147483647") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 1, 1), padding: -1)
    },
    Mistake(
      "conv2d: a kernel of 5 × 1 with dilation (1, 1) does not fit an input of shape [1, 1, 2, 4], with its padding 4 along "
        + "this dimension; the kernel must not be larger than that"
    ) { _ = conv2d(zeros(1, 1, 2, 4), zeros(1, 1, 5, 1), padding: [1, 0]) },
    Mistake("conv2d: padding .same with a stride of (2, 2); it is for a stride of 1") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 3, 3), stride: 2, padding: .same)
    },
    Mistake("conv2d: an input of int64; convert it with to(.float32)") {
      _ = conv2d(zeros(1, 1, 4, 4, dtype: .int64), zeros(1, 1, 3, 3, dtype: .int64))
    },
    Mistake("conv2d: an input of float32 and a weight or bias of float64; convert one with to(_:)") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 3, 3, dtype: .float64))
    },
    Mistake("conv2d: a bias of shape [1] for 2 output channels; it must be [2]") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(2, 1, 3, 3), bias: zeros(1))
    },
    Mistake("IntOrPair: [1, 2, 3] has 3 numbers; give one, or [rows, columns]") {
      _ = conv2d(zeros(1, 1, 4, 4), zeros(2, 1, 3, 3), stride: [1, 2, 3])
    },
    Mistake("max_pool2d: windows of 3 do not fit an input of shape [1, 2, 2] with a padding of 0") {
      _ = maxPool2d(zeros(1, 2, 2), kernelSize: 3)
    },
    Mistake("max_pool2d: a padding of 2 for windows of 2; it can be at most half of a window") {
      _ = maxPool2d(zeros(1, 2, 2), kernelSize: 2, padding: 2)
    },
    Mistake("max_pool2d: an input of int64; convert it with to(.float32)") {
      _ = maxPool2d(zeros(1, 2, 2, dtype: .int64), kernelSize: 2)
    },
    Mistake("avg_pool2d: a kernel size of 0; it can be 1 to 2147483647") {
      _ = avgPool2d(zeros(1, 2, 2), kernelSize: 0)
    },
    Mistake("avg_pool2d: a divisor of 0") { _ = avgPool2d(zeros(1, 2, 2), kernelSize: 2, divisorOverride: 0) },
    Mistake("adaptive_avg_pool2d: a size of -1; it can be 0 to 2147483647") {
      _ = adaptiveAvgPool2d(zeros(1, 2, 2), outputSize: -1)
    },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      ConvolutionTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == ConvolutionTests.mistakes[number].message)
  }

  /// A border that there is no room for is refused before memory is asked for, whatever the result's size.
  @Test func aBorderIsNoLargerThanTheMemory() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let far = 1_000_000_000
      _ = conv2d(Tensor.zeros(1, 1, 1, 1), Tensor.zeros(1, 1, 2, 2), padding: far, dilation: 2 * far)
    }
    #expect(fatalMessage(result).hasPrefix("conv2d: shape [1, 2000000001, 2000000001] of float32 takes "))
  }
}
