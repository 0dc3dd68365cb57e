/// The IDX format of MNIST: two zero bytes, a byte for the type, a byte for the number of dimensions, the sizes, the
/// elements, all numbers big-endian.
public enum IDX {
  /// Reads a file.
  ///
  /// Whole numbers of every width become int64, real ones float32 or float64.
  ///
  /// - Throws: `KindlingError` for a file that is missing, is no IDX file, or is not as long as its sizes say.
  public static func load(_ path: String) throws -> Tensor {
    try tensor(from: FileAccess.bytes(of: path, for: "IDX.load"), name: path)
  }

  /// Reads a file that lies in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call it.
  /// - Throws: `KindlingError`, as `load(_:)`.
  public static func tensor(from bytes: [UInt8], name: String = "data") throws -> Tensor {
    try bytes.withUnsafeBytes { try tensor(from: $0, name: name) }
  }

  /// Reads a file that lies in memory, such as one built into the program.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call it.
  /// - Throws: `KindlingError`, as `load(_:)`.
  public static func tensor(from bytes: UnsafeRawBufferPointer, name: String = "data") throws -> Tensor {
    func failure(_ message: String) -> KindlingError { KindlingError("IDX.load: \(name): \(message)") }
    func number<N: FixedWidthInteger>(_ type: N.Type, at place: Int) -> N {
      N(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
    }
    if bytes.count < 4 { throw failure("\(bytes.count) bytes, and the head alone has at least 4") }
    if bytes[0] != 0 || bytes[1] != 0 {
      let magic = bytes.prefix(4).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
      throw failure("begins with \(magic.joined(separator: " ")), and an IDX file with 00 00 (is it still compressed?)")
    }
    let rank = Int(bytes[3])
    if rank > Shape.maximumRank { throw failure("\(rank) dimensions, and a tensor has at most \(Shape.maximumRank)") }
    let start = 4 + 4 * rank
    if bytes.count < start { throw failure("\(bytes.count) bytes, and the head of \(rank) dimensions has \(start)") }
    let sizes = (0..<rank).map { Int(number(UInt32.self, at: 4 + 4 * $0)) }

    func elements<Element>(_ width: Int, _ element: (Int) -> Element) throws -> [Element] {
      let wanted = FileAccess.byteCount(of: sizes, width: width)
      if wanted != bytes.count - start {
        throw failure(
          "\(bytes.count - start) bytes of elements, and sizes \(sizes) of \(width) bytes each need "
            + (wanted.map(String.init) ?? "more than there can be"))
      }
      return stride(from: start, to: bytes.count, by: width).map(element)
    }
    let shape = Shape(sizes)
    switch bytes[2] {
    case 0x08: return Tensor(try elements(1) { Int64(bytes[$0]) }, shape: shape)
    case 0x09: return Tensor(try elements(1) { Int64(number(Int8.self, at: $0)) }, shape: shape)
    case 0x0B: return Tensor(try elements(2) { Int64(number(Int16.self, at: $0)) }, shape: shape)
    case 0x0C: return Tensor(try elements(4) { Int64(number(Int32.self, at: $0)) }, shape: shape)
    case 0x0D: return Tensor(try elements(4) { Float(bitPattern: number(UInt32.self, at: $0)) }, shape: shape)
    case 0x0E:
      return Tensor(try elements(8) { Double(bitPattern: number(UInt64.self, at: $0)) }, shape: shape, dtype: .float64)
    default:
      throw failure("type \(bytes[2]), and the format knows 8, 9 and 11 to 14")
    }
  }
}
