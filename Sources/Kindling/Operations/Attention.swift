// Attention, written as the formula stands. AttentionKernel.swift has the same in one pass.

/// Attention: for each query a mean of the values, weighted by how well their keys fit. softmax(Q Kᵀ · scale + mask) V.
///
/// The dimensions before the last two are batches and heads, which broadcast as in `matmul`.
///
/// Source: Vaswani and others, "Attention is all you need", arXiv:1706.03762.
///
/// - Parameters:
///   - query: Q, what is looked for, of shape [..., l, e]; float32 or float64.
///   - key: K, what each value can be found by, of shape [..., s, e], in the type of the query.
///   - value: V, what is mixed, of shape [..., s, d], in the type of the query.
///   - attnMask: What broadcasts to [..., l, s]: of bool, true where a query may look at a key; or numbers that are added to
///     the scores. A query that may look at nothing gets zeros.
///   - dropoutP: The probability that a weight is dropped, whether or not anything is being trained.
///   - isCausal: Whether query i may look at the keys 0 to i only. There can be no other mask then; else the program ends.
///   - scale: What the scores are multiplied by; 1/√e if nil, which keeps their variance at 1 if that of queries and keys is.
/// - Returns: One mixture for each query, of shape [..., l, d].
public func scaledDotProductAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, attnMask: Tensor? = nil, dropoutP: Double = 0,
  isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  checkAttention(query, key, attnMask, isCausal)
  if value.rank < 2 || value.size(-2) != key.size(-2) {
    failAttention(
      "values of shape \(value.shape) do not fit keys of shape \(key.shape): there must be one for each key")
  }
  if value.dtype != query.dtype {
    failAttention("queries of \(query.dtype) and values of \(value.dtype); convert one with to(_:)")
  }
  let scale = scale ?? attentionScale(query)
  if attnMask == nil && dropoutP == 0,
    let mixed = attentionByKernel(query, key, value, isCausal: isCausal, scale: scale)
  {
    return mixed
  }
  let weights = attentionWeights(query, key, attnMask: attnMask, isCausal: isCausal, scale: scale)
  return weights.dropout(dropoutP).matmul(value)
}

/// softmax(Q Kᵀ · scale + mask): how much each query takes of each value, of shape [..., l, s]. Each row has a sum of 1, or
/// where a query may look at nothing of 0.
package func attentionWeights(
  _ query: Tensor, _ key: Tensor, attnMask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  checkAttention(query, key, attnMask, isCausal)
  let scale = scale ?? attentionScale(query)
  // The queries are fewer numbers than the scores.
  var scores = (query * scale).matmul(key.transpose(-2, -1))
  if isCausal {
    // -∞ above the diagonal, where a query would look ahead; its exponential is 0.
    let shape: Shape = [query.size(-2), key.size(-2)]
    let ahead = Tensor.full(shape, -Double.infinity, dtype: query.dtype, device: query.device).triu(diagonal: 1)
    scores = scores + ahead
  }
  if let attnMask {
    checkMask(attnMask, scores)
    scores = scores + (attnMask.dtype == .bool ? hiding(attnMask, query) : attnMask)
  }
  return scores.softmax(dim: -1, .sharesOrZeros)
}

/// 1/√e, which keeps the variance of scores at 1 if that of queries and keys is.
private func attentionScale(_ query: Tensor) -> Double { 1 / Double(query.size(-1)).squareRoot() }

/// What hides from scores: -∞ where the mask is false, and 0 elsewhere, in the type of the queries.
private func hiding(_ mask: Tensor, _ query: Tensor) -> Tensor {
  Tensor.zeros(mask.shape, dtype: query.dtype, device: query.device)
    .maskedFill(mask.logicalNot(), -Double.infinity)
}

private func checkAttention(_ query: Tensor, _ key: Tensor, _ attnMask: Tensor?, _ isCausal: Bool) {
  if query.rank < 2 || key.rank < 2 || query.size(-1) != key.size(-1) {
    failAttention(
      "queries of shape \(query.shape) and keys of shape \(key.shape): each must have two dimensions or more, and the last of "
        + "them the same size")
  }
  if query.dtype != key.dtype || !query.dtype.isFloatingPoint {
    failAttention(
      "queries of \(query.dtype) and keys of \(key.dtype); both must be float32, or both float64; convert with to(_:)")
  }
  if isCausal && attnMask != nil {
    failAttention("isCausal is a mask already; leave out attnMask, or put both into one")
  }
}

private func checkMask(_ mask: Tensor, _ scores: Tensor) {
  if mask.dtype != .bool && mask.dtype != scores.dtype {
    failAttention("a mask of \(mask.dtype) for scores of \(scores.dtype); it must be bool or of their type")
  }
  if Shape.broadcast(mask.shape, scores.shape) != scores.shape {
    failAttention("a mask of shape \(mask.shape) does not broadcast to \(scores.shape), the shape of the scores")
  }
}

private func failAttention(_ problem: String) -> Never { fail("scaledDotProductAttention", problem) }
