import Kindling

extension Arguments {
  /// An operation of two tensors, or of a tensor and a number.
  func pair(_ tensors: (Tensor, Tensor) -> Tensor, _ number: (Tensor, any TensorScalar) -> Tensor) -> Tensor {
    isTensor(1) ? tensors(self[0], self[1]) : number(self[0], scalar(1))
  }

  /// The same, and checked against the operation that has the number on its left.
  func pair(
    _ tensors: (Tensor, Tensor) -> Tensor, _ number: (Tensor, any TensorScalar) -> Tensor,
    alike turned: (Tensor, any TensorScalar) -> Tensor
  ) -> Tensor {
    let result = pair(tensors, number)
    if !isTensor(1) { precondition((turned(self[0], scalar(1)) == result).all().item(as: Bool.self)) }
    return result
  }

  /// The same, written over the first tensor.
  func pairInPlace(
    _ tensors: (inout Tensor, Tensor) -> Void, _ number: (inout Tensor, any TensorScalar) -> Void
  ) -> Tensor {
    var x = target(0)
    if isTensor(1) { tensors(&x, self[1]) } else { number(&x, scalar(1)) }
    return x
  }

  /// The same under a `let`, for which the operators have overloads of their own.
  func pairUnderLet(_ tensors: (Tensor, Tensor) -> Void, _ number: (Tensor, any TensorScalar) -> Void) -> Tensor {
    let x = target(0)
    if isTensor(1) { tensors(x, self[1]) } else { number(x, scalar(1)) }
    return x
  }

  /// The factor of `add` and `sub`.
  fileprivate var alpha: Double { real(2) }
}

// Sums, products, comparisons and choices, element by element.
extension SampleEntry {
  static func arithmetic() -> [SampleEntry] { sums() + multiples() + powers() + comparisons() + choices() }

  private static func sums() -> [SampleEntry] {
    [
      SampleEntry(
        "add", ["+(Tensor, Tensor)", "+(Tensor, S)", "add_(Tensor, alpha: Double)", "add_(S)"], .elementwise,
        inPlace: [{ a in a.pairInPlace({ $0.add_($1, alpha: a.alpha) }, { $0.add_($1) }) }]
      ) { a in
        a.alpha == 1 ? a.pair({ $0 + $1 }, { $0 + $1 }) : a[0].clone().add_(a[1], alpha: a.alpha)
      },
      SampleEntry(
        "sub",
        [
          "-(Tensor, Tensor)", "-(Tensor, S)", "sub_(Tensor, alpha: Double)", "sub_(S)", "-=(inout Tensor, Tensor)",
          "-=(inout Tensor, S)", "-=(Tensor, Tensor)", "-=(Tensor, S)",
        ], .elementwise,
        inPlace: [
          { a in a.pairInPlace({ $0.sub_($1, alpha: a.alpha) }, { $0.sub_($1) }) },
          { a in a.pairInPlace({ if a.alpha == 1 { $0 -= $1 } else { $0.sub_($1, alpha: a.alpha) } }, { $0 -= $1 }) },
          { a in a.pairUnderLet({ if a.alpha == 1 { $0 -= $1 } else { $0.sub_($1, alpha: a.alpha) } }, { $0 -= $1 }) },
        ]
      ) { a in
        a.alpha == 1 ? a.pair({ $0 - $1 }, { $0 - $1 }) : a[0].clone().sub_(a[1], alpha: a.alpha)
      },
      SampleEntry(
        "__radd__",
        ["+(S, Tensor)", "+=(inout Tensor, Tensor)", "+=(inout Tensor, S)", "+=(Tensor, Tensor)", "+=(Tensor, S)"],
        .elementwise,
        inPlace: [
          { a in a.pairInPlace({ $0 += $1 }, { $0 += $1 }) }, { a in a.pairUnderLet({ $0 += $1 }, { $0 += $1 }) },
        ]
      ) { a in a.pair({ $1 + $0 }, { $1 + $0 }) },
      SampleEntry("__rsub__", ["-(S, Tensor)"], .elementwise) { a in a.pair({ $1 - $0 }, { $1 - $0 }) },
      SampleEntry("rsub", ["-(S, Tensor)"], .elementwise) { a in a.pair({ $1 - $0 }, { $1 - $0 }) },
      SampleEntry("neg", ["prefix -(Tensor)"], .elementwise) { a in -a[0] },
    ]
  }

