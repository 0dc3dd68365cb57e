extension Tensor {
  /// The rows of `weight` that these indices, int64 or int32, name: of shape [n, d] it makes of indices of shape […] one of […, d].
  ///
  /// The gradient of a row is the sum over the places where it stands.
  ///
  /// - Parameters:
  ///   - weight: A table, a row for each index.
  ///   - paddingIndex: A row that takes no gradient from here, counted from the end if negative: it stands for nothing.
  public func embedding(_ weight: Tensor, paddingIndex: Int? = nil) -> Tensor {
    if !dtype.isInteger {
      fail("embedding", "the indices are \(dtype), and must be int64 or int32; convert with to(.int64)")
    }
    if weight.rank != 2 {
      fail("embedding", "the weight has shape \(weight.shape), and must be a table: a row for each index")
    }
    let padding = paddingIndex.map { Tensor.checkedPadding($0, rows: weight.shape[0], in: "embedding") }
    let places = weight.spread(flatten(), along: 0, weight.shape, "embedding")
    let rows = weight.gather(0, places, as: "embedding").reshape(shape.inserting(weight.shape[1], at: rank))
    guard let padding, weight.requiresGrad else { return rows }
    return Tensor.where((self == padding).unsqueeze(-1), rows.detach(), rows)
  }

  /// The row that a padding index names, counted from the start. Ends the program if there is none.
  package static func checkedPadding(_ index: Int, rows: Int, in operation: String) -> Int {
    if index < -rows || index >= rows {
      fail(operation, "a paddingIndex of \(index) for \(rows) rows; it can be \(-rows) to \(rows - 1)")
    }
    return index < 0 ? index + rows : index
  }
}
