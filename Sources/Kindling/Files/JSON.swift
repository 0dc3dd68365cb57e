// As much of JSON (RFC 8259) as the head of a safetensors file needs: objects, arrays, strings, whole numbers.

/// A value in a JSON text. The members of an object keep their order, and a name may come twice: that is for the reader of
/// the object to judge.
package enum JSONValue: Equatable {
  case string(String)
  case integer(Int)
  case array([JSONValue])
  case object([Member])

  package struct Member: Equatable {
    package let name: String
    package let value: JSONValue

    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// A text in JSON's quotation marks.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Reads one value from the bytes of a JSON text.
package struct JSONReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int
  private var depth = 0

  /// The value that `bytes` spell. Throws what is wrong, and at which byte.
  package static func value(of bytes: ArraySlice<UInt8>) throws -> JSONValue {
    if String(validating: bytes, as: UTF8.self) == nil { throw KindlingError("it is not UTF-8") }
    var reader = JSONReader(bytes: bytes, place: bytes.startIndex)
    let value = try reader.value()
    reader.skipSpaces()
    if reader.place < bytes.endIndex { throw reader.unexpected("the end") }
    return value
  }

  private init(bytes: ArraySlice<UInt8>, place: Int) {
    self.bytes = bytes
    self.place = place
  }

  private var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

  private func unexpected(_ wanted: String) -> KindlingError {
    let found = next.map { "'" + String(UnicodeScalar($0)) + "'" } ?? "the end"
    return KindlingError("byte \(place - bytes.startIndex) is \(found), where \(wanted) is expected")
  }

  private mutating func skipSpaces() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
  }

  /// Steps over `character`, if it is the next.
  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    if next != UInt8(ascii: character) { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    if !takes(character) { throw unexpected("'\(character)'") }
  }

  private mutating func value() throws -> JSONValue {
    skipSpaces()
    // A malicious file could nest arrays until the stack overflows.
    depth += 1
    defer { depth -= 1 }
    if depth > 16 { throw KindlingError("more than 16 values are nested") }
    switch next {
    case UInt8(ascii: "{"): return .object(try list("{", "}") { try $0.member() })
    case UInt8(ascii: "["): return .array(try list("[", "]") { try $0.value() })
    case UInt8(ascii: "\""): return .string(try string())
    default: return .integer(try integer())
    }
  }

  private mutating func list<Entry>(
    _ first: Unicode.Scalar, _ last: Unicode.Scalar, entry: (inout JSONReader) throws -> Entry
  ) throws -> [Entry] {
    try expect(first)
    if takes(last) { return [] }
    var entries: [Entry] = []
    repeat { entries.append(try entry(&self)) } while takes(",")
    try expect(last)
    return entries
  }

  private mutating func member() throws -> JSONValue.Member {
    skipSpaces()
    let name = try string()
    try expect(":")
    return JSONValue.Member(name: name, value: try value())
  }

  private mutating func integer() throws -> Int {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
    let digits = String(decoding: bytes[start..<place], as: UTF8.self)
    if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
      throw unexpected("a whole number")
    }
    guard let number = Int(digits) else {
      if digits.isEmpty { throw unexpected("a value") }
      throw KindlingError("the number \(digits) is too large, or none")
    }
    return number
  }

  private mutating func string() throws -> String {
    try expect("\"")
    var units: [UInt16] = []
    var plain = place
    func flush(_ units: inout [UInt16]) { units += String(decoding: bytes[plain..<place], as: UTF8.self).utf16 }
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        flush(&units)
        place += 1
        // Halves of a surrogate pair may have come as two escapes, so they meet here.
        return String(decoding: units, as: UTF16.self)
      case UInt8(ascii: "\\"):
        flush(&units)
        place += 1
        units.append(try escape())
        plain = place
      case ..<0x20: throw unexpected("a character of a string")
      default: place += 1
      }
    }
    throw unexpected("'\"'")
  }

  private mutating func escape() throws -> UInt16 {
    guard let byte = next else { throw unexpected("an escape") }
    place += 1
    switch UnicodeScalar(byte) {
    case "\"", "\\", "/": return UInt16(byte)
    case "b": return 8
    case "f": return 12
    case "n": return 10
    case "r": return 13
    case "t": return 9
    case "u":
      let digits = bytes[place...].prefix(4)
      guard digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
        throw unexpected("four hexadecimal digits")
      }
      place += 4
      return unit
    default:
      place -= 1
      throw unexpected("an escape")
    }
  }
}
