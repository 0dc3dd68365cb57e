import Kindling

// Functions of one number, element by element.
extension SampleEntry {
  static func functions() -> [SampleEntry] { plainFunctions() + activations() + bounds() }

  private static func plainFunctions() -> [SampleEntry] {
    [
      SampleEntry("exp", ["exp()"], .elementwise) { a in a[0].exp() },
      SampleEntry("log", ["log()"], .elementwise) { a in a[0].log() },
      SampleEntry("log1p", ["log1p()"], .elementwise) { a in a[0].log1p() },
      SampleEntry("expm1", ["expm1()"], .saturating) { a in a[0].expm1() },
      SampleEntry("exp2", ["exp2()"], .elementwise) { a in a[0].exp2() },
      SampleEntry("log2", ["log2()"], .elementwise) { a in a[0].log2() },
      SampleEntry("trunc", ["trunc()"], .elementwise) { a in a[0].trunc() },
      SampleEntry("nan_to_num", ["nanToNum(nan: Double, posInf: Double?, negInf: Double?)"], .elementwise) { a in
        a[0].nanToNum(nan: a.optionalReal(1) ?? 0, posInf: a.optionalReal(2), negInf: a.optionalReal(3))
      },
      SampleEntry("sqrt", ["sqrt()"], .elementwise) { a in a[0].sqrt() },
      SampleEntry("rsqrt", ["rsqrt()"], .elementwise) { a in a[0].rsqrt() },
      SampleEntry("sin", ["sin()"], .elementwise) { a in a[0].sin() },
      SampleEntry("cos", ["cos()"], .elementwise) { a in a[0].cos() },
      SampleEntry("tanh", ["tanh()"], .saturating) { a in a[0].tanh() },
      SampleEntry("erf", ["erf()"], .elementwise) { a in a[0].erf() },
      SampleEntry("sigmoid", ["sigmoid()"], .saturating) { a in a[0].sigmoid() },
      SampleEntry("reciprocal", ["reciprocal()"], .elementwise) { a in a[0].reciprocal() },
      SampleEntry("abs", ["abs()"], .elementwise) { a in a[0].abs() },
      SampleEntry("sign", ["sign()"], .elementwise) { a in a[0].sign() },
      SampleEntry("sgn", ["sign()"], .elementwise) { a in a[0].sign() },
      SampleEntry("floor", ["floor()"], .elementwise) { a in a[0].floor() },
      SampleEntry("ceil", ["ceil()"], .elementwise) { a in a[0].ceil() },
      SampleEntry("round", ["round()"], .elementwise) { a in a[0].round() },
    ]
  }

  private static func activations() -> [SampleEntry] {
    [
      SampleEntry("nn.functional.relu", ["relu()"], .elementwise) { a in a[0].relu() },
      SampleEntry("nn.functional.leaky_relu", ["leakyReLU(Double)"], .elementwise) { a in a[0].leakyReLU(a.real(1)) },
      SampleEntry("nn.functional.gelu", ["gelu(approximate: GELUApproximation)"], .gelu) { a in
        a[0].gelu(approximate: a.approximation(1))
      },
      SampleEntry("nn.functional.silu", ["silu()"], .saturating) { a in a[0].silu() },
      SampleEntry("nn.functional.softplus", ["softplus(beta: Double, threshold: Double)"], .saturating) { a in
        a[0].softplus(beta: a.real(1), threshold: a.real(2))
      },
    ]
  }

  private static func bounds() -> [SampleEntry] {
    [
      SampleEntry(
        "clamp",
        [
          "clamp(min: Double?, max: Double?)", "clamp(min: Int, max: Int?)", "clamp(max: Int)",
          "clamp(min: Tensor, max: Tensor?)", "clamp(max: Tensor)", "clamp_(min: Double?, max: Double?)",
          "clamp_(min: Int, max: Int?)", "clamp_(max: Int)",
          "clamp_(min: Tensor, max: Tensor?)", "clamp_(max: Tensor)",
        ], .elementwise,
        inPlace: [
          { a in
            let x = a.target(0)
            if a.isTensor(1) || a.isTensor(2) {
              let bounded = noGrad { x.clamp(bounds: a) }
              if bounded.dtype != x.dtype { return x.copy_(x.clone().clamp(bounds: a)) }
              return a.isTensor(1) ? x.clamp_(min: a[1], max: a.optionalTensor(2)) : x.clamp_(max: a[2])
            }
            switch (a.optionalInt(1), a.optionalInt(2)) {
            case (let min?, let max) where max != nil || a.isNull(2): return x.clamp_(min: min, max: max)
            case (nil, let max?) where a.isNull(1): return x.clamp_(max: max)
            default: return x.clamp_(min: a.optionalReal(1), max: a.optionalReal(2))
            }
          }
        ]
      ) { a in
        if a.isTensor(1) || a.isTensor(2) { return a[0].clamp(bounds: a) }
        // Whole bounds, as far as there are any, or real ones.
        return switch (a.optionalInt(1), a.optionalInt(2)) {
        case (let min?, let max) where max != nil || a.isNull(2): a[0].clamp(min: min, max: max)
        case (nil, let max?) where a.isNull(1): a[0].clamp(max: max)
        default: a[0].clamp(min: a.optionalReal(1), max: a.optionalReal(2))
        }
      }
    ]
  }
}

extension Tensor {
  fileprivate func clamp(bounds: Arguments) -> Tensor {
    let (min, max) = (bounds.optionalTensor(1), bounds.optionalTensor(2))
    return min.map { clamp(min: $0, max: max) } ?? clamp(max: max!)
  }
}

extension Arguments {
  func approximation(_ place: Int) -> Tensor.GELUApproximation { text(place) == "tanh" ? .tanh : .none }
}
