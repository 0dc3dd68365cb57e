// Exercise 12: Conv2d by hand.
//
// A small window of weights, the kernel, slides over an image, and at each place gives one number:
//
//   x       [N, C, H, W]     N images with C channels each
//   weight  [O, C, K, L]     for each of O output channels, a kernel of K × L for each channel of the image
//   y       [N, O, P, Q]     P = (H + 2 · padding - K) / stride + 1, rounded down; Q likewise from W and L
//
//   y[n,o,p,q] = Σ over c, k, l of  x[n, c, p · stride + k - padding, q · stride + l - padding] · weight[o,c,k,l]
//
// Where the index into x falls outside of the image, there is padding, which is 0: the term is left out. A bias would be
// added to each output channel; exercise 1 has its gradient.
//
// The way back needs no new idea. Each term of the sum is a product x · weight. It gives dy · weight to the gradient of its
// x, and dy · x to the gradient of its weight, and everything that one number gets adds up. The loops stay the same seven.
//
// `Grid` holds the numbers. `Grid(2, 3, 5, 5)` is full of zeros, `x[n, c, h, w]` reads and writes, `x.height` is a size.
//
//   Tests/run exercise 12

/// Numbers with four indices, such as images by number, channel, row and column.
public struct Grid {
  /// How many there are along the first index, and so on.
  public let count, channels, height, width: Int
  /// All numbers, row by row.
  public var numbers: [Double]

  /// Zeros.
  public init(_ count: Int, _ channels: Int, _ height: Int, _ width: Int) {
    (self.count, self.channels, self.height, self.width) = (count, channels, height, width)
    numbers = Array(repeating: 0, count: count * channels * height * width)
  }

  /// One number.
  public subscript(n: Int, c: Int, h: Int, w: Int) -> Double {
    get { numbers[place(n, c, h, w)] }
    set { numbers[place(n, c, h, w)] = newValue }
  }

  private func place(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Int {
    precondition(n < count && c < channels && h >= 0 && h < height && w >= 0 && w < width, "an index is out of range")
    return ((n * channels + c) * height + h) * width + w
  }
}

/// The convolution of the images x with the kernels.
public func convolution(_ x: Grid, _ weight: Grid, stride: Int, padding: Int) -> Grid {
  // Your code here.
  Grid(0, 0, 0, 0)
}

/// The gradients of a loss with respect to the images and the kernels, from that with respect to the result.
public func convolutionGradients(
  _ x: Grid, _ weight: Grid, dy: Grid, stride: Int, padding: Int
) -> (dx: Grid, dWeight: Grid) {
  let dx = Grid(x.count, x.channels, x.height, x.width)
  let dWeight = Grid(weight.count, weight.channels, weight.height, weight.width)
  // Your code here. Make them with var instead of let.
  return (dx, dWeight)
}
