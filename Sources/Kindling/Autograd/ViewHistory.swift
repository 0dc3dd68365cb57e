// Views and writes in place. A view holds its base, the tensor that it looks at. A recorded write, to the base or through
// one of its views, becomes part of the base's history, and the views find that out when they are next read: they take
// their history from the base again, as PyTorch has it.

extension Tensor {
  /// Whether operations on this tensor are recorded.
  var isTracked: Bool {
    @inline(__always) get { base == nil ? tracksGradient : viewIsTracked() }
  }

  /// Whether a write to this tensor has a history to become part of: its own, or that of the tensor it looks at.
  var writesAreTracked: Bool {
    @inline(__always) get { base == nil ? tracksGradient : viewIsTracked() || base!.tracksGradient }
  }

  @inline(never)
  private func viewIsTracked() -> Bool {
    followBase()
    return tracksGradient
  }

  /// Gives a view the history that its base has got since.
  func followBase() {
    guard let base, base.historyVersion != historyVersion else { return }
    historyVersion = base.historyVersion
    if !base.tracksGradient || base.storage !== storage { return }
    let (part, whole, old) = (layout, base.layout, node)
    attach(Node("as_strided", base) { dy, _ in dy.put(at: part, of: whole) })
    passKeep(from: old)
  }

  /// What keeps this tensor's gradient, `retainGrad()`, goes from the history that it had to the one that it has now.
  private func passKeep(from old: Node?) {
    guard let node, node !== old, let keep = old?.hooks?.keep else { return }
    old?.hooks?.keep = nil
    node.hooks = node.hooks ?? HookList()
    node.hooks?.keep = keep
  }

  // MARK: Recorded writes

  /// Writes over this tensor what `compute` makes of a copy of it, and makes that part of its history.
  func mutateRecorded(_ name: StaticString, _ compute: (_ before: Tensor) -> Tensor) {
    if isLeaf && tracksGradient {
      fail(
        "\(name)",
        "a leaf that requires a gradient cannot be written in place while operations are recorded; wrap an update of "
          + "weights in noGrad { }")
    }
    if let base, base.storage === storage {
      base.checkNoOverlap(name)
      let (part, whole) = (layout, base.layout)
      return base.mutateRecorded(name) { before in
        before.replacing(part, of: whole, with: compute(before.seen(at: part, of: whole)))
      }
    }
    let old = node
    let before = noGrad { clone() }
    before.node = node
    before.tracksGradient = tracksGradient
    // A write that spoiled this tensor for its history spoiled the copy too.
    before.storage.version = storage.version
    let computed = compute(before)
    let result = computed.dtype == dtype ? computed : computed.to(dtype)
    backend.copy(result.operand, into: operand)
    storage.version &+= 1
    historyVersion &+= 1
    node = result.node
    tracksGradient = node != nil
    node?.outputVersion = storage.version
    passKeep(from: old)
    if isWatched { watched(name, [before, result], writes: true) }
  }

  /// These elements and their history in another tensor. What is computed in order to be written to this tensor reads that
  /// one: a tensor whose history reads the tensor itself is a cycle, and stays until `backward()` frees the graph.
  func apartFromItself() -> Tensor {
    if !writesAreTracked { return self }
    if let base { return base.apartFromItself().seen(at: layout, of: base.layout) }
    let other = detach()
    other.node = node
    other.tracksGradient = tracksGradient
    return other
  }
}

extension Layout {
  /// The dimensions along which one element is seen many times, as `expand` makes them.
  fileprivate var repeated: [Int] { (0..<rank).filter { strides[$0] == 0 && shape[$0] > 1 } }

  /// The same without the repetitions.
  fileprivate var once: Layout {
    var sizes = shape
    for d in repeated { sizes[d] = 1 }
    return Layout(sizes, strides: strides, offset: offset)
  }

  /// This layout in a block of memory that begins with the first element of `whole`.
  fileprivate func beginning(_ whole: Layout) -> Layout {
    Layout(shape, strides: strides, offset: offset - whole.offset)
  }
}

extension Tensor {
  /// Memory for what lies in `whole`, uninitialised.
  private func memory(for whole: Layout) -> Tensor { uninitialized([whole.end - whole.offset + 1], dtype) }

  /// What a view placed at `part` shows of this tensor, if this one lies in memory as `whole`.
  private func seen(at part: Layout, of whole: Layout) -> Tensor {
    var source = self
    if strides != whole.strides {
      source = memory(for: whole).window(whole.beginning(whole))
      backend.copy(operand, into: source.operand)
    }
    let out = source.window(
      Layout(part.shape, strides: part.strides, offset: source.offset + part.offset - whole.offset))
    return out.recorded("as_strided", self) { dy, _ in dy.put(at: part, of: whole) }
  }

  /// The elements of this tensor where a view placed at `part` shows them of `whole`, and 0 in the rest of it: the gradient
  /// of `seen(at:of:)`. What the view shows many times is added up.
  private func put(at part: Layout, of whole: Layout) -> Tensor {
    let x = part.repeated.isEmpty ? self : sum(dims: part.repeated, keepDim: true)
    let part = part.once
    let memory = memory(for: whole)
    memory.backend.fill(memory.operand, Scalar(0.0))
    memory.backend.copy(x.operand, into: memory.operand.with(part.beginning(whole)))
    let out = memory.window(whole.beginning(whole))
    return out.recorded("put", x) { dy, _ in dy.seen(at: part, of: whole) }
  }

  /// A copy of this tensor, which lies in memory as `whole`, with `value` in the place of `part`.
  private func replacing(_ part: Layout, of whole: Layout, with value: Tensor) -> Tensor {
    let memory = memory(for: whole)
    let out = memory.window(whole.beginning(whole))
    memory.backend.copy(operand, into: out.operand)
    memory.backend.copy(value.operand, into: memory.operand.with(part.beginning(whole)))
    return out.recorded(
      "slice_assign", self, value,
      { dy, _ in dy.replacing(part, of: whole, with: Tensor.zeros([], dtype: dy.dtype, device: dy.device)) },
      { dy, _ in dy.seen(at: part, of: whole) })
  }
}
