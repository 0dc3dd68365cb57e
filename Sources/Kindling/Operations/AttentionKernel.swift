import Kernels

// Attention head by head, where the device has a kernel for it: what the formula in Attention.swift gives, without a tensor
// of all heads for each of its steps. A derivative that is itself to be differentiated is the formula's, and so is what
// somebody looks at step by step.

/// softmax(Q Kᵀ · scale) V without a mask or with the causal one; nil where no kernel takes these tensors.
package func attentionByKernel(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, isCausal: Bool, scale: Double
) -> Tensor? {
  guard query.backend.fusesAttention, !showsEachStep, let sizes = KernelAttention(query, key, value, isCausal, scale)
  else { return nil }
  let weights = query.uninitialized(
    [Int(sizes.batch), Int(sizes.heads), Int(sizes.queries), Int(sizes.keys)], query.dtype)
  let out = Tensor(headsOf: query, rows: query.size(-2), width: value.size(-1))
  withExtendedLifetime(weights) {
    query.backend.attention(query.dtype, sizes, KernelAttentionArrays(query, key, value, weights, out))
  }
  return out.recorded("scaled_dot_product_attention", [query, key, value]) { dy, saved in
    isGradEnabled
      ? attentionGradientFormula(dy, saved[0], saved[1], saved[2], isCausal: isCausal, scale: scale)
      : attentionGradients(dy, saved, sizes, weights)
  }
}

/// The gradients that are wanted, of queries, keys and values.
private func attentionGradients(_ dy: Tensor, _ saved: Saved, _ sizes: KernelAttention, _ weights: Tensor) -> [Tensor?]
{
  let wants = (query: saved.wants(0), key: saved.wants(1), value: saved.wants(2))
  // What no wanted gradient needs may have been written in place since. It is not read; dy stands in its place.
  let query = wants.key ? saved[0] : dy
  let key = wants.query ? saved[1] : dy
  let value = wants.query || wants.key ? saved[2] : dy
  func gradient(_ isWanted: Bool, _ rows: Int64, _ width: Int64) -> Tensor? {
    isWanted ? Tensor(headsOf: dy, rows: Int(rows), width: Int(width)) : nil
  }
  let gradients = [
    gradient(wants.query, sizes.queries, sizes.width), gradient(wants.key, sizes.keys, sizes.width),
    gradient(wants.value, sizes.keys, sizes.valueWidth),
  ]
  withExtendedLifetime(weights) {
    dy.backend.attentionGradient(
      dy.dtype, sizes, KernelAttentionArrays(query, key, value, weights, dy),
      KernelAttentionGradients(
        query: gradients[0]?.pointer, key: gradients[1]?.pointer, value: gradients[2]?.pointer))
  }
  return gradients
}

/// The gradients of queries, keys and values. With the weights P and what arrives at them, dP = dy Vᵀ, a score's is
///
///     dS = P ∘ (dP - Σ dP ∘ P) · scale
///
/// with ∘ element by element and Σ along a row.
private func attentionGradientFormula(
  _ dy: Tensor, _ query: Tensor, _ key: Tensor, _ value: Tensor, isCausal: Bool, scale: Double
) -> [Tensor] {
  let weights = attentionWeights(query, key, isCausal: isCausal, scale: scale)
  let dWeights = dy.matmul(value.transpose(-2, -1))
  let dScores = weights * (dWeights - (dWeights * weights).sum(dim: -1, keepDim: true)) * scale
  return [
    dScores.matmul(key), dScores.transpose(-2, -1).matmul(query), weights.transpose(-2, -1).matmul(dy),
  ]
}

extension Tensor {
  /// Rows for each batch and head of `x`, with whatever the memory holds. There the heads of a row lie side by side, as they
  /// come from one linear layer and go into another, which then need no copy.
  fileprivate convenience init(headsOf x: Tensor, rows: Int, width: Int) {
    let heads = x.rank == 4 ? x.shape[1] : 1
    let memory = Layout([x.shape[0], rows, heads, width]).transposed(1, 2)
    self.init(
      Storage.make(memory, x.dtype, x.backend), x.rank == 4 ? memory : memory.removing(1), x.dtype)
  }

  /// [batch, heads, rows, width]; of three dimensions as one head.
  fileprivate var heads: Operand { operand.with(rank == 4 ? layout : layout.inserting(1)) }
}

extension KernelAttention {
  /// The sizes; nil where these tensors are not of one type, place and number of heads, or where one is empty.
  fileprivate init?(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ isCausal: Bool, _ scale: Double) {
    let rank = query.rank
    let batch = Array(query.shape.dropLast(2))
    for x in [query, key, value] {
      if x.rank != rank || Array(x.shape.dropLast(2)) != batch || x.elementCount == 0 { return nil }
      if x.dtype != query.dtype || x.backend !== query.backend { return nil }
    }
    guard 3...4 ~= rank else { return nil }
    self.init(
      batch: Int64(batch[0]), heads: Int64(rank == 4 ? batch[1] : 1), queries: Int64(query.size(-2)),
      keys: Int64(key.size(-2)), width: Int64(query.size(-1)), valueWidth: Int64(value.size(-1)),
      isCausal: isCausal ? 1 : 0, scale: scale)
  }
}

extension KernelAttentionArrays {
  fileprivate init(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ weights: Tensor, _ out: Tensor) {
    self.init(
      query: query.heads.kernel, key: key.heads.kernel, value: value.heads.kernel, weights: weights.pointer,
      out: out.heads.kernel)
  }
}
