import Kindling

/// Keeps tensors by name as they are at a moment, each at its first: for `--save`.
struct Snapshots {
  private let path: String?
  private var kept: [String: Tensor] = [:]

  init(path: String?) { self.path = path }

  /// Whether anybody asked for them.
  var areWanted: Bool { path != nil }

  mutating func keep(_ name: String, _ tensor: Tensor) {
    if areWanted && kept[name] == nil { kept[name] = unwatched { noGrad { tensor.to(.cpu).clone() } } }
  }

  mutating func keep(_ name: String, _ values: [Double], _ shape: Shape) {
    if areWanted && kept[name] == nil { kept[name] = Tensor(values, shape: shape, dtype: .float64) }
  }

  func write() throws { if let path { try Safetensors.save(kept, to: path) } }
}
