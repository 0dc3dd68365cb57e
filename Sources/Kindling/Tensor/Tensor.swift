/// Numbers in a grid of any number of dimensions, that can remember how they were computed.
///
/// A tensor is a window on a `Storage`: a shape, a stride for each dimension, and an offset. Many tensors can look at one
/// storage, so `t()`, `x[0]` or `expand(_:)` cost nothing and see each other's writes. As in PyTorch a tensor is a
/// reference: `w -= 0.1 * g` changes the elements of `w`, whoever else holds it.
open class Tensor {
  /// The size of each dimension.
  public final let shape: Shape
  /// How many elements to step in storage to advance by one along each dimension.
  public final let strides: Shape
  /// The type of the elements.
  public final let dtype: DType
  /// Whether the elements lie in row-major order without gaps.
  public final let isContiguous: Bool
  /// The number of elements.
  public final let elementCount: Int
  package final private(set) var storage: Storage
  /// Where the first element lies in storage, in elements.
  package final let offset: Int

  // What autograd keeps with a tensor; see Autograd/.

  /// The gradient that `backward()` has accumulated here, of this tensor's shape and type; nil before the first.
  public final var grad: Tensor? {
    didSet { if let grad { checkGradient(grad) } }
  }
  /// The recorded operation that computed this tensor; nil for a leaf.
  package final var node: Node?
  final var tracksGradient: Bool
  /// Whether this is a window on another tensor, and how many recorded writes that tensor had seen when it was opened.
  final let isView: Bool
  final var viewedWrites: UInt32
  final var leafHooks: HookList?

  /// A tensor over existing storage.
  package init(storage: Storage, shape: Shape, strides: Shape, offset: Int, dtype: DType, isView: Bool = false) {
    self.isView = isView
    viewedWrites = storage.recordedWrites
    self.storage = storage
    self.shape = shape
    self.strides = strides
    self.offset = offset
    self.dtype = dtype
    elementCount = shape.elementCount
    isContiguous = Tensor.isContiguous(shape, strides)
    tracksGradient = false
  }

  /// A tensor over storage of its own, with whatever the memory holds.
  package init(uninitialized shape: Shape, _ dtype: DType, _ backend: any Backend) {
    isView = false
    viewedWrites = 0
    self.shape = shape
    strides = shape.contiguousStrides
    offset = 0
    self.dtype = dtype
    elementCount = shape.elementCount
    isContiguous = true
    storage = Storage(byteCount: elementCount * dtype.byteCount, backend: backend)
    tracksGradient = false
  }

  /// A leaf that shares the elements of `tensor`: what `Parameter` and `Buffer` are made with.
  public init(sharing tensor: Tensor, requiresGrad: Bool) {
    isView = false
    viewedWrites = 0
    storage = tensor.storage
    shape = tensor.shape
    strides = tensor.strides
    offset = tensor.offset
    dtype = tensor.dtype
    elementCount = tensor.elementCount
    isContiguous = tensor.isContiguous
    tracksGradient = requiresGrad
    if requiresGrad { checkCanRequireGrad() }
  }

  /// A tensor of no dimensions, int64. Lets a literal stand where a tensor is asked for: `gradH[h < 0] = 0`.
  public required convenience init(integerLiteral value: Int) {
    self.init(uninitialized: [], .int64, CPUBackend.shared)
    backend.fill(self, value.scalar)
  }

  /// A tensor of no dimensions, float32.
  public required convenience init(floatLiteral value: Double) {
    self.init(uninitialized: [], .float32, CPUBackend.shared)
    backend.fill(self, value.scalar)
  }

  /// Whether no other tensor looks at this one's storage.
  final func ownsStorageAlone() -> Bool { isKnownUniquelyReferenced(&storage) }

  private static func isContiguous(_ shape: Shape, _ strides: Shape) -> Bool {
    var step = 1
    var i = shape.count - 1
    while i >= 0 {
      // The stride of a dimension of size 1 is never used.
      if shape.sizes[i] != 1 {
        if strides.sizes[i] != step { return shape.elementCount == 0 }
        step *= shape.sizes[i]
      }
      i -= 1
    }
    return true
  }
}

extension Tensor: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {}

extension Tensor {
  /// Where the elements live.
  public final var device: Device { storage.backend.device }

  /// The number of dimensions.
  public final var rank: Int { shape.count }

  package final var backend: any Backend {
    @inline(__always) get { storage.backend }
  }

  /// Where the first element lies, in the device's address space.
  package final var pointer: UnsafeMutableRawPointer {
    @inline(__always) get { storage.pointer + offset * dtype.byteCount }
  }

  /// The size of `dimension`, where -1 is the last.
  public final func size(_ dimension: Int) -> Int { shape[shape.dimension(dimension, in: "size")] }

  /// Another window on the same storage, unrecorded.
  final func window(_ shape: Shape, _ strides: Shape, offset: Int) -> Tensor {
    Tensor(storage: storage, shape: shape, strides: strides, offset: offset, dtype: dtype, isView: true)
  }

  /// A tensor on this one's device, with whatever the memory holds.
  final func uninitialized(_ shape: Shape, _ dtype: DType) -> Tensor {
    Tensor(uninitialized: shape, dtype, backend)
  }

  /// This tensor if its elements lie in row-major order, else a copy in which they do.
  public final func contiguous() -> Tensor { isContiguous ? self : clone() }
}

// MARK: Reading elements

extension Tensor {
  /// The only element, as a Swift `Double`. Ends the program if there is not exactly one.
  public final func item() -> Double { item(as: Double.self) }

  /// The only element, as `Double`, `Float`, `Int` or `Bool`. Ends the program if there is not exactly one.
  public final func item<T: TensorScalar>(as type: T.Type) -> T {
    if elementCount != 1 { fail("item", "a tensor of shape \(shape) has \(elementCount) elements, and item() reads exactly one") }
    if T.storageDType == dtype {
      return withUnsafeTemporaryAllocation(of: T.self, capacity: 1) { buffer in
        backend.copyOut(from: pointer, to: buffer.baseAddress!, byteCount: dtype.byteCount)
        return buffer[0]
      }
    }
    return toArray(of: type)[0]
  }

  /// The elements in row-major order, as `Double`.
  public final func toArray() -> [Double] { toArray(of: Double.self) }

  /// The elements in row-major order, converted to `Double`, `Float`, `Int` or `Bool`.
  public final func toArray<T: TensorScalar>(of type: T.Type) -> [T] {
    let source = noGrad { to(T.storageDType).contiguous() }
    return [T](unsafeUninitializedCapacity: elementCount) { buffer, count in
      if elementCount > 0 {
        backend.copyOut(
          from: source.pointer, to: buffer.baseAddress!, byteCount: elementCount * T.storageDType.byteCount)
      }
      count = elementCount
    }
  }
}
