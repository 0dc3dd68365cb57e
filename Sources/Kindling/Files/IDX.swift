/// The IDX format of MNIST: two zero bytes, a byte for the type, a byte for the number of dimensions, the sizes, the
/// elements, all numbers big-endian.
public enum IDX {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - dtype: The type of the elements; if nil, whole numbers of every width become int64, real ones float32 or float64.
  /// - Throws: `KindlingError` for a file that is missing, is no IDX file, or is not as long as its sizes say.
  public static func load(_ path: String, dtype: DType? = nil) throws -> Tensor {
    try tensor(from: FileAccess.bytes(of: path, for: "IDX.load"), name: path, dtype: dtype)
  }

  /// Reads a file that lies in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call it.
  ///   - dtype: The type of the elements, as in `load(_:dtype:)`.
  /// - Throws: `KindlingError`, as `load(_:dtype:)`.
  public static func tensor(from bytes: [UInt8], name: String = "data", dtype: DType? = nil) throws -> Tensor {
    try bytes.withUnsafeBytes { try tensor(from: $0, name: name, dtype: dtype) }
  }

  /// Reads a file that lies in memory, such as one built into the program.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call it.
  ///   - dtype: The type of the elements, as in `load(_:dtype:)`.
  /// - Throws: `KindlingError`, as `load(_:dtype:)`.
  public static func tensor(
    from bytes: UnsafeRawBufferPointer, name: String = "data", dtype: DType? = nil
  ) throws -> Tensor {
    let head = try Head(bytes, name: name)
    if head.byteCount != bytes.count - head.length {
      throw failure(
        name,
        "\(bytes.count - head.length) bytes of elements, and sizes \(head.sizes) of \(head.kind.width) bytes each need "
          + (head.byteCount.map(String.init) ?? "more than there can be"))
    }
    let shape = Shape(head.sizes)

    func elements<Number: FixedWidthInteger, Element>(_ type: Number.Type, _ element: (Number) -> Element) -> [Element]
    {
      stride(from: head.length, to: bytes.count, by: Number.bitWidth / 8).map {
        element(Number(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: type)))
      }
    }
    func whole<Number: FixedWidthInteger>(_ type: Number.Type) -> Tensor {
      // Images are wanted as float32, and would take twice the memory on the way.
      if dtype == .float32 { return Tensor(elements(type) { Float($0) }, shape: shape) }
      return Tensor(elements(type) { Int64($0) }, shape: shape).to(dtype ?? .int64)
    }
    switch head.kind {
    case .uint8: return whole(UInt8.self)
    case .int8: return whole(Int8.self)
    case .int16: return whole(Int16.self)
    case .int32: return whole(Int32.self)
    case .float32:
      return Tensor(elements(UInt32.self) { Float(bitPattern: $0) }, shape: shape).to(dtype ?? .float32)
    case .float64:
      let numbers = elements(UInt64.self) { Double(bitPattern: $0) }
      return Tensor(numbers, shape: shape, dtype: .float64).to(dtype ?? .float64)
    }
  }

  private static func failure(_ name: String, _ message: String) -> KindlingError {
    KindlingError("IDX.load: \(name): \(message)")
  }

  /// What a file says of itself before its elements.
  package struct Head {
    /// How many bytes it takes.
    package let length: Int
    package let kind: Kind
    package let sizes: [Int]

    /// The types of elements, by the numbers that the format has for them.
    package enum Kind: UInt8 {
      case uint8 = 0x08
      case int8 = 0x09
      case int16 = 0x0B
      case int32 = 0x0C
      case float32 = 0x0D
      case float64 = 0x0E

      var width: Int {
        switch self {
        case .uint8, .int8: 1
        case .int16: 2
        case .int32, .float32: 4
        case .float64: 8
        }
      }
    }

    /// How many bytes of elements follow it; nil where there cannot be so many.
    package var byteCount: Int? { FileAccess.byteCount(of: sizes, width: kind.width) }

    /// Reads it from the beginning of a file.
    package init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
      if bytes.count < 4 { throw failure(name, "\(bytes.count) bytes, and the head alone has at least 4") }
      if bytes[0] != 0 || bytes[1] != 0 {
        let magic = bytes.prefix(4).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
        throw failure(
          name, "begins with \(magic.joined(separator: " ")), and an IDX file with 00 00 (is it still compressed?)")
      }
      let rank = Int(bytes[3])
      if rank > Shape.maximumRank {
        throw failure(name, "\(rank) dimensions, and a tensor has at most \(Shape.maximumRank)")
      }
      length = 4 + 4 * rank
      if bytes.count < length {
        throw failure(name, "\(bytes.count) bytes, and the head of \(rank) dimensions has \(length)")
      }
      guard let kind = Kind(rawValue: bytes[2]) else {
        throw failure(name, "type \(bytes[2]), and the format knows 8, 9 and 11 to 14")
      }
      self.kind = kind
      sizes = (0..<rank).map {
        Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * $0, as: UInt32.self)))
      }
    }
  }
}
