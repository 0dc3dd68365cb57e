import Foundation
import Kindling
import KindlingArrays
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// Steps as `Walkthrough` sees them: every operation, what it read and made, and how that came about.
@Suite struct WalkthroughTests {
  /// Chapter 1's case for paper, by autograd.
  private static func paper() -> (walkthrough: Walkthrough, w1: Tensor, w2: Tensor) {
    let x = Tensor([[1.0, 2], [3, -1]])
    let y = Tensor([[2.0], [1]])
    let w1 = Tensor([[1.0, -1], [0, 1]]).requiresGrad_()
    let w2 = Tensor([[1.0], [2]]).requiresGrad_()
    let walkthrough = Walkthrough(names: ["x": x, "y": y, "w1": w1, "w2": w2])
    walkthrough.step(7) {
      let h = x.mm(w1)
      let hRelu = h.clamp(min: 0)
      let yPred = hRelu.mm(w2)
      let loss = (yPred - y).pow(2).sum()
      loss.backward()
      noGrad {
        w1 -= 0.5 * w1.grad!
        w2 -= 0.5 * w2.grad!
      }
    }
    return (walkthrough, w1, w2)
  }

  private static func named(_ name: String, _ walkthrough: Walkthrough) -> [[Double]] {
    walkthrough.tensors.filter { $0.name == name }.map { $0.values.toArray() }
  }

  @Test func everyOperationIsThereInItsPart() throws {
    let step = Self.paper().walkthrough.steps[0]
    #expect(step.number == 7)
    #expect(step.loss == 5)
    func names(_ phase: Walkthrough.Operation.Phase) -> [String] {
      step.operations.filter { $0.phase == phase }.map(\.name)
    }
    #expect(names(.forward) == ["mm", "clamp", "mm", "sub", "pow", "sum"])
    #expect(names(.backward) == ["sum", "pow", "sub", "mm", "clamp", "mm"])
    #expect(names(.update) == ["mul", "sub_", "mul", "sub_"])
    #expect(step.operations.allSatisfy { $0.isRule == ($0.phase == .backward) })
    for operation in step.operations where operation.isRule {
      #expect(step.operations[try #require(operation.forward)].name == operation.name)
    }
  }

  @Test func tensorsAreCalledWhatTheProgramCallsThem() {
    let walkthrough = Self.paper().walkthrough
    #expect(Self.named("h", walkthrough) == [[1, 1, 3, -4]])
    #expect(Self.named("hRelu", walkthrough) == [[1, 1, 3, 0]])
    #expect(Self.named("yPred", walkthrough) == [[3, 3]])
    #expect(Self.named("yPred - y", walkthrough) == [[1, 2]])
    #expect(Self.named("loss", walkthrough) == [[5]])
    #expect(Self.named("h.grad", walkthrough) == [[2, 4, 4, 0]])
    #expect(Self.named("w1.grad", walkthrough) == [[14, 4, 0, 8]])
    #expect(Self.named("w2.grad", walkthrough) == [[14, 2]])
    // As it was read, and as it was written.
    #expect(Self.named("w2", walkthrough) == [[1, 2], [-6, 1]])
  }

  @Test func linesAreThoseOfTheProgram() throws {
    let walkthrough = Self.paper().walkthrough
    let lines = walkthrough.steps[0].operations.map(\.lines)
    try #require(lines.contains { !$0.isEmpty }, "this build knows no lines")
    #expect(lines.allSatisfy { $0.first?.path.hasSuffix("WalkthroughTests.swift") ?? false })
    let forward = walkthrough.steps[0].operations.filter { $0.phase == .forward }.map { $0.lines[0].line }
    #expect(forward == forward.sorted())
    #expect(Set(forward).count == 4, "the loss takes three operations in one line")
  }

  /// What is claimed about a tensor, computed from the captured numbers.
  private static func value(_ explanation: Walkthrough.Explanation, _ walkthrough: Walkthrough) -> Tensor? {
    func values(_ i: Int) -> Tensor { walkthrough.tensors[i].values.to(.float64) }
    switch explanation {
    case .product(let a, let b, let transposed):
      return (transposed.0 ? values(a).t() : values(a)).mm(transposed.1 ? values(b).t() : values(b))
    case .chain(let gradient, let local): return values(gradient) * values(local)
    case .sum(let of, let dims, let isMean):
      return isMean ? values(of).mean(dims: dims) : values(of).sum(dims: dims)
    case .spread(let of, _, let factor): return values(of) * factor
    case .moved(let of, let permutation?): return values(of).permute(permutation)
    case .same(let of): return values(of)
    default: return nil
    }
  }