  private static func multiples() -> [SampleEntry] {
    [
      SampleEntry(
        "mul", ["*(Tensor, Tensor)", "*(Tensor, S)", "mul_(Tensor)", "mul_(S)"], .elementwise,
        inPlace: [{ a in a.pairInPlace({ $0.mul_($1) }, { $0.mul_($1) }) }]
      ) { a in a.pair({ $0 * $1 }, { $0 * $1 }) },
      SampleEntry(
        "__rmul__",
        ["*(S, Tensor)", "*=(inout Tensor, Tensor)", "*=(inout Tensor, S)", "*=(Tensor, Tensor)", "*=(Tensor, S)"],
        .elementwise,
        inPlace: [
          { a in a.pairInPlace({ $0 *= $1 }, { $0 *= $1 }) }, { a in a.pairUnderLet({ $0 *= $1 }, { $0 *= $1 }) },
        ]
      ) { a in a.pair({ $1 * $0 }, { $1 * $0 }) },
      SampleEntry(
        "div/no_rounding_mode", ["/(Tensor, Tensor)", "/(Tensor, S)", "div_(Tensor)", "div_(S)"], .elementwise,
        inPlace: [{ a in a.pairInPlace({ $0.div_($1) }, { $0.div_($1) }) }]
      ) { a in a.pair({ $0 / $1 }, { $0 / $1 }) },
      SampleEntry(
        "true_divide",
        [
          "/(Tensor, Tensor)", "/(Tensor, S)", "/=(inout Tensor, Tensor)", "/=(inout Tensor, S)", "/=(Tensor, Tensor)",
          "/=(Tensor, S)",
        ],
        .elementwise,
        inPlace: [
          { a in a.pairInPlace({ $0 /= $1 }, { $0 /= $1 }) }, { a in a.pairUnderLet({ $0 /= $1 }, { $0 /= $1 }) },
        ]
      ) { a in a.pair({ $0 / $1 }, { $0 / $1 }) },
      SampleEntry(
        "remainder", ["%(Tensor, Tensor)", "%(Tensor, S)", "remainder(Tensor)", "remainder(S)"], .elementwise
      ) { a in a.pair({ $0 % $1 }, { $0.remainder($1) }) },
      SampleEntry("__rmod__", ["%(S, Tensor)"], .elementwise) { a in a.pair({ $1.remainder($0) }, { $1 % $0 }) },
      SampleEntry("div/floor_rounding", ["floorDivide(Tensor)", "floorDivide(S)"], .elementwise) { a in
        a.pair({ $0.floorDivide($1) }, { $0.floorDivide($1) })
      },
      SampleEntry("__rdiv__", ["/(S, Tensor)"], .elementwise) { a in a.pair({ $1 / $0 }, { $1 / $0 }) },
    ]
  }

  private static func powers() -> [SampleEntry] {
    [
      SampleEntry("pow", ["pow(Tensor)", "pow(S)"], .elementwise) { a in a.pair({ $0.pow($1) }, { $0.pow($1) }) },
      SampleEntry("__rpow__", ["pow(S, Tensor)"], .elementwise) { a in
        a.pair({ $1.pow($0) }, { Tensor.pow($1, $0) })
      },
      SampleEntry("square", ["square()"], .elementwise) { a in a[0].square() },
    ]
  }

