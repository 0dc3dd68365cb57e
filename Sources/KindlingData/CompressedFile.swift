import CZlib
import Kindling

/// A file that is read from its beginning on, and decompressed if it is one of gzip's. No more of it is in memory than was
/// asked for, however much is packed in it.
final class CompressedFile {
  private let path: String
  private let purpose: String
  private let file: gzFile
  private static let pieceSize = 1 << 20

  /// - Parameter purpose: What errors begin with.
  init(_ path: String, for purpose: String) throws {
    let descriptor = try FileAccess.opened(path, for: purpose)
    guard let file = gzdopen(descriptor, "rb") else {
      throw KindlingError("\(purpose): \(path): there is no memory to read it")
    }
    (self.path, self.purpose, self.file) = (path, purpose, file)
    gzbuffer(file, 1 << 17)
  }

  deinit { gzclose(file) }

  /// The next `count` bytes, or fewer where the file ends.
  func read(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    // In pieces: the memory grows with what the file has, and not with what somebody claims that it has.
    while bytes.count < count {
      let piece = try piece(min(count - bytes.count, CompressedFile.pieceSize))
      if piece.isEmpty { break }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
    }
    return bytes
  }

  private func piece(_ wanted: Int) throws -> [UInt8] {
    var result: Int32 = 0
    let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      result = gzread(file, buffer.baseAddress!, UInt32(wanted))
      count = Int(max(result, 0))
    }
    // A file that is cut off gives the bytes that it has, and says so afterwards.
    var code: Int32 = 0
    let message = gzerror(file, &code)
    if code == Z_BUF_ERROR { throw failure("it is cut off in the middle of its compressed data") }
    if result < 0 || (code != Z_OK && code != Z_STREAM_END) {
      // zlib begins with its own name for the file, which is a number.
      let reason = message.map { String(cString: $0).split(separator: ": ").last ?? "" } ?? ""
      throw failure("it cannot be decompressed: \(reason)")
    }
    return piece
  }

  private func failure(_ problem: String) -> KindlingError { KindlingError("\(purpose): \(path): \(problem)") }
}

extension IDX {
  /// Reads a file that may be compressed with gzip, as those of MNIST are handed out; otherwise as `load(_:dtype:)`.
  ///
  /// No more is read than the head says that there is.
  ///
  /// - Throws: `KindlingError` for a file that is missing, is no IDX file, is damaged, or is not as long as its sizes say.
  public static func read(_ path: String, dtype: DType? = nil) throws -> Tensor {
    let file = try CompressedFile(path, for: "IDX.load")
    var bytes = try file.read(4)
    if bytes.count == 4 { bytes += try file.read(4 * Int(bytes[3])) }
    let head = try bytes.withUnsafeBytes { try Head($0, name: path) }
    if let count = head.byteCount {
      bytes += try file.read(count)
      if try !file.read(1).isEmpty {
        throw KindlingError("IDX.load: \(path): goes on after the \(count) bytes that sizes \(head.sizes) need")
      }
    }
    return try tensor(from: bytes, name: path, dtype: dtype)
  }
}
