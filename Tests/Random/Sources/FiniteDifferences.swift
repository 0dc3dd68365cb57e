import Kindling

/// Compares the gradients that `backward()` gave with finite differences, (f(x + h d) - f(x - h d)) / 2h, where d is a
/// random direction for each input in turn.
///
/// What has no history is held: whatever the program computes without a gradient (inside noGrad, by `detach()`, masks, integers)
/// is not what the gradient speaks of. A value of that kind is read, when the inputs have been moved, as it was when they had not;
/// a write that is not recorded is repeated as the sum of what was there and of what it added.
struct FiniteDifferences {
  enum Result {
    /// So many inputs agree.
    case agree(Int)
    case skipped(String)
    case differ(String)
  }

  let program: Program
  private let analysis: Analysis
  private let rows: [Row]
  private var held: [[Tensor?]] = []
  private var added: [Tensor?] = []
  /// Whether every value on the way is finite: where one is not, nothing follows from a sum that is.
  private var isFinite = true
  /// The largest value on the way: its last place is lost in the sum of the outputs.
  private var largest = 0.0
  /// Whether the larger or smaller of two equal values is taken: each has half of the gradient then, and it may be that neither
  /// direction shows that, where one is held or has a kink just there.
  private var isTied = false

  init(_ program: Program, _ analysis: Analysis) {
    self.program = program
    self.analysis = analysis
    rows = program.statements.map(\.row)
  }

  /// Of a program in float64, whose gradients are given.
  mutating func check(_ gradients: [Int: Stored], _ names: (Int) -> String) -> Result {
    if analysis.writesThroughDetached { return .skipped("a write through detach()") }
    let start = noGrad { hold() }
    if !start.isFinite || !isFinite { return .skipped("not finite") }
    if isTied { return .skipped("a tie of two values") }
    var random = SplitMix(seed: program.seed)
    var agreeing = 0
    var reason = ""
    inputs: for input in program.inputs where input.requiresGrad && input.count > 0 {
      var text = ""
      // Kinks may cancel out along one direction, but hardly along three.
      for _ in 0..<3 {
        let direction = (0..<input.count).map { _ in (random.chance(0.5) ? 1 : -1) * (0.5 + random.unit()) }
        let gradient = gradients[input.id]?.values ?? [Double](repeating: 0, count: input.count)
        let parts = zip(gradient, direction).map(*)
        // 0 times infinity on the way back, as in PyTorch: nothing to compare with.
        if !parts.allSatisfy(\.isFinite) { return .skipped("not finite") }
        switch judge(input.id, direction, start, parts.reduce(0, +), scale: parts.reduce(0) { $0 + abs($1) }) {
        case .agree:
          agreeing += 1
          continue inputs
        case .skipped(let why):
          reason = why
          continue inputs
        case .differ(let words): text = words
        }
      }
      return .differ("gradient of \(names(input.id)), along a random direction: \(text)")
    }
    return agreeing > 0 || reason.isEmpty ? .agree(agreeing) : .skipped(reason)
  }

  /// The steps that are tried: one may be too long for the curve, another too short for float64.
  private static let steps = [0x1p-13, 0x1p-16, 0x1p-19, 0x1p-22]

