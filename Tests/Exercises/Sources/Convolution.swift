import ExerciseKit
import Exercises
import Kindling

extension Exercise {
  static let convolution = Exercise(
    number: 12, title: "Conv2d by hand", file: "Exercise12Convolution.swift",
    checks: [
      Check("the shape of the result") {
        for shape in [
          Convolution(), Convolution(stride: 2), Convolution(padding: 1), Convolution(stride: 2, padding: 1),
        ] {
          try shape.expectShape()
        }
      },
      Check("one image of one channel, one kernel") {
        try Convolution(images: 1, channels: 1, kernels: 1).expectForward()
      },
      Check("two images of three channels, four kernels") { try Convolution().expectForward() },
      Check("a stride of 2") { try Convolution(stride: 2).expectForward() },
      Check("padding of 1") { try Convolution(padding: 1).expectForward() },
      Check("stride and padding") { try Convolution(stride: 2, padding: 2).expectForward() },
      Check("the gradients, one image of one channel, one kernel") {
        try Convolution(images: 1, channels: 1, kernels: 1).expectGradients()
      },
      Check("the gradients, two images of three channels, four kernels") { try Convolution().expectGradients() },
      Check("the gradients, with stride and padding") { try Convolution(stride: 2, padding: 1).expectGradients() },
    ])
}

/// Images and kernels with numbers, and what the library makes of them.
private struct Convolution {
  let x, weight: Tensor
  let stride, padding: Int

  init(images: Int = 2, channels: Int = 3, kernels: Int = 4, stride: Int = 1, padding: Int = 0) {
    manualSeed(12)
    x = .randn(images, channels, 6, 5, dtype: .float64)
    weight = .randn(kernels, channels, 3, 2, dtype: .float64)
    (self.stride, self.padding) = (stride, padding)
  }

  private func forward(_ x: Tensor, _ weight: Tensor, padding: Int? = nil) -> Tensor {
    conv2d(x, weight, stride: stride, padding: padding ?? self.padding)
  }

  private var answer: Grid { convolution(grid(x), grid(weight), stride: stride, padding: padding) }

  func expectShape() throws {
    let expected = forward(x, weight).shape
    let found = tensor(answer).shape
    if found == expected { return }
    let about = "With stride \(stride) and padding \(padding) it should be \(expected), and it is \(found)."
    let words =
      switch found {
      case [0, 0, 0, 0]: "Nothing is computed yet."
      case x.shape: "That is the shape of x."
      case [expected[0], expected[1], expected[2] - 1, expected[3] - 1]:
        "The last place is missing: with 6 rows, a kernel of 3 fits at 6 - 3 + 1 places."
      case [expected[0], expected[1], expected[3], expected[2]]: "Rows and columns have changed places."
      case [expected[0], x.shape[1], expected[2], expected[3]]:
        "The channels of the result are the kernels, 4, and not the channels of x."
      default:
        stride > 1 && padding > 0
          ? "P = (H + 2 · padding - K) / stride + 1, and whole numbers are divided rounded down."
          : stride > 1
            ? "Of the places, the stride leaves every second one: (H - K) / stride + 1."
            : padding > 0
              ? "The padding stands on both sides: H + 2 · padding - K + 1." : "P = H - K + 1 and Q = W - L + 1."
      }
    throw Wrong("\(about) \(words)")
  }

