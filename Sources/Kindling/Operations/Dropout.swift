extension Tensor {
  /// In training, sets each element to 0 with probability p and scales the others by 1/(1 - p), so that the mean stays; else
  /// gives the tensor back. The places are PyTorch's for the same seed.
  ///
  /// Source: Hinton and others, "Improving neural networks by preventing co-adaptation of feature detectors",
  /// arXiv:1207.0580.
  public func dropout(_ p: Double = 0.5, training: Bool = true) -> Tensor {
    if !(0...1).contains(p) { fail("dropout", "\(p) is no probability; it must be 0 to 1") }
    if !training || p == 0 { return self }
    if p == 1 { return self * 0.0 }
    return self * Tensor(uninitializedLike: self).bernoulli_(1 - p).div_(1 - p)
  }
}
