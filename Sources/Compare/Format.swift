#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Numbers as a table has them.
enum Format {
  /// Significant digits, no zeros at the end, a short exponent: 1751.4, 0.057543, 3.5e-5, 2.674e7.
  static func number(_ value: Double, digits: Int) -> String {
    if value == 0 { return "0" }
    var text = printed("%.\(digits)g", value)
    // A number with more digits before the point than wanted comes as 3.5e+07.
    if let mark = text.firstIndex(of: "e") {
      let exponent = Int(text[text.index(after: mark)...]) ?? 0
      text = "\(text[..<mark])e\(exponent)"
    }
    return text
  }

  /// Digits after the point.
  static func fixed(_ value: Double, places: Int) -> String { printed("%.\(places)f", value) }

  /// A count of units in the last place: whole and with separators, or as a power of ten.
  static func ulps(_ value: Double) -> String {
    value == 0
      ? "0"
      : value < 0.95 ? number(value, digits: 1) : value < 99_999 ? fixed(value, places: 0) : number(value, digits: 2)
  }

  private static func printed(_ format: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    _ = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension String {
  /// Spaces in front, up to a width.
  func right(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
  /// Spaces behind, up to a width.
  func left(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// Lines of at most `width` characters, broken at spaces.
  func wrapped(_ width: Int, indent: String = "") -> String {
    var lines: [String] = []
    for paragraph in split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if !line.isEmpty && line.count + 1 + word.count > width - indent.count {
          lines.append(indent + line)
          line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      lines.append(indent + line)
    }
    return lines.joined(separator: "\n")
  }
}
