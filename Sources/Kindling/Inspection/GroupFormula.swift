extension Walkthrough {
  /// What is made of a group of elements together: of a row that becomes shares, of the features of a sample.
  ///
  /// In the formulas x is the input, y the result and dy its gradient; μ and σ² are mean and variance of a group, over n, and
  /// z = (x - μ) / √(σ² + ε).
  public enum GroupFormula: String, Sendable {
    /// Of x: eˣ⁻ᵐ / Σ eˣ⁻ᵐ, where m is the largest x.
    case softmax
    /// Of x: x - m - ln Σ eˣ⁻ᵐ.
    case logSoftmax
    /// Of x, and a weight and a bias where there are some: z · weight + bias.
    case layerNorm
    /// Of dy and y: y · (dy - Σ dy · y).
    case softmaxGradient
    /// Of dy and y: dy - eʸ · Σ dy.
    case logSoftmaxGradient
    /// Of dy, x, and a weight where there is one: (g - mean of g - z · mean of g · z) / √(σ² + ε), where g is dy · weight.
    case layerNormGradient
    /// Of dy and x: the sum of dy · z over all groups, for each place in a group.
    case layerNormWeightGradient
  }
}

extension Walkthrough.GroupFormula {
  /// How the gradient of input `i` comes about, from that of the result.
  func gradient(
    of i: Int, _ dy: Int, _ inputs: [Int], _ y: Int, _ dims: [Int], _ eps: Double, rank: Int
  ) -> Walkthrough.Explanation {
    switch (self, i) {
    case (.softmax, _): .grouped(.softmaxGradient, of: [dy, y], dims: dims, eps: eps)
    case (.logSoftmax, _): .grouped(.logSoftmaxGradient, of: [dy, y], dims: dims, eps: eps)
    case (_, 0): .grouped(.layerNormGradient, of: [dy] + inputs.prefix(2), dims: dims, eps: eps)
    case (_, 1): .grouped(.layerNormWeightGradient, of: [dy, inputs[0]], dims: dims, eps: eps)
    default: .sum(of: dy, dims: Array(0..<rank - dims.count), isMean: false)
    }
  }

  /// What the formula makes of these tensors, in float64, and the sum of the absolute values of what was added up for it.
  func computed(_ of: [Tensor], _ dims: [Int], _ eps: Double) -> (value: Tensor, scale: Tensor?) {
    let of = of.map { $0.to(.float64) }
    switch self {
    case .softmax:
      let e = (of[0] - of[0].amax(dims: dims, keepDim: true)).exp()
      return (e / e.sum(dims: dims, keepDim: true), nil)
    case .logSoftmax:
      let x = of[0] - of[0].amax(dims: dims, keepDim: true)
      return (x - x.exp().sum(dims: dims, keepDim: true).log(), 1 - x)
    case .softmaxGradient:
      let (dy, y) = (of[0], of[1])
      let products = dy * y
      return (
        y * (dy - products.sum(dims: dims, keepDim: true)),
        y * (dy.abs() + products.abs().sum(dims: dims, keepDim: true))
      )
    case .logSoftmaxGradient:
      let (dy, shares) = (of[0], of[1].exp())
      return (
        dy - shares * dy.sum(dims: dims, keepDim: true), dy.abs() + shares * dy.abs().sum(dims: dims, keepDim: true)
      )
    case .layerNorm:
      var (y, _, scale) = Self.normalized(of[0], dims, eps)
      if of.count > 1 { (y, scale) = (y * of[1], scale * of[1].abs()) }
      return of.count > 2 ? (y + of[2], scale + of[2].abs()) : (y, scale)
    case .layerNormGradient:
      let (z, s, scale) = Self.normalized(of[1], dims, eps)
      let g = of.count > 2 ? of[0] * of[2] : of[0]
      func mean(_ x: Tensor) -> Tensor { x.mean(dims: dims, keepDim: true) }
      // Either z of the last product may be the one that is off.
      let stretch = scale * mean((g * z).abs()) + z.abs() * mean(g.abs() * scale)
      return (s * (g - mean(g) - z * mean(g * z)), s * (g.abs() + mean(g.abs()) + stretch))
    case .layerNormWeightGradient:
      let (z, _, scale) = Self.normalized(of[1], dims, eps)
      let (products, scales) = (of[0] * z, of[0].abs() * scale)
      let others = Array(0..<products.rank - dims.count)
      return others.isEmpty ? (products, scales) : (products.sum(dims: others), scales.sum(dims: others))
    }
  }

  /// z = (x - μ) · s, where s = 1 / √(σ² + ε), and (|x| + |μ|) · s: next to the mean z is small, but its rounding is
  /// that of x and of μ.
  private static func normalized(_ x: Tensor, _ dims: [Int], _ eps: Double) -> (z: Tensor, s: Tensor, scale: Tensor) {
    let mean = x.mean(dims: dims, keepDim: true)
    let s = ((x - mean).square().mean(dims: dims, keepDim: true) + eps).rsqrt()
    return ((x - mean) * s, s, (x.abs() + mean.abs()) * s)
  }
}
