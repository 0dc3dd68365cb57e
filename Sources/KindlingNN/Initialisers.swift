import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// First values, as `torch.nn.init`: functions that fill a tensor, unrecorded, and return it.
///
/// ```swift
/// Init.kaimingUniform_(layer.weight, nonlinearity: .relu)
/// ```
///
/// After the same `manualSeed` the numbers are PyTorch's. A weight has shape [outputs, inputs, …]; further dimensions are
/// those of a filter. A tensor without elements is given back as it is.
public enum Init {
  /// Fills with numbers evenly distributed over [from, to).
  @discardableResult
  public static func uniform_(_ tensor: Tensor, from: Double = 0, to: Double = 1, generator: Generator? = nil) -> Tensor
  {
    noGrad { tensor.uniform_(from: from, to: to, generator: generator) }
  }

  /// Fills with normally distributed numbers.
  @discardableResult
  public static func normal_(_ tensor: Tensor, mean: Double = 0, std: Double = 1, generator: Generator? = nil) -> Tensor
  {
    noGrad { tensor.normal_(mean: mean, std: std, generator: generator) }
  }

  /// Fills with one number.
  @discardableResult
  public static func constant_(_ tensor: Tensor, _ value: Double) -> Tensor { noGrad { tensor.fill_(value) } }

  /// Fills with ones.
  @discardableResult
  public static func ones_(_ tensor: Tensor) -> Tensor { noGrad { tensor.fill_(1) } }

  /// Fills with zeros.
  @discardableResult
  public static func zeros_(_ tensor: Tensor) -> Tensor { noGrad { tensor.fill_(0) } }

  /// Fills a matrix with 1 on the diagonal and 0 elsewhere: a layer that passes its input on.
  @discardableResult
  public static func eye_(_ tensor: Tensor) -> Tensor {
    if tensor.rank != 2 { fail("eye_", "shape \(tensor.shape) is not a matrix") }
    return noGrad { tensor.copy_(Tensor.eye(tensor.shape[0], tensor.shape[1], dtype: tensor.dtype)) }
  }
}

// MARK: Spread by the number of connections

extension Init {
  /// Which end of a layer keeps its spread.
  public enum FanMode: Sendable {
    /// The inputs of an output: values keep their spread on the way forward.
    case fanIn
    /// The outputs of an input: gradients keep their spread on the way back.
    case fanOut
  }

  /// What follows the layer, for the factor that makes up for it.
  public enum Nonlinearity: Sendable {
    /// Nothing, or something as good.
    case linear
    /// `Sigmoid`.
    case sigmoid
    /// `Tanh`.
    case tanh
    /// `ReLU`.
    case relu
    /// `LeakyReLU`, with a slope below 0 that `calculateGain` is told.
    case leakyReLU
    /// The scaled exponential linear unit.
    case selu
  }

  /// The factor by which a weight's spread makes up for what the nonlinearity takes from it. `slope` is that of
  /// `.leakyReLU` below 0.
  public static func calculateGain(_ nonlinearity: Nonlinearity, _ slope: Double = 0.01) -> Double {
    switch nonlinearity {
    case .linear, .sigmoid: 1
    case .tanh: 5.0 / 3
    case .relu: 2.0.squareRoot()
    case .leakyReLU: (2 / (1 + slope * slope)).squareRoot()
    case .selu: 0.75
    }
  }

  /// How many inputs an output of a layer with this weight has, and how many outputs an input.
  private static func fans(_ tensor: Tensor, _ name: String) -> (fanIn: Double, fanOut: Double) {
    if tensor.rank < 2 {
      fail(name, "shape \(tensor.shape) has no inputs and outputs; two dimensions or more are needed")
    }
    let filter = tensor.shape.dropFirst(2).reduce(1) { $0 * Double($1) }
    return (Double(tensor.shape[1]) * filter, Double(tensor.shape[0]) * filter)
  }

  /// Fills evenly over ±gain √(6 / (fan in + fan out)).
  ///
  /// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
  @discardableResult
  public static func xavierUniform_(_ tensor: Tensor, gain: Double = 1, generator: Generator? = nil) -> Tensor {
    let (fanIn, fanOut) = fans(tensor, "xavierUniform_")
    if tensor.elementCount == 0 { return tensor }
    let std = gain * (2 / (fanIn + fanOut)).squareRoot()
    let bound = 3.0.squareRoot() * std
    return uniform_(tensor, from: -bound, to: bound, generator: generator)
  }

  /// Fills with normally distributed numbers of standard deviation gain √(2 / (fan in + fan out)).
  ///
  /// Source: as for `xavierUniform_`.
  @discardableResult
  public static func xavierNormal_(_ tensor: Tensor, gain: Double = 1, generator: Generator? = nil) -> Tensor {
    let (fanIn, fanOut) = fans(tensor, "xavierNormal_")
    if tensor.elementCount == 0 { return tensor }
    return normal_(tensor, mean: 0, std: gain * (2 / (fanIn + fanOut)).squareRoot(), generator: generator)
  }

  /// Fills evenly over ±gain √(3 / fan), where the gain is that of the nonlinearity, with slope `a`.
  ///
  /// Source: He and others, "Delving deep into rectifiers", arXiv:1502.01852.
  @discardableResult
  public static func kaimingUniform_(
    _ tensor: Tensor, a: Double = 0, mode: FanMode = .fanIn, nonlinearity: Nonlinearity = .leakyReLU,
    generator: Generator? = nil
  ) -> Tensor {
    if tensor.elementCount == 0 { return tensor }
    let bound = 3.0.squareRoot() * kaimingStd(tensor, a, mode, nonlinearity, "kaimingUniform_")
    return uniform_(tensor, from: -bound, to: bound, generator: generator)
  }

