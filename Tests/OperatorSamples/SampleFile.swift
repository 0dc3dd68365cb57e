// Reading Tests/Reference/samples: one file for each of PyTorch's operators, gzip over lines of JSON.

import Foundation

/// A JSON value as a sample has it. `2.0` is a real number and `2` an integer, for they promote differently.
enum Value: Sendable {
  case null
  case flag(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case list([Value])
  case object([String: Value])

  subscript(_ key: String) -> Value? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var isNull: Bool { if case .null = self { true } else { false } }

  var list: [Value]? { if case .list(let values) = self { values } else { nil } }

  var text: String? { if case .text(let text) = self { text } else { nil } }

  var integer: Int? { if case .integer(let number) = self { number } else { nil } }

  var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .real(let number): number
    default: nil
    }
  }
}

/// The samples of one of PyTorch's operators.
struct SampleFile: Sendable {
  /// How many cases, gradients, second derivatives and errors there are, and what was left out and why.
  let head: Value
  let cases: [Value]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Reference/samples")

  /// The names of all entries that there are samples of.
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
  }()

  private static let suffix = ".jsonl.gz"

  /// The name that an entry's file has: a variant stands behind a hyphen instead of a slash.
  static func fileName(_ entry: String) -> String { entry.replacing("/", with: "-") }

  init(_ entry: String) {
    let lines = SampleFile.lines(SampleFile.fileName(entry))
    head = lines[0]
    cases = Array(lines.dropFirst())
  }

  private static func lines(_ name: String) -> [Value] {
    let bytes = unzipped(folder.appending(path: name + suffix))
    return bytes.withUnsafeBufferPointer { buffer in
      var reader = ValueReader(buffer)
      var lines: [Value] = []
      while reader.hasMore { lines.append(reader.value()) }
      return lines
    }
  }

  /// By gzip, which every Linux and macOS has: Foundation reads no such files, and zlib's headers are not everywhere.
  private static func unzipped(_ url: URL) -> [UInt8] {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", url.path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    do {
      try process.run()
      let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      if process.terminationStatus == 0 { return [UInt8](data) }
    } catch {
      fatalError("gzip cannot be run: \(error)")
    }
    fatalError("\(url.path) cannot be read: gzip ended with status \(process.terminationStatus)")
  }
}

/// Reads JSON as `generate.py` writes it: no spaces, Python's NaN and Infinity, and no escapes but of quotes and backslashes
/// and of characters by number. It is not the library's reader, which takes no real numbers.
private struct ValueReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var hasMore: Bool { place < bytes.count }

  mutating func value() -> Value {
    defer { skip(UInt8(ascii: "\n")) }
    switch bytes[place] {
    case UInt8(ascii: "{"): return .object(members())
    case UInt8(ascii: "["): return .list(elements())
    case UInt8(ascii: "\""): return .text(string())
    case UInt8(ascii: "t"): return word("true", .flag(true))
    case UInt8(ascii: "f"): return word("false", .flag(false))
    case UInt8(ascii: "n"): return word("null", .null)
    case UInt8(ascii: "N"): return word("NaN", .real(.nan))
    case UInt8(ascii: "I"): return word("Infinity", .real(.infinity))
    default: return number()
    }
  }

  private mutating func skip(_ byte: UInt8) { if place < bytes.count && bytes[place] == byte { place += 1 } }

  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    if bytes[place] != UInt8(ascii: character) { return false }
    place += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ value: Value) -> Value {
    place += word.utf8CodeUnitCount
    return value
  }

  private mutating func elements() -> [Value] {
    place += 1
    if takes("]") { return [] }
    var values: [Value] = []
    repeat { values.append(value()) } while takes(",")
    precondition(takes("]"))
    return values
  }

  private mutating func members() -> [String: Value] {
    place += 1
    if takes("}") { return [:] }
    var members: [String: Value] = [:]
    repeat {
      let name = string()
      precondition(takes(":"))
      members[name] = value()
    } while takes(",")
    precondition(takes("}"))
    return members
  }

  private mutating func string() -> String {
    let start = place
    place += 1
    while bytes[place] != UInt8(ascii: "\"") { place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1 }
    place += 1
    let text = UnsafeBufferPointer(rebasing: bytes[(start + 1)..<(place - 1)])
    if !text.contains(UInt8(ascii: "\\")) { return String(decoding: text, as: UTF8.self) }
    let quoted = Data(UnsafeBufferPointer(rebasing: bytes[start..<place]))
    return (try? JSONDecoder().decode(String.self, from: quoted)) ?? ""
  }

  private mutating func number() -> Value {
    let start = place
    var isReal = false
    skip(UInt8(ascii: "-"))
    if place < bytes.count && bytes[place] == UInt8(ascii: "I") { return word("Infinity", .real(-.infinity)) }
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"): isReal = true
      default: return parsed(start, isReal)
      }
      place += 1
    }
    return parsed(start, isReal)
  }

  private func parsed(_ start: Int, _ isReal: Bool) -> Value {
    let pointer = UnsafeRawPointer(bytes.baseAddress! + start).assumingMemoryBound(to: CChar.self)
    // A line ends in a newline, which ends the number too.
    return isReal ? .real(strtod(pointer, nil)) : .integer(strtol(pointer, nil, 10))
  }
}
