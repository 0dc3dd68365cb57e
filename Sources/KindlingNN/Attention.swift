import Kindling

/// Attention with several heads: each looks at queries, keys and values through weights of its own, and what they find is put
/// side by side and mixed. The formula of a head stands at `scaledDotProductAttention`.
///
/// Sequences are [length, samples, embedDim], or [samples, length, embedDim] with `batchFirst`; or [length, embedDim] for
/// one alone.
///
/// Source: Vaswani and others, "Attention is all you need", arXiv:1706.03762.
public final class MultiheadAttention: ModuleBase {
  /// The weights that make queries, keys and values, one below the other, of shape [3 embedDim, embedDim].
  public var inProjWeight: Parameter
  /// What is added to them, of shape [3 embedDim], unless the layer was made without.
  public var inProjBias: Parameter?
  /// Mixes what the heads have found.
  public let outProj: Linear
  /// How many heads there are.
  public let numHeads: Int
  /// The probability that a weight of attention is dropped in training.
  public let dropout: Double
  /// Whether the samples are the first dimension, and not the second.
  public let batchFirst: Bool

  /// The size of each place in a sequence.
  public var embedDim: Int { inProjWeight.shape[1] }

  /// A layer with PyTorch's first numbers for the same seed.
  ///
  /// - Parameters:
  ///   - embedDim: The size of each place in a sequence. It must be a multiple of `numHeads`; else the program ends.
  ///   - numHeads: How many heads there are.
  ///   - dropout: The probability that a weight of attention is dropped in training.
  ///   - bias: Whether something is added to queries, keys, values and the result.
  ///   - batchFirst: Whether the samples are the first dimension, and not the second.
  ///   - device: Where the numbers lie.
  ///   - dtype: float32 or float64.
  public init(
    _ embedDim: Int, _ numHeads: Int, dropout: Double = 0, bias: Bool = true, batchFirst: Bool = false,
    device: Device = .cpu, dtype: DType = .float32
  ) {
    if embedDim < 1 || numHeads < 1 || embedDim % numHeads != 0 {
      fail(
        "MultiheadAttention",
        "an embedDim of \(embedDim) for \(numHeads) heads; both must be 1 or more, and the first a multiple of the second"
      )
    }
    if !(0...1).contains(dropout) {
      fail("MultiheadAttention", "a dropout of \(dropout) is no probability; it must be 0 to 1")
    }
    (self.numHeads, self.dropout, self.batchFirst) = (numHeads, dropout, batchFirst)
    // In PyTorch's order, so that the same seed gives the same numbers.
    let out = Linear(embedDim, embedDim, bias: bias, device: device, dtype: dtype)
    outProj = out
    let weight = Tensor.zeros(3 * embedDim, embedDim, dtype: dtype, device: device)
    Init.xavierUniform_(weight)
    inProjWeight = Parameter(weight)
    guard bias else { return }
    inProjBias = Parameter(Tensor.zeros(3 * embedDim, dtype: dtype, device: device))
    noGrad { _ = out.bias?.zero_() }
  }

