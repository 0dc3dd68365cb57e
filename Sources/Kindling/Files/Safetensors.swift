/// The safetensors format (huggingface/safetensors): the length of the head in 8 bytes, the head in JSON, then the elements
/// of one tensor after another. Python reads and writes it with the package of that name.
///
/// float32, float64, int32, int64 and bool are `F32`, `F64`, `I32`, `I64` and `BOOL`.
public enum Safetensors {
  /// What a file holds.
  public struct Content {
    /// The tensors by name, on the CPU.
    public var tensors: [String: Tensor]
    /// Free text, such as the version of a program.
    public var metadata: [String: String]
  }

  // MARK: Writing

  /// Writes named tensors to a file, whole or not at all. The same tensors give the same bytes.
  ///
  /// - Throws: `KindlingError` where the file cannot be written.
  public static func save(_ tensors: [String: Tensor], to path: String, metadata: [String: String] = [:]) throws {
    try save(tensors.map { (name: $0.key, tensor: $0.value) }, to: path, metadata: metadata)
  }

  /// Writes named tensors to a file, whole or not at all. Their order does not matter: the format has one of its own.
  ///
  /// - Throws: `KindlingError` where a name comes twice, or the file cannot be written.
  public static func save(
    _ tensors: [(name: String, tensor: Tensor)], to path: String, metadata: [String: String] = [:]
  ) throws {
    // The widest elements first, so that all are aligned; then by name.
    let sorted = tensors.sorted { a, b in
      let (rankA, rankB) = (a.tensor.dtype.rankInFile, b.tensor.dtype.rankInFile)
      return rankA == rankB ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : rankA > rankB
    }
    try refuseDuplicates(sorted.map(\.name)) { "Safetensors.save: two tensors have the name \($0)" }
    var head: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        JSONValue.quoted($0.key) + ":" + JSONValue.quoted($0.value)
      }
      head.append("\"\(metadataName)\":{" + pairs.joined(separator: ",") + "}")
    }
    var parts: [[UInt8]] = []
    var end = 0
    for (name, tensor) in sorted {
      if name == metadataName { throw KindlingError("Safetensors.save: no tensor can have the name \(name)") }
      let bytes = tensor.elementBytes()
      let sizes = tensor.shape.map(String.init).joined(separator: ",")
      head.append(
        JSONValue.quoted(name)
          + ":{\"dtype\":\"\(tensor.dtype.nameInFile)\",\"shape\":[\(sizes)],\"data_offsets\":[\(end),\(end + bytes.count)]}"
      )
      parts.append(bytes)
      end += bytes.count
    }
    var text = Array(("{" + head.joined(separator: ",") + "}").utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    try FileAccess.store([length, text] + parts, at: path, for: "Safetensors.save")
  }

  private static let metadataName = "__metadata__"

  /// Throws where a name comes twice; also where two names are one to Swift, whose texts are equal when they look the same,
  /// however their accents are written, so that a dictionary would lose one of them.
  private static func refuseDuplicates(_ names: [String], message: (String) -> String) throws {
    var seen: [String: String] = [:]
    for name in names {
      guard let other = seen.updateValue(name, forKey: name) else { continue }
      if name.utf8.elementsEqual(other.utf8) { throw KindlingError(message(name)) }
      let forms = [other, name].map { $0.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }
      throw KindlingError("\(message(name)) as Swift compares texts, once as \(forms[0]) and once as \(forms[1])")
    }
  }

  // MARK: Reading

  /// Reads a file.
  ///
  /// - Throws: `KindlingError` for a file that is missing, cut off, no safetensors file, or holds a type that Kindling lacks.
  public static func load(_ path: String) throws -> Content {
    let bytes = try FileAccess.bytes(of: path, for: "Safetensors.load")
    do {
      return try content(of: bytes)
    } catch let error as KindlingError {
      throw KindlingError("Safetensors.load: \(path): \(error)")
    }
  }

  private static func content(of bytes: [UInt8]) throws -> Content {
    if bytes.count < 8 { throw KindlingError("\(bytes.count) bytes, and the length of the head alone takes 8") }
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    if length > UInt64(bytes.count - 8) {
      throw KindlingError(
        "the head should have \(length) bytes, and \(bytes.count - 8) follow; cut off, or no safetensors file")
    }
    let start = 8 + Int(length)
    var content = Content(tensors: [:], metadata: [:])
    var entries: [Entry] = []
    for member in try members(bytes[8..<start]) {
      if member.name == metadataName {
        content.metadata = try metadata(member.value)
      } else {
        entries.append(try Entry(member))
      }
    }
    // Side by side from the first byte to the last: what overlaps or lies between would be a mistake, or a hiding place.
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var end = 0
    for entry in entries {
      if entry.begin != end {
        throw KindlingError("\(entry.name) begins at byte \(entry.begin), and the one before it ends at \(end)")
      }
      end = entry.end
      if end > bytes.count - start {
        throw KindlingError(
          "\(entry.name) ends at byte \(end), and there are \(bytes.count - start); the file is cut off")
      }
      content.tensors[entry.name] = try entry.tensor(bytes[(start + entry.begin)..<(start + end)])
    }
    if end != bytes.count - start {
      throw KindlingError("\(bytes.count - start - end) bytes follow the last tensor and belong to none")
    }
    return content
  }

  private static func members(_ head: ArraySlice<UInt8>) throws -> [JSONValue.Member] {
    let value: JSONValue
    do {
      value = try JSONReader.value(of: head)
    } catch let error as KindlingError {
      throw KindlingError("the head cannot be read as JSON: \(error)")
    }
    guard case .object(let members) = value else { throw KindlingError("the head is no JSON object") }
    try refuseDuplicates(members.map(\.name)) { "the name \($0) comes twice" }
    return members
  }

  private static func metadata(_ value: JSONValue) throws -> [String: String] {
    if value == .null { return [:] }
    guard case .object(let members) = value else { throw KindlingError("\(metadataName) is no JSON object") }
    try refuseDuplicates(members.map(\.name)) { "\(metadataName): the name \($0) comes twice" }
    var result: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw KindlingError("\(metadataName): \(member.name) is no text")
      }
      result[member.name] = text
    }
    return result
  }

  /// What the head says of one tensor.
  private struct Entry {
    let name: String
    let dtype: DType
    let shape: Shape
    let begin: Int
    let end: Int

    init(_ member: JSONValue.Member) throws {
      name = member.name
      func failure(_ message: String) -> KindlingError { KindlingError("\(member.name): \(message)") }
      func integers(_ value: JSONValue?) -> [Int]? {
        guard case .array(let values)? = value else { return nil }
        let numbers = values.compactMap { if case .integer(let n) = $0, n >= 0 { n } else { nil } }
        return numbers.count == values.count ? numbers : nil
      }
      guard case .object(let fields) = member.value else { throw failure("no JSON object") }
      // Fields that a later version of the format may add are passed over.
      let known = fields.filter { ["dtype", "shape", "data_offsets"].contains($0.name) }
      try refuseDuplicates(known.map(\.name)) { "\(member.name): the field \($0) comes twice" }
      let values = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.value) })
      guard case .string(let type)? = values["dtype"] else { throw failure("no dtype") }
      guard let dtype = DType.allCases.first(where: { $0.nameInFile == type }) else {
        throw failure("dtype \(type), and Kindling has F32, F64, I64 and BOOL")
      }
      guard let sizes = integers(values["shape"]) else { throw failure("no shape of whole numbers") }
      if sizes.count > Shape.maximumRank {
        throw failure("\(sizes.count) dimensions, and a tensor has at most \(Shape.maximumRank)")
      }
      guard let offsets = integers(values["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1] else {
        throw failure("no two data_offsets, the second not below the first")
      }
      guard let byteCount = FileAccess.byteCount(of: sizes, width: dtype.byteCount) else {
        throw failure("shape \(sizes) has more elements than there can be")
      }
      if byteCount != offsets[1] - offsets[0] {
        throw failure(
          "shape \(sizes) of \(type) takes \(byteCount) bytes, and data_offsets leave \(offsets[1] - offsets[0])")
      }
      self.dtype = dtype
      shape = Shape(sizes)
      begin = offsets[0]
      end = offsets[1]
    }

    func tensor(_ bytes: ArraySlice<UInt8>) throws -> Tensor {
      if dtype == .bool && bytes.contains(where: { $0 > 1 }) {
        throw KindlingError("\(name): a BOOL is neither 0 nor 1")
      }
      let tensor = Tensor(uninitialized: shape, dtype, Device.cpu.backend)
      bytes.withUnsafeBytes { source in
        if let base = source.baseAddress {
          tensor.backend.copyIn(from: base, to: tensor.pointer, byteCount: source.count)
        }
      }
      return tensor
    }
  }
}

extension DType {
  fileprivate var nameInFile: String {
    switch self {
    case .float32: "F32"
    case .float64: "F64"
    case .int32: "I32"
    case .int64: "I64"
    case .bool: "BOOL"
    }
  }

  /// The place of the type in the order of the format, the last to be written first.
  fileprivate var rankInFile: Int {
    switch self {
    case .bool: 0
    case .int32: 1
    case .float32: 2
    case .float64: 3
    case .int64: 4
    }
  }
}

extension Tensor {
  /// The elements in row-major order, as they lie in memory.
  package func elementBytes() -> [UInt8] {
    let source = noGrad { contiguous() }
    let byteCount = elementCount * dtype.byteCount
    return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      if byteCount > 0 { backend.copyOut(from: source.pointer, to: buffer.baseAddress!, byteCount: byteCount) }
      count = byteCount
    }
  }
}
