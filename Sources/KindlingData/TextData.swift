import Kindling
import KindlingDataFiles

/// Texts to learn a language from.
public enum TextData {
  /// 5,163 first names of the census of 1990 in the United States: small letters from a to z, in alphabetical order.
  ///
  /// Source: US Census Bureau, "Frequently Occurring Surnames and Names", public domain.
  public static func firstNames() -> [String] {
    lines(UnsafeBufferPointer(start: KindlingDataFiles.firstNames, count: firstNamesByteCount))
  }

  private static func lines(_ bytes: some Collection<UInt8>) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The text in a file, in UTF-8; every end of a line comes as "\n".
  ///
  /// - Throws: `KindlingError` where it cannot be read, is empty or is not UTF-8, which says where it is not.
  public static func read(_ path: String) throws -> String {
    let bytes = try FileAccess.bytes(of: path, for: "TextData.read")
    if bytes.isEmpty { throw KindlingError("TextData.read: \(path): the file is empty") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw KindlingError("TextData.read: \(path): this is not UTF-8, at byte \(firstWrongByte(bytes) + 1)")
    }
    // In Swift "\r\n" is one character, so that it has to be looked for as one.
    return String(text.map { $0 == "\r\n" ? "\n" : $0 })
  }

  /// Where the first sequence of bytes begins that is no character.
  private static func firstWrongByte(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var place = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { place += UTF8.width(scalar) }
    return place
  }
}
