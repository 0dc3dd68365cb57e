import Kindling

extension PageData {
  /// Where tokens look: weights of attention, which a page draws layer by layer and head by head.
  ///
  /// ```swift
  /// let (_, weights) = attention(x, x, x, averageAttnWeights: false)  // a MultiheadAttention; [heads, length, length]
  /// let looks = PageData.Attention(queries: ["a", "n", "n", "a"], layers: [weights!])
  /// try walkthrough.writePage(to: "page.html", attention: looks)
  /// ```
  public struct Attention: Encodable {
    struct Layer: Encodable {
      var heads: Int
      /// Base64 of float32, [heads, queries, keys].
      var weights: String
    }

    let queries, keys: [String]
    let layers: [Layer]

    /// The weights of layers, first to last.
    ///
    /// - Parameters:
    ///   - queries: The tokens that look, in the words of the page's reader; each is a row.
    ///   - keys: Those that are looked at, each a column; the same if nil.
    ///   - layers: For each layer the weights, [heads, queries, keys], on any device. Other shapes end the program. Where a layer
    ///     has nothing but zeros above the diagonal, the page says that what comes later is not seen.
    public init(queries: [String], keys: [String]? = nil, layers: [Tensor]) {
      (self.queries, self.keys) = (queries, keys ?? queries)
      let shape = [queries.count, self.keys.count]
      self.layers = layers.map { weights in
        if weights.rank != 3 || Array(weights.shape.dropFirst()) != shape || weights.elementCount == 0 {
          fail(
            "PageData.Attention",
            "the weights of a layer have the shape \(weights.shape), and of \(shape[0]) queries and \(shape[1]) keys it must be "
              + "[heads, \(shape[0]), \(shape[1])]; choose one sample of a batch")
        }
        return Layer(heads: weights.shape[0], weights: unwatched { noGrad { weights.to(.cpu).to(.float32).base64 } })
      }
    }
  }
}
