import Kindling

// New inputs, and their numbers.

extension Chooser {
  /// A new input.
  mutating func input(_ dtype: DType, _ shape: [Int]) -> Int {
    let count = shape.reduce(1, *)
    var values: [Double]
    switch dtype {
    case .bool: values = (0..<count).map { _ in random.chance(0.5) ? 1 : 0 }
    case .int64: values = (0..<count).map { _ in Double(random.integer(-4...6)) }
    default: values = (0..<count).map { _ in extras == .none || random.chance(0.5) ? tame() : extra(dtype) }
    }
    if random.chance(0.2) { repeated(&values, shape) }
    let id = program.nextID
    let requiresGrad = dtype.isFloatingPoint && random.chance(0.7)
    add(Program.Input(id: id, dtype: dtype, shape: shape, values: values, requiresGrad: requiresGrad))
    return id
  }

  private mutating func add(_ input: Program.Input) {
    program.inputs.append(input)
    analysis.add(input)
  }

  /// A number of moderate size, that float32 has exactly.
  private mutating func tame() -> Double { Double(random.integer(-2048...2048)) / 1024 }

  private mutating func extra(_ dtype: DType) -> Double {
    let sign: Double = random.chance(0.5) ? 1 : -1
    if extras == .special { return sign * random.element([0, 0, 0, 0.5, 1, 1, 2, 90, .infinity, .nan]) }
    let isSingle = dtype == .float32
    let (least, normal, most) =
      isSingle
      ? (Double(Float.leastNonzeroMagnitude), Double(Float.leastNormalMagnitude), 0x1p100)
      : (Double.leastNonzeroMagnitude, Double.leastNormalMagnitude, 0x1p900)
    return sign * random.element([least, normal / 2, normal, 1 / most, most, 1])
  }

  /// Makes the numbers the same along one dimension, so that the input can also be an expanded one.
  private mutating func repeated(_ values: inout [Double], _ shape: [Int]) {
    if shape.isEmpty { return }
    let d = random.integer(0...(shape.count - 1))
    if shape[d] < 2 { return }
    let inner = shape[(d + 1)...].reduce(1, *)
    for i in values.indices { values[i] = values[i - (i / inner % shape[d]) * inner] }
  }

  /// An index tensor: an input that is there and fits, or a new one. What it holds must be known.
  mutating func indices(below size: Int, _ shape: [Int], isUnique: Bool = false, negative: Bool = false) -> Int {
    let low = negative ? -size : 0
    let fitting = program.inputs.filter { input in
      guard input.dtype == .int64, input.shape == shape, let known = analysis.variables[input.id]!.type.known else {
        return false
      }
      return known.allSatisfy { $0 >= Double(low) && $0 < Double(size) }
        && (!isUnique || Set(known).count == known.count)
    }
    if let there = fitting.last, random.chance(0.5) { return there.id }
    let count = shape.reduce(1, *)
    let slack = isWild && random.chance(0.5) ? 2 : 0
    var values = (0..<count).map { _ in Double(random.integer((low - slack)...max(size - 1 + slack, 0))) }
    if isUnique {
      // Another order of the places from the start; too many of them are refused.
      let order = random.permutation(max(size, count))
      values = (0..<count).map { Double(random.chance(0.3) && negative ? order[$0] - size : order[$0]) }
    }
    let id = program.nextID
    add(Program.Input(id: id, dtype: .int64, shape: shape, values: values))
    return id
  }

  /// A mask of that shape, what it holds being known.
  mutating func mask(_ shape: [Int]) -> Int {
    let fitting = program.inputs.filter {
      $0.dtype == .bool && $0.shape == shape && analysis.variables[$0.id]!.type.known != nil
    }
    if let there = fitting.last, random.chance(0.5) { return there.id }
    let id = program.nextID
    let values = (0..<shape.reduce(1, *)).map { _ in random.chance(0.6) ? 1.0 : 0 }
    add(Program.Input(id: id, dtype: .bool, shape: shape, values: values))
    return id
  }
}