  /// What each query finds, and where it looked.
  ///
  /// - Parameters:
  ///   - query: What is looked for.
  ///   - key: What each value can be found by.
  ///   - value: What is mixed, as many as there are keys.
  ///   - keyPaddingMask: Keys not to look at: of bool, true for those, of shape [samples, keys]; or numbers that are added to
  ///     the scores.
  ///   - needWeights: Whether the weights of attention are wanted too.
  ///   - attnMask: Of bool, true where a query may **not** look at a key (in `scaledDotProductAttention` true is where it
  ///     may), of shape [queries, keys] or [samples · heads, queries, keys]; or numbers that are added to the scores.
  ///   - averageAttnWeights: Whether the weights are the mean over the heads.
  ///   - isCausal: Whether query i may look at the keys 0 to i only.
  /// - Returns: A sequence as long as the queries, and the weights of shape [samples, queries, keys], or
  ///   [samples, heads, queries, keys] without the mean.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keyPaddingMask: Tensor? = nil, needWeights: Bool = true,
    attnMask: Tensor? = nil, averageAttnWeights: Bool = true, isCausal: Bool = false
  ) -> (output: Tensor, weights: Tensor?) {
    checkShapes(query, key, value)
    let isOne = query.rank == 2
    var weights: Tensor?
    let output = runHooks(query) { query in
      let projected = zip([query, key, value], projections()).map { x, projection in
        heads(inOrder(x), projection.weight, projection.bias)
      }
      let (q, k, v) = (projected[0], projected[1], projected[2])  // [samples, heads, length, embedDim / heads]
      let mask = mask(attnMask, keyPaddingMask, q, k, isCausal)
      let w = attentionWeights(q, k, attnMask: mask, isCausal: isCausal && mask == nil)
      let dropped = w.dropout(dropout, training: isTraining)
      if needWeights { weights = averageAttnWeights ? dropped.mean(dim: 1) : dropped }
      // The heads side by side again: [samples, length, embedDim]
      let found = outProj(dropped.matmul(v).transpose(1, 2).flatten(startDim: 2))
      return isOne ? found.squeeze(0) : batchFirst ? found : found.transpose(0, 1)
    }
    return (output, isOne ? weights?.squeeze(0) : weights)
  }

  /// A sequence, or several, as [samples, length, embedDim].
  private func inOrder(_ x: Tensor) -> Tensor {
    x.rank == 2 ? x.unsqueeze(0) : batchFirst ? x : x.transpose(0, 1)
  }

  /// The weights and summands of queries, keys and values.
  private func projections() -> [(weight: Tensor, bias: Tensor?)] {
    (0..<3).map { i in
      let rows = i * embedDim..<(i + 1) * embedDim
      return (inProjWeight[rows], inProjBias.map { $0[rows] })
    }
  }

  /// x Wᵀ + b, cut into heads: [samples, heads, length, embedDim / heads].
  private func heads(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let sum = bias.map { x.matmul(weight.t(), plus: $0) } ?? x.matmul(weight.t())
    return sum.reshape([x.shape[0], x.shape[1], numHeads, embedDim / numHeads]).transpose(1, 2)
  }

  /// Both masks as numbers to add to the scores, [samples, heads, queries, keys] or what broadcasts to that; nil if there is none.
  private func mask(_ attnMask: Tensor?, _ keyPaddingMask: Tensor?, _ q: Tensor, _ k: Tensor, _ isCausal: Bool)
    -> Tensor?
  {
    func added(_ mask: Tensor) -> Tensor {
      if mask.dtype != .bool { return mask }
      return Tensor.zeros(mask.shape, dtype: q.dtype, device: q.device).maskedFill(mask, -Double.infinity)
    }
    let (samples, queries, keys) = (q.shape[0], q.size(-2), k.size(-2))
    var masks: [Tensor] = []
    if let attnMask {
      if attnMask.shape == [queries, keys] {
        masks.append(added(attnMask))
      } else if attnMask.shape == [samples * numHeads, queries, keys] {
        masks.append(added(attnMask).reshape([samples, numHeads, queries, keys]))
      } else {
        fail(
          "MultiheadAttention",
          "an attnMask of shape \(attnMask.shape); it must be \(Shape([queries, keys])) or "
            + "\(Shape([samples * numHeads, queries, keys]))")
      }
    }
    if let keyPaddingMask {
      if keyPaddingMask.elementCount != samples * keys || keyPaddingMask.shape.last != keys {
        fail(
          "MultiheadAttention",
          "a keyPaddingMask of shape \(keyPaddingMask.shape); it must be \(Shape([samples, keys])), one row for each sample"
        )
      }
      masks.append(added(keyPaddingMask).reshape([samples, 1, 1, keys]))
    }
    if isCausal && !masks.isEmpty {
      masks.append(added(Tensor.ones(queries, keys, dtype: .bool, device: q.device).triu(diagonal: 1)))
    }
    return masks.isEmpty ? nil : masks.dropFirst().reduce(masks[0], +)
  }

  private func checkShapes(_ query: Tensor, _ key: Tensor, _ value: Tensor) {
    let samples = batchFirst ? 0 : 1
    let all = [query, key, value]
    let fit =
      (query.rank == 2 || query.rank == 3)
      && all.allSatisfy { $0.rank == query.rank && $0.size(-1) == embedDim }
      && key.shape == value.shape && (query.rank == 2 || key.shape[samples] == query.shape[samples])
    if !fit {
      fail(
        "MultiheadAttention",
        "queries, keys and values of shapes \(query.shape), \(key.shape) and \(value.shape); they must be "
          + "\(batchFirst ? "[samples, length, \(embedDim)]" : "[length, samples, \(embedDim)]"), or all "
          + "[length, \(embedDim)], with a value for each key")
    }
  }

  override func members() -> [NamedMember] {
    [
      ("in_proj_weight", .parameter(inProjWeight)), inProjBias.map { ("in_proj_bias", .parameter($0)) },
      ("out_proj", .module(outProj)),
    ].compactMap { $0 }
  }
}