  func expectForward() throws {
    let expected = forward(x, weight)
    let turned = weight.flip([2, 3])
    var known: [Mistake] = [
      (Tensor.zerosLike(expected), "They are zeros: nothing is computed yet."),
      (
        forward(x, turned),
        "The kernel is turned round. That is what mathematicians call a convolution; here both indices grow together."
      ),
      (forward(x, weight.flip([2])), "The rows of the kernel are turned round."),
      (forward(x, weight.flip([3])), "The columns of the kernel are turned round."),
    ]
    let channels = x.size(1)
    if channels > 1 {
      for c in 0..<channels {
        let one = forward(x.narrow(dim: 1, start: c, length: 1), weight.narrow(dim: 1, start: c, length: 1))
        known.append(
          (one, "Only channel \(c) is there. The sum runs over all channels: += in place of =, or a loop is missing."))
      }
    }
    if stride == 1 && padding == 0 {
      known.append((lastTerm(), "Only the last term of each sum is there: += in place of =."))
    }
    if stride > 1 || padding > 0 {
      known.append(
        (
          shifted(expected),
          stride > 1 ? "Place p begins at row p · stride of x, and here it begins at row p." : noPadding
        ))
      if padding > 0 { known.append((unpadded(expected), noPadding)) }
    }
    try expect(
      "y", tensor(answer), expected, mistakes: known,
      hint: padding > 0
        ? "Element x[p · stride + k - padding, …] is read; where that lies outside of the image, the term is left out."
        : "It is the sum over c, k, l of x[n, c, p · stride + k, q · stride + l] · weight[o,c,k,l].")
  }

  /// What remains if each term overwrites the one before.
  private func lastTerm() -> Tensor {
    let (rows, columns, last) = (x.size(2) - 2, x.size(3) - 1, x.size(1) - 1)
    let corner = x.narrow(dim: 1, start: last, length: 1).narrow(dim: 2, start: 2, length: rows)
      .narrow(dim: 3, start: 1, length: columns)
    let one = weight.narrow(dim: 1, start: last, length: 1).narrow(dim: 2, start: 2, length: 1)
      .narrow(dim: 3, start: 1, length: 1)
    return conv2d(corner, one)
  }

  /// The result where the stride was forgotten inside of the sum.
  private func shifted(_ expected: Tensor) -> Tensor {
    let dense = conv2d(x, weight, padding: padding)
    return dense.narrow(dim: 2, start: 0, length: expected.size(2)).narrow(dim: 3, start: 0, length: expected.size(3))
  }

  /// The result where the padding was forgotten inside of the sum: zeros at the right and below only.
  private func unpadded(_ expected: Tensor) -> Tensor {
    let wide = conv2d(x, weight, padding: 2 * padding)
    let (p, q) = (expected.size(2), expected.size(3))
    let (rows, columns) = (wide.size(2) - 2 * padding, wide.size(3) - 2 * padding)
    let moved = wide.narrow(dim: 2, start: 2 * padding, length: rows).narrow(
      dim: 3, start: 2 * padding, length: columns)
    let picked = (0..<p).map { i in
      stack((0..<q).map { j in moved.select(dim: 2, index: i * stride).select(dim: 2, index: j * stride) }, dim: 2)
    }
    return stack(picked, dim: 2)
  }

