// Numbers written into parts of a tensor: gradH[h < 0] = 0, x[0, 1] = 2.5, x[i] = rate, mask[.all, 0] = true.
//
// If a Tensor itself could be written as a number, then in `x * 0.1` Swift would take 0.1 for a tensor, of float32, and
// lose digits of a float64 x. So these subscripts take any number, literal or variable, as `any TensorScalar`, to which Swift
// converts by itself. It looks for them only if what stands on the right of `=` is no tensor: `@_disfavoredOverload` leaves
// every other use to the usual ones. They can only be written.

extension Tensor {
  /// A number as a tensor that fits this one.
  private func tensor(of number: any TensorScalar) -> Tensor { Tensor.full([], number, dtype: dtype, device: device) }

  private func unreadable() -> any TensorScalar { fail("subscript", "read a number with item()") }

  /// Writes a number wherever a bool tensor is true, or to the places that a tensor of integers names.
  @_disfavoredOverload
  public subscript(_ index: Tensor) -> any TensorScalar {
    get { unreadable() }
    set { self[index] = tensor(of: newValue) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(_ a: some TensorIndex) -> any TensorScalar {
    get { unreadable() }
    set { self[a] = tensor(of: newValue) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex) -> any TensorScalar {
    get { unreadable() }
    set { self[a, b] = tensor(of: newValue) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(_ a: some TensorIndex, _ b: some TensorIndex, _ c: some TensorIndex) -> any TensorScalar {
    get { unreadable() }
    set { self[a, b, c] = tensor(of: newValue) }
  }

  /// Writes a number into a part.
  @_disfavoredOverload
  public subscript(
    _ a: some TensorIndex, _ b: some TensorIndex, _ c: some TensorIndex, _ d: some TensorIndex
  ) -> any TensorScalar {
    get { unreadable() }
    set { self[a, b, c, d] = tensor(of: newValue) }
  }

  /// Writes a number into a part, by any number of indices, with tensors among them.
  @_disfavoredOverload
  public subscript<each Rest: SubscriptIndex>(_ first: some SubscriptIndex, _ rest: repeat each Rest)
    -> any TensorScalar
  {
    get { unreadable() }
    set { assign(tensor(of: newValue), to: IndexTerms(terms(first, repeat each rest), rank: rank)) }
    // Swift 6.3's compiler crashes at a subscript with any number of indices that has none of its own.
    _modify {
      var number = unreadable()
      yield &number
    }
  }
}
