import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Sums, differences, products, quotients and powers, of tensors and of a tensor and a number.
//
// Operands of two types are promoted as in PyTorch, shapes are broadcast. In each rule `dy` is the gradient of the result.

extension Tensor {
  /// The sum of each pair of elements.
  public static func + (x: Tensor, y: Tensor) -> Tensor {
    if x.dtype == .bool && y.dtype == .bool { return x.logicalOr(y) }
    return x.binary("add", .add, y, { dy, _ in dy }, { dy, _ in dy })
  }

  /// The difference of each pair of elements.
  public static func - (x: Tensor, y: Tensor) -> Tensor {
    checkSubtraction(x.dtype, y.dtype, "sub")
    return x.binary("sub", .subtract, y, { dy, _ in dy }, { dy, _ in -dy })
  }

  /// The product of each pair of elements.
  public static func * (x: Tensor, y: Tensor) -> Tensor {
    if x.dtype == .bool && y.dtype == .bool { return x.logicalAnd(y) }
    return x.binary("mul", .multiply, y, { dy, saved in dy * saved[1] }, { dy, saved in dy * saved[0] })
  }

  /// The quotient of each pair of elements; integers are divided as real numbers.
  public static func / (x: Tensor, y: Tensor) -> Tensor {
    let isReal = x.dtype.isFloatingPoint || y.dtype.isFloatingPoint
    let (x, y) = isReal ? (x, y) : (x.floating, y.floating)
    return x.binary(
      "div", .divide, y, { dy, saved in dy / saved[1] }, { dy, saved in -dy * (saved.output / saved[1]) })
  }

  /// The negative of each element.
  public static prefix func - (x: Tensor) -> Tensor {
    if x.dtype == .bool { fail("negate", "a bool tensor has no negative; use logicalNot()") }
    return x.unary("neg", .negate) { dy, _ in -dy }
  }

  @inline(__always)
  private static func checkSubtraction(_ x: DType, _ y: DType, _ name: StaticString) {
    if x == .bool || y == .bool {
      fail("\(name)", "bools have no difference; use logicalXor(_:), or convert with to(.int64) first")
    }
  }

  // MARK: With a number