  func expectGradients() throws {
    let y = forward(x, weight)
    let dy = Tensor.randn(y.shape, dtype: .float64)
    let inputs = [x.clone().requiresGrad_(), weight.clone().requiresGrad_()]
    let expected = grad(of: forward(inputs[0], inputs[1]), wrt: inputs, gradient: dy)
    let (dx, dWeight) = convolutionGradients(grid(x), grid(weight), dy: grid(dy), stride: stride, padding: padding)
    let (foundX, foundWeight) = (tensor(dx), tensor(dWeight))
    if [foundX, foundWeight].allSatisfy({ $0.toArray().allSatisfy { $0 == 0 } }) {
      throw Wrong("Both gradients are zeros: nothing is computed yet.")
    }
    let images = x.size(0)
    func part(_ i: Int) -> Tensor {
      let one = weight.clone().requiresGrad_()
      let y = forward(x.narrow(dim: 0, start: i, length: 1), one)
      return grad(of: y, wrt: [one], gradient: dy.narrow(dim: 0, start: i, length: 1))[0]
    }
    var known: [Mistake] = [(Tensor.zerosLike(weight), "They are zeros: nothing is computed yet.")]
    if images > 1 {
      known.append(
        (
          part(images - 1),
          "That is the last image alone. The kernel was used for all of them: sum over the images too."
        ))
      known.append(
        (part(0), "That is the first image alone. The kernel was used for all of them: sum over the images too."))
      known.append(
        (
          expected[1] / Double(images),
          "It is divided by the number of images. What one weight does adds up: it is a sum."
        ))
    }
    known.append((expected[1].flip([2, 3]), "It is turned round."))
    known.append((overwritten(dy), "Only the last term of each sum is there: += in place of =."))
    try expect(
      "dWeight", foundWeight, expected[1], mistakes: known,
      hint:
        "weight[o,c,k,l] occurs at every place p, q of every image, with the factor x[n, c, p · stride + k - padding, …]."
    )
    let turned = x.clone().requiresGrad_()
    let wrongWay = grad(of: forward(turned, weight.flip([2, 3])), wrt: [turned], gradient: dy)[0]
    try expect(
      "dx", foundX, expected[0],
      mistakes: [
        (Tensor.zerosLike(x), "They are zeros: nothing is computed yet."),
        (
          wrongWay,
          "The kernel is turned round. Each term dy · weight goes back to the very place that x was read from."
        ),
        (lastKernel(dy), "Only the last kernel is there: what comes back from all output channels adds up."),
        (
          overwrittenX(dy),
          "Only the last term of each sum is there. Windows overlap, and what comes back adds up: += in place of =."
        ),
      ],
      hint:
        "Walk the loops of the forward pass; each term gives dy[n,o,p,q] · weight[o,c,k,l] to the x that it has read.")
  }

  private func lastKernel(_ dy: Tensor) -> Tensor {
    let one = x.clone().requiresGrad_()
    let last = weight.size(0) - 1
    let y = forward(one, weight.narrow(dim: 0, start: last, length: 1))
    return grad(of: y, wrt: [one], gradient: dy.narrow(dim: 1, start: last, length: 1))[0]
  }

  /// dWeight if each term overwrites the one before: that of the last image and the last place inside of the image.
  private func overwritten(_ dy: Tensor) -> Tensor {
    var result = grid(Tensor.zerosLike(weight))
    let (x, dy) = (grid(x), grid(dy))
    forEachTerm(dy) { n, o, p, q, c, k, l, h, w in result[o, c, k, l] = dy[n, o, p, q] * x[n, c, h, w] }
    return tensor(result)
  }

  private func overwrittenX(_ dy: Tensor) -> Tensor {
    var result = grid(Tensor.zerosLike(x))
    let (weight, dy) = (grid(weight), grid(dy))
    forEachTerm(dy) { n, o, p, q, c, k, l, h, w in result[n, c, h, w] = dy[n, o, p, q] * weight[o, c, k, l] }
    return tensor(result)
  }

  private func forEachTerm(_ dy: Grid, _ body: (Int, Int, Int, Int, Int, Int, Int, Int, Int) -> Void) {
    for n in 0..<dy.count {
      for o in 0..<dy.channels {
        for p in 0..<dy.height {
          for q in 0..<dy.width {
            for c in 0..<x.size(1) {
              for k in 0..<weight.size(2) {
                for l in 0..<weight.size(3) {
                  let (h, w) = (p * stride + k - padding, q * stride + l - padding)
                  if h >= 0 && h < x.size(2) && w >= 0 && w < x.size(3) { body(n, o, p, q, c, k, l, h, w) }
                }
              }
            }
          }
        }
      }
    }
  }
}

private let noPadding = "The padding is missing in the index: the first window begins `padding` rows above the image."

private func grid(_ x: Tensor) -> Grid {
  var grid = Grid(x.size(0), x.size(1), x.size(2), x.size(3))
  grid.numbers = x.toArray()
  return grid
}

private func tensor(_ x: Grid) -> Tensor {
  Tensor(x.numbers, dtype: .float64).view(x.count, x.channels, x.height, x.width)
}