  private static func comparisons() -> [SampleEntry] {
    [
      SampleEntry("eq", ["==(Tensor, Tensor)", "==(Tensor, S)", "==(S, Tensor)"]) { a in
        a.pair({ $0 == $1 }, { $0 == $1 }, alike: { $1 == $0 })
      },
      SampleEntry("ne", ["!=(Tensor, Tensor)", "!=(Tensor, S)", "!=(S, Tensor)"]) { a in
        a.pair({ $0 != $1 }, { $0 != $1 }, alike: { $1 != $0 })
      },
      SampleEntry("lt", ["<(Tensor, Tensor)", "<(Tensor, S)", ">(S, Tensor)"]) { a in
        a.pair({ $0 < $1 }, { $0 < $1 }, alike: { $1 > $0 })
      },
      SampleEntry("le", ["<=(Tensor, Tensor)", "<=(Tensor, S)", ">=(S, Tensor)"]) { a in
        a.pair({ $0 <= $1 }, { $0 <= $1 }, alike: { $1 >= $0 })
      },
      SampleEntry("gt", [">(Tensor, Tensor)", ">(Tensor, S)", "<(S, Tensor)"]) { a in
        a.pair({ $0 > $1 }, { $0 > $1 }, alike: { $1 < $0 })
      },
      SampleEntry("ge", [">=(Tensor, Tensor)", ">=(Tensor, S)", "<=(S, Tensor)"]) { a in
        a.pair({ $0 >= $1 }, { $0 >= $1 }, alike: { $1 <= $0 })
      },
      SampleEntry("logical_and", ["logicalAnd(Tensor)"]) { a in a[0].logicalAnd(a[1]) },
      SampleEntry("logical_or", ["logicalOr(Tensor)"]) { a in a[0].logicalOr(a[1]) },
      SampleEntry("logical_xor", ["logicalXor(Tensor)"]) { a in a[0].logicalXor(a[1]) },
      SampleEntry("logical_not", ["logicalNot()"]) { a in a[0].logicalNot() },
      SampleEntry("bitwise_and", [".&(Tensor, Tensor)"]) { a in a[0] .& a[1] },
      SampleEntry("bitwise_or", [".|(Tensor, Tensor)"]) { a in a[0] .| a[1] },
      SampleEntry("bitwise_not", ["prefix !(Tensor)"]) { a in !a[0] },
      SampleEntry("isnan", ["isNaN()"]) { a in a[0].isNaN() },
      SampleEntry("isfinite", ["isFinite()"]) { a in a[0].isFinite() },
      SampleEntry("isclose", ["isClose(Tensor, rtol: Double, atol: Double, equalNaN: Bool)"]) { a in
        a[0].isClose(a[1], rtol: a.real(2), atol: a.real(3), equalNaN: a.flag(4))
      },
      SampleEntry("allclose", ["allClose(Tensor, rtol: Double, atol: Double, equalNaN: Bool)"]) { a in
        Tensor(a[0].allClose(a[1], rtol: a.real(2), atol: a.real(3), equalNaN: a.flag(4)))
      },
      SampleEntry("isinf", ["isInf()"]) { a in a[0].isInf() },
    ]
  }

  private static func choices() -> [SampleEntry] {
    [
      SampleEntry(
        "where",
        [
          "where(Tensor, Tensor, Tensor)", "where(Tensor, Tensor, S)", "where(Tensor, S, Tensor)",
          "where(Tensor, A, B)",
        ], .elementwise
      ) { a in
        if !a.isTensor(1) && !a.isTensor(2) { return Tensor.where(a[0], a.scalar(1), a.scalar(2)) }
        if !a.isTensor(1) { return Tensor.where(a[0], a.scalar(1), a[2]) }
        return a.isTensor(2) ? Tensor.where(a[0], a[1], a[2]) : Tensor.where(a[0], a[1], a.scalar(2))
      },
      SampleEntry("maximum", ["maximum(Tensor)"], .choice) { a in a[0].maximum(a[1]) },
      SampleEntry("minimum", ["minimum(Tensor)"], .choice) { a in a[0].minimum(a[1]) },
      SampleEntry("max/binary", ["maximum(Tensor)"], .choice) { a in a[0].maximum(a[1]) },
      SampleEntry("min/binary", ["minimum(Tensor)"], .choice) { a in a[0].minimum(a[1]) },
      SampleEntry(
        "masked_fill", ["maskedFill(Tensor, S)", "maskedFill_(Tensor, S)"], .elementwise,
        inPlace: [{ a in a.target(0).maskedFill_(a[1], a.scalar(2)) }]
      ) { a in a[0].maskedFill(a[1], a.scalar(2)) },
      SampleEntry("fill", ["fill_(S)"]) { a in a.target(0).fill_(a.scalar(1)) },
      SampleEntry("zero_", ["zero_()"]) { a in a.target(0).zero_() },
    ]
  }
}
