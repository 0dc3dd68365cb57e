// Numbers written into parts of a tensor: gradH[h < 0] = 0, x[0, 1] = 2.5, mask[.all, 0] = true.
//
// If a Tensor itself could be written as a number, then in `x * 0.1` Swift would take 0.1 for a tensor, of float32, and
// lose digits of a float64 x. So the number has a type of its own, which has no operators, and subscripts that only a
// literal on the right of `=` makes Swift look for: `@_disfavoredOverload` leaves every other use to the usual ones.

/// A number, or `true` or `false`, on the right of `tensor[…] =`.
public struct NumberLiteral: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
  private let number: any TensorScalar

  /// A whole number.
  public init(integerLiteral value: Int) { number = value }
  /// A number with a point. An int64 tensor gets it cut towards 0.
  public init(floatLiteral value: Double) { number = value }
  /// A truth value.
  public init(booleanLiteral value: Bool) { number = value }

  /// The number as a tensor that fits `target`.
  fileprivate func tensor(for target: Tensor) -> Tensor {
    Tensor.full([], number, dtype: target.dtype, device: target.device)
  }

  fileprivate static func unreadable() -> NumberLiteral { fail("subscript", "a NumberLiteral can only be written") }
}

extension Tensor {
  /// Writes a number wherever a bool tensor is true, or to the places that an int64 tensor names.
  @_disfavoredOverload
  public subscript(_ index: Tensor) -> NumberLiteral {
    get { NumberLiteral.unreadable() }
    set { self[index] = newValue.tensor(for: self) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(_ a: some TensorIndex) -> NumberLiteral {
    get { NumberLiteral.unreadable() }
    set { self[a] = newValue.tensor(for: self) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex) -> NumberLiteral {
    get { NumberLiteral.unreadable() }
    set { self[a, b] = newValue.tensor(for: self) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex, _ c: some TensorIndex) -> NumberLiteral {
    get { NumberLiteral.unreadable() }
    set { self[a, b, c] = newValue.tensor(for: self) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(
    _ a: some TensorIndex, _ b: some TensorIndex, _ c: some TensorIndex, _ d: some TensorIndex
  ) -> NumberLiteral {
    get { NumberLiteral.unreadable() }
    set { self[a, b, c, d] = newValue.tensor(for: self) }
  }

  /// Writes a number into a part, by any number of indices, with tensors among them.
  @_disfavoredOverload
  public subscript<each Rest: SubscriptIndex>(_ first: some SubscriptIndex, _ rest: repeat each Rest) -> NumberLiteral {
    get { NumberLiteral.unreadable() }
    set { assign(newValue.tensor(for: self), to: IndexTerms(terms(first, repeat each rest), rank: rank)) }
    // Swift 6.3's compiler crashes at a subscript with any number of indices that has none of its own.
    _modify {
      var number = NumberLiteral.unreadable()
      yield &number
    }
  }
}
