// JSON as RFC 8259 has it, for the head of a safetensors file: nothing less, and nothing more.

/// A value in a JSON text. The members of an object keep their order, and a name may come twice: that is for the reader of
/// the object to judge.
package enum JSONValue: Equatable {
  case string(String)
  /// A number without a point and an exponent that an Int can hold.
  case integer(Int)
  /// Any other number, infinite where it is too large.
  case real(Double)
  case bool(Bool)
  case null
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
    // A malicious file could nest arrays until the stack overflows. 128 is what Python's safetensors takes.
    depth += 1
    defer { depth -= 1 }
    if depth > 128 { throw KindlingError("more than 128 values are nested") }
    switch next {
    case UInt8(ascii: "{"): return .object(try list("{", "}") { try $0.member() })
    case UInt8(ascii: "["): return .array(try list("[", "]") { try $0.value() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
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

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws -> JSONValue {
    if !bytes[place...].starts(with: "\(text)".utf8) { throw unexpected("a value") }
    place += text.utf8CodeUnitCount
    return value
  }

  // MARK: Numbers

  private mutating func number() throws -> JSONValue {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    // A number has no zeros in front.
    if next == UInt8(ascii: "0") { place += 1 } else { try digits(place == start ? "a value" : "a digit") }
    let isWhole = next != UInt8(ascii: ".") && next != UInt8(ascii: "e") && next != UInt8(ascii: "E")
    if next == UInt8(ascii: ".") {
      place += 1
      try digits("a digit")
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      try digits("a digit")
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole && text != "-0", let number = Int(text) { return .integer(number) }
    return .real(Double(text)!)
  }

  private mutating func digits(_ wanted: String) throws {
    let start = place
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
    if place == start { throw unexpected(wanted) }
  }

  // MARK: Strings

  private mutating func string() throws -> String {
    try expect("\"")
    var text = ""
    var plain = place
    func flush(_ text: inout String) { text += String(decoding: bytes[plain..<place], as: UTF8.self) }
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        flush(&text)
        place += 1
        return text
      case UInt8(ascii: "\\"):
        flush(&text)
        place += 1
        text.unicodeScalars.append(try escape())
        plain = place
      case ..<0x20: throw unexpected("a character of a string")
      default: place += 1
      }
    }
    throw unexpected("'\"'")
  }

  private mutating func escape() throws -> Unicode.Scalar {
    guard let byte = next else { throw unexpected("an escape") }
    place += 1
    switch UnicodeScalar(byte) {
    case "\"", "\\", "/": return UnicodeScalar(byte)
    case "b": return "\u{08}"
    case "f": return "\u{0C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u": return try escapedScalar()
    default:
      place -= 1
      throw unexpected("an escape")
    }
  }

  /// What stands behind `\u`: a character, or the first half of one, which the second half must follow.
  private mutating func escapedScalar() throws -> Unicode.Scalar {
    let start = place - 2
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00 && bytes[place...].starts(with: "\\u".utf8) {
      place += 2
      let second = try hexadecimal()
      if (0xDC00...0xDFFF).contains(second) {
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))!
      }
    }
    throw KindlingError("byte \(start - bytes.startIndex) begins half of a character, a surrogate without the other")
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw unexpected("a hexadecimal digit")
      }
      number = number << 4 + UInt32(digit)
      place += 1
    }
    return number
  }
}
