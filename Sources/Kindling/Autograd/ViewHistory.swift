// Views and writes in place. A view holds its base, the tensor that it looks at. A recorded write, to the base or through
// one of its views, becomes part of the base's history, and the views find that out when they are next read: they take
// their history from the base again, as PyTorch has it.

extension Tensor {
  /// Whether operations on this tensor are recorded.
  final var isTracked: Bool {
    @inline(__always) get { base == nil ? tracksGradient : viewIsTracked() }
  }

  /// Whether a write to this tensor has a history to become part of: its own, or that of the tensor it looks at.
  final var writesAreTracked: Bool {
    @inline(__always) get { base == nil ? tracksGradient : viewIsTracked() || base!.tracksGradient }
  }

  @inline(never)
  private final func viewIsTracked() -> Bool {
    followBase()
    return tracksGradient
  }

  /// Gives a view the history that its base has got since.
  final func followBase() {
    guard let base, base.historyVersion != historyVersion else { return }
    historyVersion = base.historyVersion
    if !base.tracksGradient || base.storage !== storage { return }
    let (part, whole) = (Placement(self), Placement(base))
    attach(Node("as_strided", base) { dy, _ in dy.moved(from: part, to: whole) })
  }

  // MARK: Recorded writes

  /// Writes over this tensor what `compute` makes of a copy of it, and makes that part of its history.
  final func mutateRecorded(_ name: StaticString, _ compute: (_ before: Tensor) -> Tensor) {
    if isLeaf && tracksGradient {
      fail(
        "\(name)",
        "a leaf that requires a gradient cannot be written in place while operations are recorded; wrap an update of "
          + "weights in noGrad { }")
    }
    if let base, base.storage === storage {
      base.checkNoOverlap(name)
      let (part, whole) = (Placement(self), Placement(base))
      return base.mutateRecorded(name) { before in
        before.replacing(part, of: whole, with: compute(before.moved(from: whole, to: part)))
      }
    }
    let before = noGrad { clone() }
    before.node = node
    before.tracksGradient = tracksGradient
    // A write that spoiled this tensor for its history spoiled the copy too.
    before.storage.version = storage.version
    let computed = compute(before)
    let result = computed.dtype == dtype ? computed : computed.to(dtype)
    backend.copy(result, into: self)
    storage.version &+= 1
    historyVersion &+= 1
    node = result.node
    tracksGradient = node != nil
    node?.outputVersion = storage.version
  }

  /// These elements and their history in another tensor. What is computed in order to be written to this tensor reads that
  /// one: a tensor whose history reads the tensor itself is a cycle, and stays until `backward()` frees the graph.
  final func apartFromItself() -> Tensor {
    if !writesAreTracked { return self }
    if let base { return base.apartFromItself().moved(from: Placement(base), to: Placement(self)) }
    let other = detach()
    other.node = node
    other.tracksGradient = tracksGradient
    return other
  }
}

/// Where the elements of a tensor lie in memory.
private struct Placement {
  var shape: Shape
  let strides: Shape
  let offset: Int

  init(_ tensor: Tensor) {
    shape = tensor.shape
    strides = tensor.strides
    offset = tensor.offset
  }

  /// The dimensions along which one element is seen many times, as `expand` makes them.
  var repeated: [Int] { (0..<shape.count).filter { strides[$0] == 0 && shape[$0] > 1 } }

  /// The same without the repetitions.
  var once: Placement {
    var result = self
    for d in repeated { result.shape[d] = 1 }
    return result
  }

  /// Where the last element lies.
  var end: Int { (0..<shape.count).reduce(offset) { $0 + Swift.max(shape[$1] - 1, 0) * strides[$1] } }

  /// This placement in a block of memory that begins with the first element of `whole`.
  func window(on memory: Tensor, beginning whole: Placement) -> Tensor {
    memory.window(shape, strides, offset: offset - whole.offset)
  }
}

extension Tensor {
  /// Memory for what lies in `whole`, uninitialised.
  private final func memory(for whole: Placement) -> Tensor { uninitialized([whole.end - whole.offset + 1], dtype) }

  /// The elements of this tensor, put where `source` has them in memory and read where `target` has them; 0 where
  /// `source` has none. One of the two is part of the other. What `source` sees many times is added up.
  private final func moved(from source: Placement, to target: Placement) -> Tensor {
    let x = source.repeated.isEmpty ? self : sum(dims: source.repeated, keepDim: true)
    let source = source.once
    let out: Tensor
    if source.offset <= target.offset && target.end <= source.end && x.strides == source.strides {
      // It lies so already.
      out = x.window(target.shape, target.strides, offset: x.offset + target.offset - source.offset)
    } else {
      let whole = source.end - source.offset > target.end - target.offset ? source : target
      let memory = memory(for: whole)
      memory.backend.fill(memory, Scalar(0.0))
      memory.backend.copy(x, into: source.window(on: memory, beginning: whole))
      out = target.window(on: memory, beginning: whole)
    }
    return out.recorded("as_strided", x) { dy, _ in dy.moved(from: target, to: source) }
  }

  /// A copy of this tensor, which lies in memory as `whole`, with `value` in the place of `part`.
  private final func replacing(_ part: Placement, of whole: Placement, with value: Tensor) -> Tensor {
    let memory = memory(for: whole)
    let out = whole.window(on: memory, beginning: whole)
    memory.backend.copy(self, into: out)
    memory.backend.copy(value, into: part.window(on: memory, beginning: whole))
    return out.recorded(
      "slice_assign", self, value,
      { dy, _ in dy.replacing(part, of: whole, with: Tensor.zeros([], dtype: dy.dtype, device: dy.device)) },
      { dy, _ in dy.moved(from: whole, to: part) })
  }
}
