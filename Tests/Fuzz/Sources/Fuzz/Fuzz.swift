import Foundation
import Kindling

/// What is fuzzed, each by the name that KINDLING_FUZZ has: `LLVMFuzzerTestOneInput` is called with input after input.
enum Target: String {
  case safetensors, idx, gzip, csv, json, optimizer, module, commands

  static let chosen: Target = {
    let name = ProcessInfo.processInfo.environment["KINDLING_FUZZ"] ?? ""
    guard let target = Target(rawValue: name) else { fatalError("KINDLING_FUZZ is '\(name)'") }
    return target
  }()

  func run(_ bytes: [UInt8]) {
    switch self {
    case .safetensors: fuzzSafetensors(bytes)
    case .idx: fuzzIDX(bytes)
    case .gzip: fuzzGzip(bytes)
    case .csv: fuzzCSV(bytes)
    case .json: fuzzJSON(bytes)
    case .optimizer: fuzzOptimizer(Choices(bytes))
    case .module: fuzzModule(Choices(bytes))
    case .commands: fuzzCommands(Choices(bytes))
    }
  }
}

/// What libFuzzer calls with each input that it makes.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Target.chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// What a file says that nobody should have taken, or a state that was changed on the way to an error. libFuzzer keeps the
/// input.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

/// Bytes as a list of choices, for inputs that would hardly ever make sense as plain bytes.
struct Choices {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var isEmpty: Bool { bytes.isEmpty }

  /// A number below `count`; 0 when the bytes are used up.
  mutating func next(_ count: Int) -> Int { Int(bytes.popFirst() ?? 0) % count }

  mutating func pick<Value>(_ values: [Value]) -> Value { values[next(values.count)] }
}
