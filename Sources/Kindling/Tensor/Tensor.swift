/// Numbers in a grid of any number of dimensions, that can remember how they were computed.
///
/// A tensor is a window on a `Storage`: a shape, a stride for each dimension, and an offset. Many tensors can look at one
/// storage, so `t()`, `x[0]` or `expand(_:)` cost nothing and see each other's writes. As in PyTorch a tensor is a
/// reference: `w -= 0.1 * g` changes the elements of `w`, whoever else holds it.
open class Tensor {
  // Swift checks each access to a variable of a class for another one that overlaps it. Here every operation reads a
  // handful, nothing is read while it is written, and the checks would be a tenth of a small operation.

  /// The memory that this tensor looks at, how its elements lie there, and what they are.
  @exclusivity(unchecked) package final private(set) var operand: Operand

  // What autograd keeps with a tensor; see Autograd/.

  /// The gradient that `backward()` has accumulated here, of this tensor's shape and type; nil before the first.
  @exclusivity(unchecked) public final var grad: Tensor? {
    didSet { if let grad { checkGradient(grad) } }
  }
  /// The recorded operation that computed this tensor; nil for a leaf.
  @exclusivity(unchecked) package final var node: Node?
  @exclusivity(unchecked) final var tracksGradient: Bool
  /// The tensor that this is a view of, never a view itself; nil for a tensor in its own right. See ViewHistory.swift.
  @exclusivity(unchecked) final var base: Tensor?
  /// Counts what gives this tensor another history. In a view, as far as the view has followed its base.
  @exclusivity(unchecked) final var historyVersion: UInt32
  final var leafHooks: HookList?

  /// A tensor over existing storage; with `base` a view of that tensor.
  package init(_ storage: Storage, _ layout: Layout, _ dtype: DType, base: Tensor? = nil) {
    operand = Operand(storage, layout, dtype)
    self.base = base
    historyVersion = base?.historyVersion ?? 0
    tracksGradient = false
  }

  /// A tensor over storage of its own, with whatever the memory holds.
  package convenience init(uninitialized shape: Shape, _ dtype: DType, _ backend: any Backend) {
    self.init(uninitialized: Layout(shape), dtype, backend)
  }

  /// The same in the shape of another tensor, whose packed layout the two then share.
  convenience init(uninitialized layout: Layout, _ dtype: DType, _ backend: any Backend) {
    self.init(Storage.make(layout, dtype, backend), layout, dtype)
  }

  /// A leaf that shares the elements of `tensor`: what `Parameter` and `Buffer` are made with.
  public init(sharing tensor: Tensor, requiresGrad: Bool) {
    operand = Operand(tensor.storage, tensor.layout, tensor.dtype)
    historyVersion = 0
    tracksGradient = requiresGrad
    if requiresGrad { checkCanRequireGrad() }
  }

  /// This view, of a tensor that nobody else can reach, as a tensor in its own right.
  final func asOwner() -> Tensor {
    base = nil
    return self
  }

  /// Whether no other tensor looks at this one's storage. A base that only this view knows is let go first.
  final func ownsStorageAlone() -> Bool {
    if base != nil {
      if !isKnownUniquelyReferenced(&base) { return false }
      base = nil
    }
    return isKnownUniquelyReferenced(&operand.storage)
  }

  /// Puts the elements of `other`, a tensor of this shape, in the place of this leaf's: other storage, perhaps another type
  /// or device. Whoever holds this tensor sees the new ones; views of the old ones, and graphs, keep the old.
  package final func setData(_ other: Tensor) {
    if !isLeaf { fail("setData", "this tensor was computed; only a leaf can be given other elements") }
    if other.shape != shape { fail("setData", "elements of shape \(other.shape) for a tensor of shape \(shape)") }
    // A graph that has read the old elements must not take the new ones for them.
    if other.storage !== storage { other.storage.version = Swift.max(other.storage.version, storage.version &+ 1) }
    operand = Operand(other.storage, other.layout, other.dtype)
  }
}

extension Tensor {
  /// The size of each dimension.
  public var shape: Shape {
    @inline(__always) get { operand.layout.shape }
  }
  /// How many elements to step in storage to advance by one along each dimension.
  public var strides: Shape { operand.layout.strides }
  /// The number of elements: `numel()` of PyTorch.
  public var elementCount: Int { operand.layout.elementCount }
  /// Whether the elements lie in row-major order without gaps.
  public var isContiguous: Bool { operand.layout.isContiguous }
  /// The type of the elements.
  public var dtype: DType {
    @inline(__always) get { operand.dtype }
  }

  package var storage: Storage {
    @inline(__always) get { operand.storage }
  }
  package var layout: Layout {
    @inline(__always) get { operand.layout }
  }
  /// Where the first element lies in storage, in elements.
  package var offset: Int { operand.layout.offset }

  /// Where the elements live.
  public var device: Device { storage.backend.device }

  /// The number of dimensions: `dim()` of PyTorch.
  public var rank: Int { shape.count }

  package var backend: any Backend {
    @inline(__always) get { operand.storage.backend }
  }

  /// Where the first element lies, in the device's address space.
  package var pointer: UnsafeMutableRawPointer {
    @inline(__always) get { operand.pointer }
  }

  /// The size of `dimension`, where -1 is the last. Ends the program if there is no such dimension.
  public func size(_ dimension: Int) -> Int {
    if rank == 0 { fail("size", "a tensor of no dimensions has no sizes") }
    return shape[shape.dimension(dimension, in: "size")]
  }

  /// Other elements of the same storage, for a kernel: unrecorded, and no view of this tensor.
  func window(_ layout: Layout) -> Tensor { Tensor(storage, layout, dtype) }

  /// A tensor on this one's device, with whatever the memory holds.
  func uninitialized(_ shape: Shape, _ dtype: DType) -> Tensor {
    Tensor(uninitialized: shape, dtype, backend)
  }

  /// This tensor if its elements lie in row-major order, else a copy in which they do.
  public func contiguous() -> Tensor { isContiguous ? self : clone() }
}

// MARK: Reading elements

extension Tensor {
  /// The only element, as a Swift `Double`. Ends the program if there is not exactly one.
  public func item() -> Double { item(as: Double.self) }

  /// The only element, as `Double`, `Float`, `Int`, `Int32` or `Bool`. Ends the program if there is not exactly one.
  public func item<T: TensorScalar>(as type: T.Type) -> T {
    if elementCount != 1 {
      fail("item", "a tensor of shape \(shape) has \(elementCount) elements, and item() reads exactly one")
    }
    if T.storageDType == dtype {
      return withUnsafeTemporaryAllocation(of: T.self, capacity: 1) { buffer in
        backend.copyOut(from: pointer, to: buffer.baseAddress!, byteCount: dtype.byteCount)
        return buffer[0]
      }
    }
    return toArray(of: type)[0]
  }

  /// The elements in row-major order, as `Double`: `flatten().tolist()` of PyTorch.
  public func toArray() -> [Double] { toArray(of: Double.self) }

  /// The elements in row-major order, converted to `Double`, `Float`, `Int`, `Int32` or `Bool`.
  public func toArray<T: TensorScalar>(of type: T.Type) -> [T] {
    let source = within { (dtype == T.storageDType ? self : to(.cpu).to(T.storageDType)).contiguous() }
    return [T](unsafeUninitializedCapacity: elementCount) { buffer, count in
      if elementCount > 0 {
        source.backend.copyOut(
          from: source.pointer, to: buffer.baseAddress!, byteCount: elementCount * T.storageDType.byteCount)
      }
      count = elementCount
    }
  }
}
