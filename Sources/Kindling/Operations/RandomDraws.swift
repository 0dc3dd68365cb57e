// Draws from probabilities that a tensor holds. With a generator of the CPU they are PyTorch's.

extension Tensor {
  /// For each element, a probability, 1 with that probability and else 0.
  public func bernoulli(generator: Generator? = nil) -> Tensor {
    checkProbabilities("bernoulli")
    return within {
      if !(self >= 0).logicalAnd(self <= 1).all().item(as: Bool.self) {
        fail("bernoulli", "there are elements that are no probabilities; they must be 0 to 1")
      }
      return (Tensor.randLike(self, generator: generator) < self).to(dtype)
    }
  }

  /// Indices drawn with the probabilities that a vector, or each row of a matrix, holds: weights that need not add up to 1.
  ///
  /// - Parameters:
  ///   - count: How many are drawn, of each row.
  ///   - replacement: Whether an index can be drawn more than once.
  ///   - generator: What they are drawn from; the thread's own if nil.
  public func multinomial(_ count: Int, replacement: Bool = false, generator: Generator? = nil) -> Tensor {
    checkProbabilities("multinomial")
    if rank != 1 && rank != 2 { fail("multinomial", "shape \(shape) is neither a vector nor a matrix") }
    if count < 1 { fail("multinomial", "\(count) draws") }
    if !replacement && count > size(-1) {
      fail("multinomial", "\(count) draws without replacement from \(size(-1)) weights")
    }
    return within {
      let isValid = isFinite().all().item(as: Bool.self) && !(self < 0).any().item(as: Bool.self)
      if !isValid || !(sum(dim: -1) > 0).all().item(as: Bool.self) {
        fail("multinomial", "weights must be finite and not negative, and some of each row not 0")
      }
      if replacement && count > 1 { return drawnAgain(count, generator) }
      // The first of exponential waiting times: each weight is a rate.
      let times = -(-Tensor.rand(shape, dtype: .float64, device: device, generator: generator)).log1p()
      let rates = self / times.to(dtype)
      return count == 1 ? rates.argmax(dim: -1, keepDim: true) : rates.topk(count).indices
    }
  }

  /// For each draw the first index up to which the weights add up to at least a random share of all.
  private func drawnAgain(_ count: Int, _ generator: Generator?) -> Tensor {
    let shares = cumsum(dim: -1)
    let shape = Shape(self.shape.dropLast() + [count])
    let draws = Tensor.rand(shape, dtype: .float64, device: device, generator: generator).unsqueeze(-1)
    let total = shares.narrow(dim: -1, start: size(-1) - 1, length: 1)
    return ((shares / total).unsqueeze(-2).to(.float64) < draws).sum(dim: -1)
  }

  private func checkProbabilities(_ name: String) {
    if !dtype.isFloatingPoint { fail(name, "probabilities of \(dtype); they must be float32 or float64") }
  }
}
