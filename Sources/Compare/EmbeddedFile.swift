import CompareFiles

/// The files that this program carries.
enum EmbeddedFile {
  static func bytes(_ file: CompareFile) -> [UInt8] {
    let content = compareFileBytes(file)
    return Array(UnsafeBufferPointer(start: content.bytes, count: content.count))
  }

  static func text(_ file: CompareFile) -> String { String(decoding: bytes(file), as: UTF8.self) }

  /// The source of a lesson, 1 to 5, as it was when this program was built.
  static func lesson(_ number: Int) -> String {
    let files: [CompareFile] = [.lesson1, .lesson2, .lesson3, .lesson4, .lesson5]
    return text(files[number - 1])
  }
}