  @Test func whatIsClaimedGivesTheNumbers() {
    let walkthrough = Self.paper().walkthrough
    var checked = 0
    for result in walkthrough.steps[0].operations.flatMap(\.results) {
      guard let value = Self.value(result.explanation, walkthrough) else { continue }
      let made = walkthrough.tensors[result.tensor].values.to(.float64)
      #expect(value.expand(made.shape).toArray() == made.toArray(), "small integers are exact")
      checked += 1
    }
    #expect(checked == 10)
    #expect(
      walkthrough.steps[0].operations.flatMap(\.results).allSatisfy {
        if case .unknown = $0.explanation { false } else { true }
      })
  }

  @Test func aRuleOfAProductIsAProduct() throws {
    let walkthrough = Self.paper().walkthrough
    let operations = walkthrough.steps[0].operations
    let rule = try #require(operations.first { $0.isRule && $0.name == "mm" })
    guard case .product(let a, let b, let transposed) = rule.results[1].explanation else {
      Issue.record("the gradient of w2 is \(rule.results[1].explanation)")
      return
    }
    // hReluᵀ · gradYPred
    #expect(walkthrough.tensors[a].name == "hRelu" && transposed == (true, false))
    #expect(walkthrough.tensors[b].values.toArray() == [2, 4])
  }

  @Test func aFalseClaimIsNotMade() {
    // These have one input and its shape, but no element of them comes from its own place alone.
    let x = Tensor([[1.0, 2], [3, 4]]).requiresGrad_()
    let walkthrough = Walkthrough(names: ["x": x])
    walkthrough.step(0) {
      (x.cumsum(dim: 1).pow(2).sum() + x.rmsNorm([2]).pow(2).sum() + x.batchNorm(training: true).pow(2).sum())
        .backward()
    }
    let operations = walkthrough.steps[0].operations.filter { ["cumsum", "rms_norm", "batch_norm"].contains($0.name) }
    #expect(operations.count == 6)
    for operation in operations {
      guard case .unknown = operation.results[0].explanation else {
        Issue.record("\(operation.name) was explained as \(operation.results[0].explanation)")
        continue
      }
    }
  }

  /// A layer norm and two softmaxes, forward and backward.
  private static func groups() -> Walkthrough {
    let generator = Generator(seed: 4)
    func leaf(_ sizes: Int...) -> Tensor { Tensor.randn(Shape(sizes), generator: generator).requiresGrad_() }
    let (x, w, b, c) = (leaf(3, 4), leaf(4), leaf(4), leaf(3, 4).detach())
    let walkthrough = Walkthrough(names: ["x": x, "w": w, "b": b])
    walkthrough.step(0) {
      let y = x.layerNorm([4], weight: w, bias: b)
      (y.softmax(dim: 1) * c + y.logSoftmax(dim: 0) * c).sum().backward()
    }
    return walkthrough
  }

  @Test func elementsOfASoftmaxAndALayerNormAreToldByTheirGroups() {
    let results = Self.groups().steps[0].operations.flatMap(\.results)
    var found: [String: [Int]] = [:]
    for result in results {
      if case .unknown = result.explanation { Issue.record("one is not explained") }
      if case .grouped(let formula, _, let dims, _) = result.explanation { found[formula.rawValue] = dims }
    }
    #expect(
      found == [
        "softmax": [1], "softmaxGradient": [1], "logSoftmax": [0], "logSoftmaxGradient": [0], "layerNorm": [1],
        "layerNormGradient": [1], "layerNormWeightGradient": [1],
      ])
  }

  @Test func aGroupsFormulaGivesTheNumbers() throws {
    let walkthrough = Self.groups()
    func row(_ place: Int) -> [Double] { (walkthrough.tensors[place].values[1] as Tensor).toArray() }
    var seen: [String] = []
    for result in walkthrough.steps[0].operations.flatMap(\.results) {
      guard case .grouped(let formula, let of, _, let eps) = result.explanation else { continue }
      switch formula {
      case .softmax:
        let e = row(of[0]).map { exp($0) }
        try #require(e.count == 4 && row(result.tensor).count == 4)
        // Shares of at most 1, in float32.
        #expect(zip(row(result.tensor), e).allSatisfy { abs($0 - $1 / e.reduce(0, +)) < 1e-6 })
        seen.append(formula.rawValue)
      case .layerNorm:
        #expect(eps == 1e-5)
        let (x, w, b) = (
          row(of[0]), walkthrough.tensors[of[1]].values.toArray(), walkthrough.tensors[of[2]].values.toArray()
        )
        let mean = x.reduce(0, +) / 4
        let spread = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4 + eps).squareRoot()
        let y = x.indices.map { (x[$0] - mean) / spread * w[$0] + b[$0] }
        try #require(y.count == 4 && row(result.tensor).count == 4)
        // A handful of operations in float32 on numbers of a few units.
        #expect(zip(row(result.tensor), y).allSatisfy { abs($0 - $1) < 1e-5 })
        seen.append(formula.rawValue)
      default: break
      }
    }
    #expect(seen == ["layerNorm", "softmax"])
  }

  /// Such a number's distance from the mean is nothing but rounding, and so is what comes of it.
  @Test(arguments: [[1.0, 0, 0, -1], [1, 2, 3, 4]], [false, true])
  func aNumberNextToTheMeanIsToldByItsGroup(_ dy: [Double], _ hasBias: Bool) throws {
    // The mean of these is 2 + 2⁻²⁴, which float32 does not have.
    let x = Tensor([[1, 2 + 0x1p-22, 2, 3]]).requiresGrad_()
    let (w, b) = (Tensor([1.0, 2, 1, 1]).requiresGrad_(), Tensor.zeros(4).requiresGrad_())
    let exact = Tensor(x.toArray(), shape: [1, 4], dtype: .float64).layerNorm([4]).toArray()
    let found = x.detach().layerNorm([4]).toArray()
    try #require(abs(found[2] - exact[2]) > 0.5 * abs(exact[2]), "without its weight it is that far off")
    let walkthrough = Walkthrough(names: ["x": x, "w": w])
    walkthrough.step(0) {
      let y = x.layerNorm([4], weight: w, bias: hasBias ? b : nil)
      (y * Tensor([dy])).sum().backward()
    }
    let results = walkthrough.steps[0].operations.filter { $0.name == "layer_norm" }.flatMap(\.results)
    var formulas: [String] = []
    for result in results {
      switch result.explanation {
      case .grouped(let formula, _, let dims, _):
        #expect(dims == [1])
        formulas.append(formula.rawValue)
      case .sum: formulas.append("sum")  // the bias's gradient
      default: Issue.record("one is \(result.explanation)")
      }
    }
    #expect(
      formulas == ["layerNorm", "layerNormGradient", "layerNormWeightGradient"] + (hasBias ? ["sum"] : []))
  }

  /// Nor is a group taken for another one.
  @Test func aLayerNormOfTwoDimensionsHasBoth() throws {
    let x = Tensor([[1.0, 2, 2, 3], [4, 6, 5, 9]])
    let walkthrough = Walkthrough(names: ["x": x])
    walkthrough.step(0) { _ = x.layerNorm([2, 4]) }
    let operation = try #require(walkthrough.steps[0].operations.first)
    guard case .grouped(.layerNorm, _, let dims, _) = operation.results[0].explanation else {
      Issue.record("it is \(operation.results[0].explanation)")
      return
    }
    #expect(dims == [0, 1])
  }

  @Test func aWriteShowsWhatWasThereBefore() throws {
    let h = Tensor([1.0, -2, 3])
    let walkthrough = Walkthrough(names: ["h": h])
    walkthrough.step(0) { h[h < 0] = 0 }
    let write = try #require(walkthrough.steps[0].operations.first { $0.name == "masked_fill_" })
    #expect(write.writes)
    #expect(walkthrough.tensors[write.inputs[0]].values.toArray() == [1, -2, 3])
    #expect(walkthrough.tensors[write.results[0].tensor].values.toArray() == [1, 0, 3])
  }

  @Test func gradientsThatMeetAreAdded() throws {
    let x = Tensor([2.0]).requiresGrad_()
    let walkthrough = Walkthrough(names: ["x": x])
    walkthrough.step(0) {
      let a = 3 * x
      (a * a + a).sum().backward()
    }
    // a gets 2a = 12 of its square, in two shares, and 1 of the sum.
    let sums = walkthrough.steps[0].operations.filter { $0.phase == .backward && !$0.isRule }
    #expect(sums.map(\.name) == ["add", "add"])
    #expect(walkthrough.tensors[try #require(sums.last).results[0].tensor].values.toArray() == [13])
    #expect(x.grad!.toArray() == [39])
  }

  @Test func anOptimizerShowsItsStep() throws {
    let theta = Tensor([1.0, 2]).requiresGrad_()
    theta.grad = Tensor([0.5, -0.25])
    let optimizer = Adam([theta], learningRate: 0.1)
    let walkthrough = Walkthrough(names: ["theta": theta])
    walkthrough.step(0) { optimizer.step() }
    let operation = try #require(walkthrough.steps[0].operations.first)
    #expect(walkthrough.steps[0].operations.count == 1, "the operations that it is made of are its own")
    guard case .update(let before, let of, let formula, let numbers) = operation.results[0].explanation else {
      Issue.record("it is \(operation.results[0].explanation)")
      return
    }
    #expect(walkthrough.tensors[before].values.toArray() == [1, 2])
    #expect(of.map { walkthrough.tensors[$0].name } == ["theta.grad", "exp_avg", "exp_avg_sq"])
    #expect(formula.contains("√"))
    #expect(numbers.first { $0.name == "t" }?.value == 1)
    // Adam's first step is η long, whatever the gradient: within float32's rounding of a handful of operations.
    let after = walkthrough.tensors[operation.results[0].tensor].values.toArray()
    #expect(zip(after, [0.9, 2.1]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func plainNumbersAreSeenAsTensorsAre() throws {
    let (x, w) = ([1.0, 2, 3, -1], [1.0, -1, 0, 1])
    let walkthrough = Walkthrough()
    walkthrough.name(x, [2, 2], "x")
    walkthrough.name(w, [2, 2], "w")
    walkthrough.step(0) {
      let h = dot(x, (2, 2), w, (2, 2))
      let hRelu = maximum(h, 0)
      _ = dot(transposed: hRelu, (2, 2), x, (2, 2))
    }
    let operations = walkthrough.steps[0].operations
    #expect(operations.map(\.name) == ["dot", "maximum", "dot"])
    #expect(Self.named("h", walkthrough) == [[1, 1, 3, -4]])
    let relu = walkthrough.tensors[operations[1].results[0].tensor]
    #expect(relu.values.shape == [2, 2], "the shape comes from the numbers that it was made of")
    guard case .product(_, _, let transposed) = operations[2].results[0].explanation else {
      Issue.record("it is \(operations[2].results[0].explanation)")
      return
    }
    #expect(transposed == (true, false))
  }

  @Test func whatDoesNotChangeIsThereOnce() {
    let x = Tensor([[1.0, 2]])
    let w = Tensor([[3.0], [4]]).requiresGrad_()
    let walkthrough = Walkthrough(names: ["x": x, "w": w])
    for step in 0..<3 {
      walkthrough.step(step) {
        w.grad = nil
        x.mm(w).sum().backward()
        noGrad { w -= w.grad! }
      }
    }
    #expect(walkthrough.tensors.filter { $0.name == "x" }.count == 1)
    #expect(walkthrough.tensors.filter { $0.name == "w" }.count == 4)
  }

  @Test func theTrainingIsNoOtherForBeingSeen() {
    func trained(_ walkthrough: Walkthrough?) -> [Double] {
      manualSeed(0)
      let model = Sequential(Linear(4, 8), ReLU(), Linear(8, 2))
      let (x, y) = (Tensor.randn(16, 4), Tensor.randn(16, 2))
      let optimizer = SGD(model.parameters(), learningRate: 0.1, momentum: 0.9)
      for step in 0..<5 {
        func train() {
          optimizer.zeroGrad()
          MSELoss()(model(x), y).backward()
          optimizer.step()
        }
        if let walkthrough { walkthrough.step(step, train) } else { train() }
      }
      return model.parameters().flatMap { $0.toArray() }
    }
    #expect(trained(Walkthrough()) == trained(nil))
  }

  @Test func modulesAreNamed() {
    let model = Sequential(Linear(2, 3), ReLU())
    let walkthrough = Walkthrough()
    walkthrough.step(0) { _ = model(Tensor.ones(1, 2)) }
    #expect(
      walkthrough.steps[0].operations.map(\.module) == [
        "model.0 (Linear)", "model.0 (Linear)", "model.0 (Linear)", "model.1 (ReLU)",
      ])
  }

  @Test func aThreadIsWatchedByOneAtATime() async {
    await #expect(processExitsWith: .failure) {
      Walkthrough().step(0) { Walkthrough().step(1) {} }
    }
  }
}