  private func judge(_ id: Int, _ direction: [Double], _ start: Double, _ claimed: Double, scale: Double) -> Result {
    // There every float64 is whole: floor(), ceil() and round() are the number itself, though their derivative is 0.
    if abs(start) >= 0x1p52 { return .skipped("beyond the last fraction of float64") }
    func slopes(_ step: Double) -> (right: Double, left: Double) {
      noGrad {
        (
          (value(moved: id, by: step, direction) - start) / step,
          (start - value(moved: id, by: -step, direction)) / step
        )
      }
    }
    // One step is enough where it agrees, and both sides do.
    let (right, left) = slopes(FiniteDifferences.steps[2])
    let unit = max(scale, abs(claimed), 1e-3 * abs(start), 1e-6)
    if abs((right + left) / 2 - claimed) <= 1e-5 * unit && abs(right - left) <= 1e-3 * unit { return .agree(1) }
    // Else all of them: the two neighbours that agree best give the slope, and how far it is to be trusted.
    let all = FiniteDifferences.steps.map(slopes)
    if !all.allSatisfy({ $0.right.isFinite && $0.left.isFinite }) { return .skipped("not finite") }
    let middle = all.map { ($0.right + $0.left) / 2 }
    let doubts = (1..<all.count).map { abs(middle[$0] - middle[$0 - 1]) }
    let doubt = doubts.min()!
    let best = doubts.firstIndex(of: doubt)! + 1
    if abs(all[best].right - all[best].left) > 1e-4 * unit || doubt > 1e-4 * unit {
      return .skipped("not smooth there")
    }
    if abs(middle[best] - claimed) <= 20 * doubt + 1e-4 * unit { return .agree(1) }
    // Large values of both signs, whose sum is small: what it changes by is less than their last place.
    if abs(middle[best] - claimed) <= 0x1p-50 * largest / FiniteDifferences.steps[best] {
      return .skipped("lost beside the largest value")
    }
    return .differ("backward() says \(claimed), finite differences \(middle[best])")
  }

  /// The sum of the outputs as the program has it; keeps what is to be held.
  private mutating func hold() -> Double {
    var held: [[Tensor?]] = []
    var added: [Tensor?] = []
    var isFinite = true
    var isTied = false
    var largest = 0.0
    func note(_ result: Tensor) {
      if !result.dtype.isFloatingPoint { return }
      for value in result.toArray() {
        if !value.isFinite { isFinite = false }
        largest = max(largest, abs(value))
      }
    }
    let sum = run(moved: nil) { place, operands, apply in
      let isRecorded = program.statements[place].isRecorded
      held.append(zip(operands, analysis.tracked[place]).map { isRecorded && $1 ? nil : $0.clone() })
      let isChoice = ["{a}.maximum({b})", "{a}.minimum({b})"].contains(rows[place].name)
      if isChoice && analysis.tracked[place].contains(true) && (operands[0] == operands[1]).any().item() != 0 {
        isTied = true
      }
      if rows[place].effect != .write || !operands[0].dtype.isFloatingPoint {
        added.append(nil)
        let result = apply(operands)
        note(result)
        return result
      }
      let before = operands[0].clone()
      let result = apply(operands)
      note(result)
      added.append(result - before)
      return result
    }
    (self.held, self.added, self.isFinite, self.isTied, self.largest) = (held, added, isFinite, isTied, largest)
    return sum
  }

  /// The sum of the outputs with one input moved.
  private func value(moved: Int, by step: Double, _ direction: [Double]) -> Double {
    run(moved: moved, by: step, direction) { place, operands, apply in
      let isWrite = rows[place].effect == .write
      // A view has to look at the elements themselves; whoever reads it is given what is held.
      if rows[place].isView { return apply(operands) }
      let isRecorded = program.statements[place].isRecorded && analysis.tracked[place].contains(true)
      if isWrite && !isRecorded, let added = added[place] { return operands[0].add_(added) }
      return apply(operands.indices.map { isWrite && $0 == 0 ? operands[0] : held[place][$0] ?? operands[$0] })
    }
  }

  private func run(
    moved: Int?, by step: Double = 0, _ direction: [Double] = [],
    _ perform: (_ place: Int, _ operands: [Tensor], _ apply: ([Tensor]) -> Tensor) -> Tensor
  ) -> Double {
    var tensors: [Int: Tensor] = [:]
    for input in program.inputs {
      let values = input.id == moved ? zip(input.values, direction).map { $0 + step * $1 } : input.values
      tensors[input.id] = Tensor(values, shape: Shape(input.shape), dtype: input.dtype)
    }
    for (place, statement) in program.statements.enumerated() {
      let result = perform(place, statement.operands.map { tensors[$0]! }) { operands in
        rows[place].apply(Call(operands: operands, integers: statement.integers, reals: statement.reals))
      }
      if rows[place].effect != .write { tensors[statement.id] = result }
    }
    return program.sum(of: tensors)?.item() ?? 0
  }
}
