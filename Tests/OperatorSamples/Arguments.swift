import Kindling
import KindlingNN

/// How a tensor lies in memory. Values are the same in all of them, and so must be what comes out.
enum Layout: String, CaseIterable, Sendable {
  case contiguous
  /// All dimensions in reverse order.
  case transposed
  /// Every second element of what is there.
  case strided
  /// In the midst of a larger tensor.
  case offset
}

/// A sample's arguments, its tensors in some memory layout on some device.
final class Arguments {
  private let values: [Value]
  private var tensors: [Int: [Tensor]] = [:]
  /// The tensors that PyTorch was asked the gradient of, in order.
  private(set) var leaves: [Tensor] = []

  /// In a layout that is not `contiguous`, tensors after the first lie in others again.
  init(_ sample: Value, layout: Layout = .contiguous, on device: Device = .cpu, tracked: Bool = true) {
    values = sample["arguments"]!.list!
    let others = Layout.allCases.dropFirst()
    var count = 0
    func decoded(_ value: Value) -> Tensor? {
      guard let stored = StoredTensor(value) else { return nil }
      let shift = layout == .contiguous ? 0 : others.firstIndex(of: layout)! - others.startIndex + count
      let own = layout == .contiguous ? layout : others[others.startIndex + shift % others.count]
      count += 1
      let tensor = stored.tensor(own, on: device)
      if !stored.wantsGradient || !tracked { return tensor }
      leaves.append(tensor.detach().requiresGrad_())
      return leaves.last
    }
    for (place, value) in values.enumerated() {
      if let tensor = decoded(value) {
        tensors[place] = [tensor]
      } else if let list = value.list?.compactMap(decoded), !list.isEmpty {
        tensors[place] = list
      }
    }
  }

  var count: Int { values.count }

  /// The tensor at a place.
  subscript(_ place: Int) -> Tensor { tensors[place]![0] }

  /// The tensor at a place as a module's parameter, which takes its place among the leaves.
  func parameter(_ place: Int) -> Parameter {
    let parameter = Parameter(self[place].detach(), requiresGrad: self[place].requiresGrad)
    if let leaf = leaves.firstIndex(where: { $0 === self[place] }) { leaves[leaf] = parameter }
    return parameter
  }

  func tensorList(_ place: Int) -> [Tensor] { tensors[place] ?? [] }

  func optionalTensor(_ place: Int) -> Tensor? { tensors[place]?[0] }

  /// The tensor to write to in place: that of the sample, or a copy if gradients are asked, which do not follow a write to
  /// a leaf or through a view; or if its elements are one in memory.
  func target(_ place: Int) -> Tensor {
    let isPlain = leaves.isEmpty && values[place]["expanded"] == nil
    return isPlain ? self[place] : self[place].clone()
  }

  func isTensor(_ place: Int) -> Bool { tensors[place] != nil }

  func isNull(_ place: Int) -> Bool { values[place].isNull }

  func value(_ place: Int) -> Value { values[place] }

  func int(_ place: Int) -> Int { values[place].integer! }

  func optionalInt(_ place: Int) -> Int? { values[place].integer }

  func ints(_ place: Int) -> [Int] { values[place].list!.map { $0.integer! } }

  func shape(_ place: Int) -> Shape { Shape(ints(place)) }

  func real(_ place: Int) -> Double { values[place].number! }

  func optionalReal(_ place: Int) -> Double? { values[place].number }

  func flag(_ place: Int) -> Bool { if case .flag(let flag) = values[place] { flag } else { fatalError("no flag") } }

  func text(_ place: Int) -> String { values[place].text! }

  func dtype(_ place: Int) -> DType { DType(named: text(place)) }

  func optionalDtype(_ place: Int) -> DType? { values[place].text.map { DType(named: $0) } }

  /// The number at a place, as an `Int`, a `Double` or a `Bool`, whichever the sample has.
  func scalar(_ place: Int) -> any TensorScalar {
    switch values[place] {
    case .integer(let number): number
    case .real(let number): number
    case .flag(let flag): flag
    default: fatalError("no number")
    }
  }
}

extension DType {
  init(named name: String) { self = DType.allCases.first { "\($0)" == name }! }
}

/// A tensor as a file has it: its elements in row-major order.
struct StoredTensor {
  let dtype: DType
  let shape: Shape
  let values: [Value]
  /// The shape it is expanded to.
  let expanded: Shape?
  let wantsGradient: Bool

  /// Nil for a value that is no tensor.
  init?(_ value: Value) {
    guard let name = value["dtype"]?.text else { return nil }
    dtype = DType(named: name)
    shape = Shape(value["shape"]!.list!.map { $0.integer! })
    values = value["values"]!.list!
    expanded = value["expanded"].map { Shape($0.list!.map { $0.integer! }) }
    wantsGradient = value["wantsGradient"] != nil
  }

  var reals: [Double] { values.map { $0.number! } }
  var integers: [Int] { values.map { $0.integer! } }
  var flags: [Bool] { values.map { $0.integer! != 0 } }

  /// The tensor in a layout, expanded if it is to be. What lies between its elements is NaN, or some other number.
  func tensor(_ layout: Layout = .contiguous, on device: Device = .cpu) -> Tensor {
    let tensor =
      switch dtype {
      case .float32, .float64: laid(reals, .nan, layout) { Tensor($0, shape: $1, dtype: dtype) }
      case .int32, .int64: laid(integers, 99) { Tensor($0, shape: $1, dtype: dtype) }
      case .bool: laid(flags, true, layout) { Tensor($0, shape: $1) }
      }
    return expanded.map { tensor.expand($0) } ?? tensor

    func laid<Number>(
      _ numbers: [Number], _ other: Number, _ layout: Layout = layout, make: ([Number], Shape) -> Tensor
    )
      -> Tensor
    {
      let sizes = Array(shape)
      switch layout {
      case .contiguous:
        return make(numbers, shape).to(device)
      case .transposed:
        let reversed = Array(sizes.indices.reversed())
        return make(transposed(numbers), Shape(sizes.reversed())).to(device).permute(reversed)
      case .strided where sizes.count < 8:
        return make(numbers.flatMap { [other, $0] }, Shape(sizes + [2])).to(device).select(dim: -1, index: 1)
      case .offset where sizes.count < 8:
        let others = [Number](repeating: other, count: numbers.count)
        return make(others + numbers + others, Shape([3] + sizes)).to(device).select(dim: 0, index: 1)
      default:
        return make(numbers, shape).to(device)
      }
    }
  }

  /// Numbers in row-major order in the order that they have where all dimensions are reversed.
  private func transposed<Number>(_ numbers: [Number]) -> [Number] {
    var order = [0]
    var step = numbers.count
    for size in shape {
      step /= max(size, 1)
      // The first dimension runs fastest.
      order = (0..<size).flatMap { i in order.map { $0 + i * step } }
    }
    return numbers.isEmpty ? [] : order.map { numbers[$0] }
  }
}

extension StoredTensor {
  /// The elements that are stored once, as often as the expanded shape has them.
  func repeated<Number>(_ numbers: [Number]) -> [Number] {
    guard let expanded else { return numbers }
    return Tensor.arange(numbers.count).reshape(shape).expand(expanded).toArray(of: Int.self).map { numbers[$0] }
  }
}