  /// Fills with normally distributed numbers of standard deviation gain / √fan, where the gain is that of the nonlinearity,
  /// with slope `a`.
  ///
  /// Source: as for `kaimingUniform_`.
  @discardableResult
  public static func kaimingNormal_(
    _ tensor: Tensor, a: Double = 0, mode: FanMode = .fanIn, nonlinearity: Nonlinearity = .leakyReLU,
    generator: Generator? = nil
  ) -> Tensor {
    if tensor.elementCount == 0 { return tensor }
    let std = kaimingStd(tensor, a, mode, nonlinearity, "kaimingNormal_")
    return normal_(tensor, mean: 0, std: std, generator: generator)
  }

  private static func kaimingStd(
    _ tensor: Tensor, _ a: Double, _ mode: FanMode, _ nonlinearity: Nonlinearity, _ name: String
  ) -> Double {
    let (fanIn, fanOut) = fans(tensor, name)
    return calculateGain(nonlinearity, a) / (mode == .fanIn ? fanIn : fanOut).squareRoot()
  }
}

// MARK: Shaped

extension Init {
  /// Fills with normally distributed numbers that lie in [a, b].
  ///
  /// Where that is likely, numbers outside are drawn again; else numbers are drawn evenly from [a, b], and each is kept with
  /// the probability that the distribution gives it. Both are PyTorch's ways, draw for draw.
  @discardableResult
  public static func truncNormal_(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, a: Double = -2, b: Double = 2, generator: Generator? = nil
  ) -> Tensor {
    if !(std > 0 && a < b) { fail("truncNormal_", "a standard deviation of \(std) and bounds \(a) and \(b)") }
    func cumulative(_ x: Double) -> Double { (1 + erf((x - mean) / std / 2.0.squareRoot())) / 2 }
    return noGrad {
      if cumulative(b) - cumulative(a) > 0.3 {
        func draw(_ tensor: Tensor) -> Tensor { tensor.normal_(mean: mean, std: std, generator: generator) }
        return redraw(draw(tensor), while: { (x: Tensor) in (x < a).logicalOr(x > b) }, draw)
      }
      func draw(_ tensor: Tensor) -> Tensor { tensor.uniform_(from: a, to: b, generator: generator) }
      // The density is highest where [a, b] comes closest to the mean, and there every number is kept.
      let closest = (max(a, min(mean, b)) - mean) / std
      return redraw(
        draw(tensor),
        while: { (x: Tensor) in
          let logOfShare = ((x - mean) / std).square() * -0.5 + 0.5 * closest * closest
          return Tensor.zerosLike(x).uniform_(generator: generator).log() > logOfShare
        }, draw)
    }
  }

  /// Draws again, all numbers, until none is refused any more; a number once accepted stays.
  private static func redraw(_ tensor: Tensor, while refused: (Tensor) -> Tensor, _ draw: (Tensor) -> Tensor) -> Tensor
  {
    var pending = refused(tensor)
    while pending.any().item(as: Bool.self) {
      let candidates = draw(Tensor.zerosLike(tensor))
      tensor.copy_(Tensor.where(pending, candidates, tensor))
      pending = pending.logicalAnd(refused(candidates))
    }
    return tensor
  }

  /// Fills with a matrix whose rows, or columns if they are fewer, are perpendicular to each other and of length `gain`.
  /// Dimensions after the first count as one.
  ///
  /// Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
  /// networks", arXiv:1312.6120.
  @discardableResult
  public static func orthogonal_(_ tensor: Tensor, gain: Double = 1, generator: Generator? = nil) -> Tensor {
    if tensor.rank < 2 { fail("orthogonal_", "shape \(tensor.shape) has fewer than two dimensions") }
    if tensor.elementCount == 0 { return tensor }
    let rows = tensor.shape[0]
    let columns = tensor.elementCount / rows
    return noGrad {
      let random = Tensor.zeros(rows, columns, dtype: tensor.dtype).normal_(generator: generator)
      // The vectors to make perpendicular: the columns of a tall matrix, the rows of a wide one.
      let vectors = (rows < columns ? random : random.t()).to(.float64)
      let length = max(rows, columns)
      var numbers = vectors.toArray()
      orthonormalize(&numbers, length: length)
      let matrix = Tensor(numbers, shape: [min(rows, columns), length], dtype: .float64)
      return tensor.copy_(((rows < columns ? matrix : matrix.t()).to(tensor.dtype) * gain).reshape(tensor.shape))
    }
  }

  /// Gram and Schmidt's method: takes from each vector its part along every earlier one, and scales it to length 1. The
  /// result is Q of the QR decomposition in which R has a positive diagonal, which is what PyTorch turns its own into.
  private static func orthonormalize(_ vectors: inout [Double], length: Int) {
    func dot(_ a: Int, _ b: Int) -> Double { (0..<length).reduce(0) { $0 + vectors[a + $1] * vectors[b + $1] } }
    for start in stride(from: 0, to: vectors.count, by: length) {
      // Twice: the first round leaves behind what its own rounding puts in.
      for _ in 0..<2 {
        for earlier in stride(from: 0, to: start, by: length) {
          let part = dot(start, earlier)
          for i in 0..<length { vectors[start + i] -= part * vectors[earlier + i] }
        }
      }
      let norm = dot(start, start).squareRoot()
      for i in 0..<length { vectors[start + i] /= norm }
    }
  }
}
