import Foundation
import Kindling
import KindlingData

/// A file that is only in memory, under a name that opens it.
private let memoryFile: (descriptor: Int32, path: String) = {
  var name = Array("/dev/shm/kindling-fuzz-XXXXXX".utf8CString)
  let descriptor = mkstemp(&name)
  let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  expect(descriptor >= 0, "no file can be made in /dev/shm")
  unlink(path)
  return (descriptor, "/proc/self/fd/\(descriptor)")
}()

private func withFile<Result>(_ bytes: [UInt8], _ body: (String) -> Result) -> Result {
  ftruncate(memoryFile.descriptor, 0)
  pwrite(memoryFile.descriptor, bytes, bytes.count, 0)
  return body(memoryFile.path)
}

/// Whatever can be loaded is the same after being saved and loaded again.
func fuzzSafetensors(_ bytes: [UInt8]) {
  guard let content = withFile(bytes, { try? Safetensors.load($0) }) else { return }
  let copy = URL(filePath: "/dev/shm/kindling-fuzz-\(getpid())").path()
  defer { unlink(copy) }
  do {
    try Safetensors.save(content.tensors, to: copy, metadata: content.metadata)
    let again = try Safetensors.load(copy)
    expect(again.metadata == content.metadata, "metadata differ")
    expect(again.tensors.keys == content.tensors.keys, "names differ")
    for (name, tensor) in content.tensors {
      let other = again.tensors[name]!
      expect(other.shape == tensor.shape && other.dtype == tensor.dtype, "\(name) differs")
      expect(bits(other) == bits(tensor), "the elements of \(name) differ")
    }
  } catch {
    fatalError("what was loaded cannot be saved: \(error)")
  }
}

/// The elements, so that a NaN is equal to itself.
private func bits(_ tensor: Tensor) -> [UInt64] { tensor.toArray().map(\.bitPattern) }

func fuzzIDX(_ bytes: [UInt8]) {
  guard let tensor = try? IDX.tensor(from: bytes) else { return }
  expect(tensor.elementCount <= bytes.count, "more elements than bytes")
  expect(tensor.toArray().count == tensor.elementCount, "not all elements are there")
}

/// Read from a file, which may be compressed, an IDX file is what it is in memory.
func fuzzGzip(_ bytes: [UInt8]) {
  let read = withFile(bytes) { try? IDX.read($0) }
  // zlib takes what does not begin as gzip's files do as it is.
  if bytes.starts(with: [0x1F, 0x8B]) { return }
  let plain = try? IDX.tensor(from: bytes)
  expect(read?.shape == plain?.shape && read?.dtype == plain?.dtype, "a file and the memory differ")
  if let read, let plain { expect(bits(read) == bits(plain), "the elements differ") }
}

/// A table has as many names as columns, and no number that is not finite; written as it was read, it is the same.
func fuzzCSV(_ bytes: [UInt8]) {
  for hasHeader in [true, false] {
    guard let table = try? CSV.table(from: bytes, hasHeader: hasHeader, dtype: .float64) else { continue }
    let (rows, columns) = (table.values.shape[0], table.values.shape[1])
    expect(table.names.count == (hasHeader ? columns : 0), "\(table.names.count) names of \(columns) columns")
    let numbers = table.values.toArray()
    expect(numbers.allSatisfy(\.isFinite), "a number that is not finite")
    if rows == 0 { continue }
    let lines = (0..<rows).map { row in
      numbers[row * columns..<(row + 1) * columns].map { "\($0)" }.joined(separator: ",")
    }
    let text = Array(lines.joined(separator: "\n").utf8)
    let again = try? CSV.table(from: text, hasHeader: false, dtype: .float64)
    expect(again.map { bits($0.values) } == bits(table.values), "what was written is not what was read")
  }
}

/// JSON is read as the head of a safetensors file. What is JSON to Kindling is to Foundation, which is less strict.
func fuzzJSON(_ bytes: [UInt8]) {
  let head = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) } + bytes
  var message = ""
  withFile(head) { path in
    do { _ = try Safetensors.load(path) } catch { message = "\(error)" }
  }
  if message.contains("cannot be read as JSON") { return }
  do {
    _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
  } catch {
    // A number that is too large for a Double is one all the same.
    expect("\(error)".lowercased().contains("number"), "Kindling reads this as JSON, and Foundation does not: \(error)")
  }
}
