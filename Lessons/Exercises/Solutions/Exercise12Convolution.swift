// Exercise 12, solved: Conv2d by hand.

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
  var y = Grid(
    x.count, weight.count, (x.height + 2 * padding - weight.height) / stride + 1,
    (x.width + 2 * padding - weight.width) / stride + 1)
  forEachTerm(x, weight, y, stride: stride, padding: padding) { n, o, p, q, c, k, l, h, w in
    y[n, o, p, q] += x[n, c, h, w] * weight[o, c, k, l]
  }
  return y
}

/// The gradients of a loss with respect to the images and the kernels, from that with respect to the result.
public func convolutionGradients(
  _ x: Grid, _ weight: Grid, dy: Grid, stride: Int, padding: Int
) -> (dx: Grid, dWeight: Grid) {
  var dx = Grid(x.count, x.channels, x.height, x.width)
  var dWeight = Grid(weight.count, weight.channels, weight.height, weight.width)
  forEachTerm(x, weight, dy, stride: stride, padding: padding) { n, o, p, q, c, k, l, h, w in
    dx[n, c, h, w] += dy[n, o, p, q] * weight[o, c, k, l]
    dWeight[o, c, k, l] += dy[n, o, p, q] * x[n, c, h, w]  // over all images and all places
  }
  return (dx, dWeight)
}

/// All terms of all sums: image n, output channel o and place p, q, channel c, kernel k, l, and where that is in x.
private func forEachTerm(
  _ x: Grid, _ weight: Grid, _ y: Grid, stride: Int, padding: Int,
  _ body: (_ n: Int, _ o: Int, _ p: Int, _ q: Int, _ c: Int, _ k: Int, _ l: Int, _ h: Int, _ w: Int) -> Void
) {
  for n in 0..<y.count {
    for o in 0..<y.channels {
      for p in 0..<y.height {
        for q in 0..<y.width {
          for c in 0..<x.channels {
            for k in 0..<weight.height {
              let h = p * stride + k - padding
              if h < 0 || h >= x.height { continue }
              for l in 0..<weight.width {
                let w = q * stride + l - padding
                if w < 0 || w >= x.width { continue }
                body(n, o, p, q, c, k, l, h, w)
              }
            }
          }
        }
      }
    }
  }
}
