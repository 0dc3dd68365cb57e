import Foundation
import Kindling
import Testing

/// JSON as RFC 8259 has it, neither more nor less.
@Suite struct JSONTests {
  private func value(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)[...]) }

  @Test func readsEscapesAndSpaces() throws {
    let text = "{ \"a\\u0041\\n\\ud83d\\ude00\\/\" :\t[ 1 , -2 ] }"
    #expect(try value(text) == .object([.init(name: "aA\n😀/", value: .array([.integer(1), .integer(-2)]))]))
  }

  static let values: [(text: String, value: JSONValue)] = [
    ("0", .integer(0)), ("-1", .integer(-1)), ("9223372036854775807", .integer(.max)), ("-0", .real(-0.0)),
    ("9223372036854775808", .real(0x1p63)), ("1.0", .real(1)), ("-0.5e+1", .real(-5)), ("2E-2", .real(0.02)),
    ("1e999", .real(.infinity)), ("true", .bool(true)), ("false", .bool(false)), (" null\r\n", .null),
    ("[]", .array([])),
    ("{}", .object([])), ("\"\\b\\f\\t\\\"\\\\\\u0000\"", .string("\u{8}\u{C}\t\"\\\0")),
    ("\"\u{7F}é\"", .string("\u{7F}é")),
    ("\"\\uD83D\\uDE00\\uFFFF\"", .string("😀\u{FFFF}")),
    // A name that comes twice is allowed, if not wise; who reads the object decides.
    (
      "{\"a\":1,\"a\":2}",
      .object([.init(name: "a", value: .integer(1)), .init(name: "a", value: .integer(2))])
    ),
  ]

  @Test(arguments: values.indices) func reads(_ number: Int) throws {
    #expect(try value(Self.values[number].text) == Self.values[number].value)
  }

  static let mistakes: [(text: String, message: String)] = [
    ("", "byte 0 is the end, where a value is expected"),
    ("[02]", "byte 2 is '2', where ']' is expected"),
    ("-01", "byte 2 is '1', where the end is expected"),
    ("-", "byte 1 is the end, where a digit is expected"),
    ("+1", "byte 0 is '+', where a value is expected"),
    (".5", "byte 0 is '.', where a value is expected"),
    ("1.", "byte 2 is the end, where a digit is expected"),
    ("1e", "byte 2 is the end, where a digit is expected"),
    ("1e+", "byte 3 is the end, where a digit is expected"),
    ("0x1", "byte 1 is 'x', where the end is expected"),
    ("NaN", "byte 0 is 'N', where a value is expected"),
    ("nul", "byte 0 is 'n', where a value is expected"),
    ("truex", "byte 4 is 'x', where the end is expected"),
    ("[1,]", "byte 3 is ']', where a value is expected"),
    ("{\"a\":1,}", "byte 7 is '}', where '\"' is expected"),
    ("\"\\u+123\"", "byte 3 is '+', where a hexadecimal digit is expected"),
    ("\"\\u12\"", "byte 5 is '\"', where a hexadecimal digit is expected"),
    ("\"\\x\"", "byte 2 is 'x', where an escape is expected"),
    ("\"\\ud800\"", "byte 1 begins half of a character, a surrogate without the other"),
    ("\"\\udc00\"", "byte 1 begins half of a character, a surrogate without the other"),
    ("\"\\udc00\\ud800\"", "byte 1 begins half of a character, a surrogate without the other"),
    ("\"\\ud800\\u0041\"", "byte 1 begins half of a character, a surrogate without the other"),
    ("\"\t\"", "byte 1 is '\t', where a character of a string is expected"),
    ("\u{FEFF}{}", "byte 0 is 'ï', where a value is expected"),
    ("\u{A0}1", "byte 0 is 'Â', where a value is expected"),
  ]

  @Test(arguments: mistakes.indices) func refuses(_ number: Int) {
    let (text, message) = Self.mistakes[number]
    #expect(throws: KindlingError(message)) { try value(text) }
  }

  @Test func refusesWhatIsNotUTF8() {
    // Too short, too long, a surrogate, beyond the last character.
    for bytes: [UInt8] in [[0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] {
      #expect(throws: KindlingError("it is not UTF-8")) { try JSONReader.value(of: ([0x22] + bytes + [0x22])[...]) }
    }
  }

  @Test func countsHowDeepItIs() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try value(nested(128)) }
    #expect(throws: KindlingError("more than 128 values are nested")) { try value(nested(129)) }
  }
}
