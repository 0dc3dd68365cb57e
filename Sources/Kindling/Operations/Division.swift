import Kernels

// Division that is rounded down, as `%` and `//` of Python do it, and what is left of it.

extension Tensor {
  /// What is left of each element of x divided by that of y: x - y · floor(x / y). It has the sign of the divisor, as in Python,
  /// and not that of x, as in Swift.
  ///
  /// A float divided by 0 leaves NaN. Ends the program for an integer divided by 0.
  public static func % (x: Tensor, y: Tensor) -> Tensor {
    let (x, y) = (x.numeric(beside: y), y.numeric(beside: x))
    x.checkDivisor(y, "remainder")
    // x - y · floor(x / y), of which the floor is constant between its steps.
    return x.binary(
      "remainder", .remainder, y, { dy, _ in dy }, { dy, saved in -dy * saved[0].floorDivide(saved[1]) })
  }

  /// What is left of each element divided by a number, with the number's sign.
  public static func % <S: TensorScalar>(x: Tensor, number: S) -> Tensor { x % x.beside(number.scalar) }
  /// What is left of a number divided by each element, with the element's sign.
  public static func % <S: TensorScalar>(number: S, x: Tensor) -> Tensor { x.beside(number.scalar) % x }

  /// What is left of each element divided by that of `other`: the same as `%`.
  public func remainder(_ other: Tensor) -> Tensor { self % other }
  /// What is left of each element divided by a number: the same as `%`.
  public func remainder<S: TensorScalar>(_ number: S) -> Tensor { self % number }

  /// Each element divided by that of `other`, and rounded down: Python's `//`. Integers stay integers. The gradient is 0.
  ///
  /// A float divided by 0 gives an infinity or NaN. Ends the program for an integer divided by 0.
  public func floorDivide(_ other: Tensor) -> Tensor {
    let (x, y) = (numeric(beside: other), other.numeric(beside: self))
    x.checkDivisor(y, "floor_divide")
    return x.binary(
      "floor_divide", .floorDivide, y, { dy, _ in Tensor.zerosLike(dy) }, { dy, _ in Tensor.zerosLike(dy) })
  }

  /// Each element divided by a number, and rounded down.
  public func floorDivide<S: TensorScalar>(_ number: S) -> Tensor { floorDivide(beside(number.scalar)) }

  /// Ends the program where an integer would be divided by 0.
  private func checkDivisor(_ divisor: Tensor, _ name: StaticString) {
    if dtype.isFloatingPoint || divisor.dtype.isFloatingPoint { return }
    if within({ (divisor == 0).any().item(as: Bool.self) }) {
      fail("\(name)", "an integer is divided by 0; convert with to(.float32) for infinities and NaN")
    }
  }
}
