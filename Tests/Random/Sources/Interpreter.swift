import Kindling

/// Elements as they came out, as numbers that any type fits into.
struct Stored: Codable, Equatable {
  var dtype: DType
  var shape: [Int]
  @Exact var values: [Double]

  init(_ tensor: Tensor) {
    dtype = tensor.dtype
    shape = Array(tensor.shape)
    values = tensor.toArray()
  }

  init(_ dtype: DType, _ shape: [Int], _ values: [Double]) {
    self.dtype = dtype
    self.shape = shape
    self.values = values
  }
}

/// What a program leaves behind: every value as it is at the end, which of them have a history, and the inputs' gradients.
struct Observation: Codable {
  var values: [Int: Stored] = [:]
  var tracked: Set<Int> = []
  var gradients: [Int: Stored] = [:]
  /// Whether `backward()` was reached.
  var isDifferentiated = false

  /// Whether every gradient is finite.
  var isDifferentiatedFinitely: Bool { gradients.values.allSatisfy { $0.values.allSatisfy(\.isFinite) } }
}

/// Rounding errors, made on purpose: the operands and results of operations that round are changed in the last places.
struct Noise {
  /// 4 units in the last place.
  static let units = 4.0
  var random: SplitMix
  /// Whether values stay as they are: errors in them part numbers that tie, and what only tied numbers have is not seen.
  var isInDerivativesOnly = false

  /// A comparison's answers, drawn where they are not certain: where two operands are nearer to each other than errors may have
  /// moved them apart, 16 times what these have (see `Comparison`).
  mutating func unsettle(_ answers: Tensor, apart: [Double], apartWithoutNoise exact: [Double]) -> Tensor {
    let drawn = answers.toArray().enumerated().map { i, answer in
      abs(exact[i]) < 16 * abs(apart[i] - exact[i]) ? random.chance(0.5) : answer != 0
    }
    return Tensor(drawn, shape: answers.shape)
  }

  private func step(_ dtype: DType) -> Double { Noise.units * (dtype == .float32 ? 0x1p-23 : 0x1p-52) }

  private mutating func errors(_ shape: Shape, _ dtype: DType, around middle: Double) -> Tensor {
    let step = step(dtype)
    let count = shape.elementCount
    return Tensor((0..<count).map { _ in middle + step * (2 * random.unit() - 1) }, shape: shape, dtype: dtype)
  }

  /// Each element off by a share of itself, and its gradient by another: the derivatives of one tensor that is used twice
  /// may cancel, and both are rounded.
  ///
  /// Zeros may have the other sign, for the order in which numbers are added decides it; and numbers below the normal ones may
  /// be lost, as in vectorized functions that have no time for them.
  mutating func on(_ tensor: Tensor) -> Tensor {
    let inGradient = errors(tensor.shape, tensor.dtype, around: 1)
    var inValue = isInDerivativesOnly ? Tensor.onesLike(tensor) : errors(tensor.shape, tensor.dtype, around: 1)
    if random.chance(0.5) {
      let least = tensor.dtype == .float32 ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
      inValue = Tensor.where(tensor.detach().abs() < least, -0.0, inValue)
    }
    return Rounded.apply(tensor, inValue, inGradient)
  }

  /// The same for elements that were written, of which some may have been rounded to 0 that are the least number otherwise.
  mutating func onWritten(_ tensor: Tensor) -> Tensor {
    let noisy = on(tensor)
    if isInDerivativesOnly || random.chance(0.5) { return noisy }
    let least = tensor.dtype == .float32 ? Double(Float.leastNonzeroMagnitude) : Double.leastNonzeroMagnitude
    return Tensor.where(noisy == 0, least, noisy)
  }

  /// Each element off by as much as the operand's last places are worth, and its derivative by the last places of 1. In a sum
  /// it is the largest element's places, and those of 1. What is less than they are may be lost.
  mutating func cancelling(_ result: Tensor, _ operand: Tensor, _ kind: Row.Cancelling) -> Tensor {
    if isInDerivativesOnly && result.shape != operand.shape { return result }
    if isInDerivativesOnly || kind == .inDerivative {
      return Leaking.apply(result, operand, errors(operand.shape, operand.dtype, around: 0))
    }
    if result.shape != operand.shape {
      return result + errors(result.shape, result.dtype, around: 0) * (operand.detach().abs().max() + 1)
    }
    var noisy = result + operand * errors(operand.shape, operand.dtype, around: 0)
    if kind == .inSums { noisy = noisy + errors(operand.shape, operand.dtype, around: 0) }
    if noisy.requiresGrad || random.chance(0.5) { return noisy }
    return Tensor.where(result.abs() < operand.abs() * step(operand.dtype), result * 0, noisy)
  }
}

/// The first input. The second has a derivative as large as the third, where it should have none.
private enum Leaking: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[2])
    return inputs[0]
  }

  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient, gradient * context.savedTensors[0], nil]
  }
}