  /// Each element plus a number.
  public static func + <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.adding(number.scalar) }
  /// A number plus each element.
  public static func + <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x.adding(number.scalar) }
  /// Each element minus a number.
  public static func - <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.subtracting(number.scalar) }
  /// A number minus each element.
  public static func - <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x.subtracted(from: number.scalar) }
  /// Each element times a number.
  public static func * <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.multiplied(by: number.scalar) }
  /// A number times each element.
  public static func * <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x.multiplied(by: number.scalar) }
  /// Each element divided by a number; integers are divided as real numbers.
  public static func / <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x.divided(by: number.scalar) }
  /// A number divided by each element; integers are divided as real numbers.
  public static func / <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x.dividing(number.scalar) }

  /// This tensor in the type of an operation with `number`.
  @inline(__always)
  func promoted(for number: Scalar) -> Tensor {
    let result = number.promoted(with: dtype)
    return result == dtype ? self : to(result)
  }

  func adding(_ number: Scalar) -> Tensor {
    if dtype == .bool {
      return number.category == .bool ? logicalOr(beside(number)) : promoted(for: number).adding(number)
    }
    return promoted(for: number).unary("add", .addScalar, number) { dy, _ in dy }
  }

  func subtracting(_ number: Scalar) -> Tensor {
    Tensor.checkSubtraction(dtype, number.dtype, "sub")
    return promoted(for: number).unary("sub", .addScalar, number.negated) { dy, _ in dy }
  }

  func subtracted(from number: Scalar) -> Tensor {
    Tensor.checkSubtraction(dtype, number.dtype, "rsub")
    return promoted(for: number).unary("rsub", .subtractFrom, number) { dy, _ in -dy }
  }

  func multiplied(by number: Scalar) -> Tensor {
    if dtype == .bool {
      return number.category == .bool ? logicalAnd(beside(number)) : promoted(for: number).multiplied(by: number)
    }
    return promoted(for: number).unary("mul", .multiplyScalar, number) { dy, _ in dy.multiplied(by: number) }
  }

  func divided(by number: Scalar) -> Tensor {
    floating.unary("div", .divideScalar, number) { dy, _ in dy.divided(by: number) }
  }

  func dividing(_ number: Scalar) -> Tensor {
    floating.unary("div", .scalarDivide, number) { dy, saved in -dy * (saved.output / saved[0]) }
  }

  // MARK: Powers

  /// Each element raised to `exponent`.
  ///
  /// As in PyTorch the derivative is 0 for exponent 0, whatever the element; integers take no negative exponent.
  public func pow<S: TensorScalar>(_ exponent: S) -> Tensor { pow(exponent.scalar) }

  func pow(_ exponent: Scalar) -> Tensor {
    let x = promoted(for: exponent)
    if x.dtype == .bool { return x.logicalOr(x.beside(exponent).logicalNot()) }  // x¹ = x, x⁰ = 1
    if x.dtype.isInteger && exponent.real < 0 {
      fail("pow", "integers cannot be raised to \(exponent.kernel.integer); convert with to(.float32) first")
    }
    if exponent.real == 2 { return x.numeric.unary("pow", .square, exponent) { dy, saved in dy.times(2, saved[0]) } }
    if exponent.real == 0 {
      return x.numeric.unary("pow", .powerScalar, exponent) { dy, _ in Tensor.zerosLike(dy) }
    }
    // ±½ is the square root, which C's pow is not: the one of -∞ is NaN, 1 over that of -0 is -∞.
    let isHalf = x.dtype.isFloatingPoint && Swift.abs(exponent.real) == 0.5
    let operation = !isHalf ? UnaryOperation.powerScalar : exponent.real > 0 ? .sqrt : .rsqrt
    return x.numeric.unary("pow", operation, exponent) { dy, saved in
      dy * saved[0].pow(exponent.minusOne).multiplied(by: exponent)
    }
  }

  /// This times (`factor` times `other`), in one pass.
  private func times(_ factor: Double, _ other: Tensor) -> Tensor {
    binary(
      "mul", .multiplyScaled, other, p: Scalar(factor), { dy, saved in dy.times(factor, saved[1]) },
      { dy, saved in dy.times(factor, saved[0]) })
  }

  /// Each element raised to the element of `exponent` at its place.
  public func pow(_ exponent: Tensor) -> Tensor {
    numeric(beside: exponent).binary(
      "pow", .power, exponent.numeric(beside: self),
      { dy, saved in
        // 0 for exponent 0, also where x is 0 or infinite, or dy is no number.
        (dy * (saved[1] * saved[0].pow(saved[1] - 1))).maskedFill(saved[1] == 0, 0)
      },
      { dy, saved in
        // x^y · ln x, which is 0 where x is 0 and y is not negative.
        let derivative = saved.output * saved[0].log()
        return dy * derivative.maskedFill((saved[0] == 0).logicalAnd(saved[1] >= 0), 0)
      })
  }

  /// `base` raised to each element of `exponent`.
  public static func pow<S: TensorScalar>(_ base: S, _ exponent: Tensor) -> Tensor {
    let number = base.scalar
    return exponent.promoted(for: number).numeric.unary("pow", .scalarPower, number) { dy, saved in
      // x^y · ln x; at base 0 the result is 0, or 1 for exponent 0.
      let derivative = saved.output * naturalLogarithm(number.real)
      return dy * (number.real == 0 ? derivative.maskedFill(saved[0] >= 0, 0) : derivative)
    }
  }

  /// The square of each element.
  public func square() -> Tensor { pow(2) }

  // MARK: In place

  /// Adds `alpha` times `other` to this tensor, and returns it. Between whole numbers `alpha` must be one too.
  @discardableResult
  public func add_(_ other: Tensor, alpha: Double = 1) -> Tensor {
    if alpha == 1 {
      binaryInPlace("add_", .add, other) { $0 + $1 }
    } else {
      checkScale(alpha, of: other, "add_")
      binaryInPlace("add_", .addScaled, other, Scalar(alpha)) {
        $0.dtype == .bool ? $0 + (alpha != 0) * $1 : $0 + alpha * $1
      }
    }
    return self
  }

  /// Takes `alpha` times `other` from this tensor, and returns it. Between whole numbers `alpha` must be one too.
  @discardableResult
  public func sub_(_ other: Tensor, alpha: Double = 1) -> Tensor {
    Tensor.checkSubtraction(dtype, other.dtype, "sub_")
    if alpha == 1 {
      binaryInPlace("sub_", .subtract, other) { $0 - $1 }
    } else {
      checkScale(alpha, of: other, "sub_")
      binaryInPlace("sub_", .addScaled, other, Scalar(-alpha)) { $0 - alpha * $1 }
    }
    return self
  }

  private func checkScale(_ alpha: Double, of other: Tensor, _ name: StaticString) {
    if !dtype.isFloatingPoint && !other.dtype.isFloatingPoint && Int64(exactly: alpha) == nil {
      fail("\(name)", "alpha is \(alpha), no whole number, for tensors of \(dtype) and \(other.dtype)")
    }
  }

  /// Multiplies this tensor by `other`, and returns it.
  @discardableResult
  public func mul_(_ other: Tensor) -> Tensor {
    binaryInPlace("mul_", .multiply, other) { $0 * $1 }
    return self
  }

  /// Divides this tensor by `other`, and returns it.
  @discardableResult
  public func div_(_ other: Tensor) -> Tensor {
    checkCanHold(.float32, "div_")
    binaryInPlace("div_", .divide, other) { $0 / $1 }
    return self
  }

  /// Adds a number to each element, and returns the tensor.
  @discardableResult
  public func add_<S: TensorScalar>(_ number: S) -> Tensor {
    unaryInPlace("add_", .addScalar, number.scalar, number.scalar) { $0 + number }
    return self
  }

  /// Takes a number from each element, and returns the tensor.
  @discardableResult
  public func sub_<S: TensorScalar>(_ number: S) -> Tensor {
    Tensor.checkSubtraction(dtype, number.scalar.dtype, "sub_")
    unaryInPlace("sub_", .addScalar, number.scalar, number.scalar.negated) { $0 - number }
    return self
  }

  /// Multiplies each element by a number, and returns the tensor.
  @discardableResult
  public func mul_<S: TensorScalar>(_ number: S) -> Tensor {
    unaryInPlace("mul_", .multiplyScalar, number.scalar, number.scalar) { $0 * number }
    return self
  }

  /// Divides each element by a number, and returns the tensor.
  @discardableResult
  public func div_<S: TensorScalar>(_ number: S) -> Tensor {
    checkCanHold(.float32, "div_")
    unaryInPlace("div_", .divideScalar, number.scalar, number.scalar) { $0 / number }
    return self
  }

  // Each operator twice. A tensor is a reference, and its elements change under a `let` as well: that is the second kind,
  // without `inout`. But `x[mask] += y` works on a copy that has to be written back, and Swift writes back only what was
  // passed as `inout`. So whatever can be passed so goes to the first kind.

  /// Adds in place.
  public static func += (x: inout Tensor, y: Tensor) { x.add_(y) }
  /// Adds in place, also under a `let`.
  @_disfavoredOverload
  public static func += (x: Tensor, y: Tensor) { x.add_(y) }
  /// Subtracts in place.
  public static func -= (x: inout Tensor, y: Tensor) { x.sub_(y) }
  /// Subtracts in place, also under a `let`.
  @_disfavoredOverload
  public static func -= (x: Tensor, y: Tensor) { x.sub_(y) }
  /// Multiplies in place.
  public static func *= (x: inout Tensor, y: Tensor) { x.mul_(y) }
  /// Multiplies in place, also under a `let`.
  @_disfavoredOverload
  public static func *= (x: Tensor, y: Tensor) { x.mul_(y) }
  /// Divides in place.
  public static func /= (x: inout Tensor, y: Tensor) { x.div_(y) }
  /// Divides in place, also under a `let`.
  @_disfavoredOverload
  public static func /= (x: Tensor, y: Tensor) { x.div_(y) }
  /// Adds a number in place.
  public static func += <S: TensorScalar>(x: inout Tensor, number: S) { x.add_(number) }
  /// Adds a number in place, also under a `let`.
  @_disfavoredOverload
  public static func += <S: TensorScalar>(x: Tensor, number: S) { x.add_(number) }
  /// Subtracts a number in place.
  public static func -= <S: TensorScalar>(x: inout Tensor, number: S) { x.sub_(number) }
  /// Subtracts a number in place, also under a `let`.
  @_disfavoredOverload
  public static func -= <S: TensorScalar>(x: Tensor, number: S) { x.sub_(number) }
  /// Multiplies by a number in place.
  public static func *= <S: TensorScalar>(x: inout Tensor, number: S) { x.mul_(number) }
  /// Multiplies by a number in place, also under a `let`.
  @_disfavoredOverload
  public static func *= <S: TensorScalar>(x: Tensor, number: S) { x.mul_(number) }
  /// Divides by a number in place.
  public static func /= <S: TensorScalar>(x: inout Tensor, number: S) { x.div_(number) }
  /// Divides by a number in place, also under a `let`.
  @_disfavoredOverload
  public static func /= <S: TensorScalar>(x: Tensor, number: S) { x.div_(number) }
}

private func naturalLogarithm(_ x: Double) -> Double { log(x) }
