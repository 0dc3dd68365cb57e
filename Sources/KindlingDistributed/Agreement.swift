import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Whether all processes mean the same. Where they do not, the first thing that they do together would hang, or mix what does
// not belong together without a word.

extension ProcessGroup {
  /// Makes sure that `text` is the same in all processes. If it is not, all of them end with status 1, and rank 0 says which
  /// rank has what instead.
  ///
  /// - Parameters:
  ///   - what: What is compared, as in "rank 1 does not have the `model` of rank 0".
  ///   - text: What must be the same; several lines are compared line by line.
  public func requireSame(_ what: String, _ text: String) {
    if ranks.count > 1 || size == 1 { return }
    let first = broadcast(text)
    for (rank, problem) in gathered(difference(text, from: first)).enumerated() where !problem.isEmpty {
      endTogether("rank \(rank) does not have the \(what) of rank 0: \(problem)")
    }
  }

  /// Makes sure that all processes have the same numbers in `tensor`, by a fingerprint of them.
  public func requireSame(_ what: String, _ tensor: Tensor) {
    if ranks.count > 1 || size == 1 { return }
    let text = "\(tensor.dtype) \(tensor.shape), fingerprint \(String(fingerprint(of: tensor), radix: 16))"
    requireSame(what, text)
  }

  /// Ends all processes with status 1, when each of them has come here: rank 0 says why.
  public func endTogether(_ message: String, status: Int32 = 1) -> Never {
    if rank == 0 { StandardError.print("\(StandardOutput.prefix)\(message)") }
    end()
    exit(status)
  }

  /// The first line in which `text` is another than rank 0's; empty if there is none.
  private func difference(_ text: String, from first: String) -> String {
    if text == first { return "" }
    let lines = [text, first].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    let place = zip(lines[0], lines[1]).enumerated().first { $1.0 != $1.1 }?.offset ?? lines.map(\.count).min()!
    let (own, other) = (lines[0].dropFirst(place).first ?? "nothing", lines[1].dropFirst(place).first ?? "nothing")
    return "\(own) instead of \(other)"
  }

  /// Rank 0's text. A byte travels as a number.
  private func broadcast(_ text: String) -> String {
    let count = Tensor([text.utf8.count])
    broadcast(count)
    let bytes = Tensor(text.utf8.numbers(count: count.item(as: Int.self)))
    broadcast(bytes)
    return bytes.text
  }

  /// The beginning of everybody's text, by rank.
  private func gathered(_ text: String) -> [String] {
    allGather(Tensor(text.utf8.numbers(count: 512))).map(\.text)
  }

  /// A number that hardly any other tensor has.
  private func fingerprint(of tensor: Tensor) -> UInt64 {
    let host = noGrad { tensor.to(.cpu).contiguous() }
    let bytes = UnsafeRawBufferPointer(
      start: UnsafeRawPointer(host.pointer), count: host.elementCount * host.dtype.byteCount)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    // FNV-1a, on eight bytes at a time.
    for start in stride(from: 0, to: bytes.count - 7, by: 8) {
      hash = (hash ^ bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)) &* 0x100_0000_01B3
      hash ^= hash >> 29
    }
    for byte in bytes.suffix(bytes.count % 8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

extension String.UTF8View {
  /// So many of the bytes, with zeros after the last.
  fileprivate func numbers(count: Int) -> [Int32] {
    let numbers = prefix(count).map { Int32($0) }
    return numbers + [Int32](repeating: 0, count: count - numbers.count)
  }
}

extension Tensor {
  fileprivate var text: String {
    String(decoding: toArray(of: Int32.self).prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }
}