/// The first input times the second; its gradient times the third.
private enum Rounded: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[2])
    return inputs[0] * inputs[1]
  }

  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * context.savedTensors[0], nil, nil]
  }
}

/// Runs programs with the library.
struct Interpreter {
  let program: Program
  var device = Device.cpu
  var layout = Layout.inOrder
  var noise: Noise?
  /// How far apart the operands of each comparison are, by its place, without noise.
  var apart: [Int: [Double]] = [:]
  /// Called before each statement, with its place; and before `backward()`, with their number.
  var willRun: (Int) -> Void = { _ in }
  /// Called after each statement that has a result.
  var didRun: (Int, Tensor) -> Void = { _, _ in }

  mutating func run() -> Observation {
    var tensors: [Int: Tensor] = [:]
    for (place, input) in program.inputs.enumerated() {
      tensors[input.id] = layout.tensor(input, at: place, on: device)
    }
    for (place, statement) in program.statements.enumerated() {
      willRun(place)
      let row = statement.row
      let result = apply(statement, row, statement.operands.map { tensors[$0]! }, at: place)
      if row.effect == .write { continue }
      didRun(place, result)
      tensors[statement.id] = result
    }
    willRun(program.statements.count)
    var observation = Observation()
    // Where a value is used many times gradients are added up, which rounds as well.
    var noise = noise
    let sum = program.sum(of: tensors) { noise?.on($0) ?? $0 }
    if let sum, sum.requiresGrad {
      sum.backward()
      observation.isDifferentiated = true
    }
    for (id, tensor) in tensors {
      observation.values[id] = Stored(tensor)
      if tensor.requiresGrad { observation.tracked.insert(id) }
    }
    for input in program.inputs where input.requiresGrad {
      if let gradient = tensors[input.id]!.grad { observation.gradients[input.id] = Stored(gradient) }
    }
    return observation
  }

  private mutating func apply(_ statement: Program.Statement, _ row: Row, _ operands: [Tensor], at place: Int) -> Tensor
  {
    func call(_ operands: [Tensor]) -> Tensor {
      let call = Call(operands: operands, integers: statement.integers, reals: statement.reals)
      return statement.isRecorded ? row.apply(call) : noGrad { row.apply(call) }
    }
    if row.isComparison { return compare(statement, operands, call(operands), at: place) }
    if noise == nil || row.isExact || row.isView { return call(operands) }
    var noisy = operands
    for i in operands.indices where operands[i].dtype.isFloatingPoint && (row.effect != .write || i > 0) {
      noisy[i] = noise!.on(operands[i])
    }
    let result = call(noisy)
    if row.effect == .write {
      // What is written is rounded as well, and may be what is left of a number below the normal ones.
      if !statement.isRecorded && result.dtype.isFloatingPoint { noGrad { _ = result.copy_(noise!.onWritten(result)) } }
      return result
    }
    if !result.dtype.isFloatingPoint { return result }
    let isCancelling = row.cancels != .nothing && operands[0].elementCount > 0 && operands[0].dtype == result.dtype
    let rounded = noise!.on(result)
    return isCancelling ? noise!.cancelling(rounded, operands[0], row.cancels) : rounded
  }

  /// What a comparison says; without noise it is told how far apart the operands are, with noise that decides what is certain.
  private mutating func compare(_ statement: Program.Statement, _ operands: [Tensor], _ answers: Tensor, at place: Int)
    -> Tensor
  {
    if device != .cpu { return answers }
    let left = operands[0].detach().to(.float64)
    let apart =
      operands.count > 1
      ? left - operands[1].detach().to(.float64) : left - (statement.reals.first ?? Double(statement.integers[0]))
    guard noise != nil else {
      self.apart[place] = apart.toArray()
      return answers
    }
    return noise!.unsettle(answers, apart: apart.toArray(), apartWithoutNoise: self.apart[place]!)
  }
}

extension Program {
  /// The number whose gradient is taken; nil where there is none.
  func sum(of tensors: [Int: Tensor], _ change: (Tensor) -> Tensor = { $0 }) -> Tensor? {
    var total: Tensor?
    for (place, id) in outputs.enumerated() {
      guard let tensor = tensors[id] else { continue }
      var part = change(tensor)
      if isWeighted {
        let weights = Program.weights(tensor.elementCount, place)
        part = part * Tensor(weights, shape: tensor.shape, dtype: tensor.dtype, device: tensor.device)
      }
      total = total.map { $0 + part.sum() } ?? part.sum()
    }
    return total
  }

  /// Multiples of a quarter, none of them 0. programs.py has the same line.
  static func weights(_ count: Int, _ place: Int) -> [Double] {
    (0..<count).map { (Double((7 * $0 + 3 * place) % 11) - 5.5) / 4 }
  }
}
