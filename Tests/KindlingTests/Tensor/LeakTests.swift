import Kernels
import Kindling
import KindlingNN
import KindlingOptim
import Testing

/// What a thousand steps leave behind: nothing. In a process of its own each, for other tests would be counted too.
///
/// Counted are the bytes of the elements: whatever is left of a graph holds tensors, and they hold theirs. All have more
/// than the 64 bytes that a tensor keeps within its own object, where they would not be counted.
@Suite struct LeakTests {
  private static func expectNothingLeft(_ name: String, steps: Int = 1000, _ step: () throws -> Void) {
    for _ in 0..<3 { try? step() }
    let before = KindlingMemoryStatistics().bytesInUse
    for _ in 0..<steps { try? step() }
    let left = KindlingMemoryStatistics().bytesInUse - before
    precondition(left == 0, "\(name): \(left) bytes are left after \(steps) steps")
  }

  private struct Stop: Error {}

  @Test func trainingLeavesNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let model = Sequential(Linear(8, 16), ReLU(), Linear(16, 4))
      let (x, y) = (Tensor.randn(32, 8), Tensor.randn(32, 4))
      let loss = MSELoss()
      for optimizer in [SGD(model.parameters(), learningRate: 0.01, momentum: 0.9), Adam(model.parameters())] {
        LeakTests.expectNothingLeft("\(optimizer)") {
          optimizer.zeroGrad()
          loss(model(x), y).backward()
          optimizer.step()
        }
      }
      LeakTests.expectNothingLeft("graphs without backward") { _ = loss(model(x), y) }
      LeakTests.expectNothingLeft("noGrad") { _ = noGrad { loss(model(x), y) } }
      LeakTests.expectNothingLeft("second derivatives", steps: 200) {
        let weights = model.parameters()
        let first = grad(of: loss(model(x), y), wrt: weights, createGraph: true)
        first.map { $0.square().sum() }.reduce(Tensor(0.0), +).backward()
        for weight in weights { weight.grad = nil }
      }
      LeakTests.expectNothingLeft("traces", steps: 200) {
        _ = trace(names: ["x": x]) { loss(model(x), y).backward() }
      }
    }
  }

  @Test func layersThatRememberLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let model = Sequential(Linear(8, 32), BatchNorm1d(32), Dropout(0.5), LayerNorm(32))
      let table = Embedding(16, 8, paddingIndex: 0)
      let (index, y) = (Tensor.arange(16), Tensor.rand(16, 32))
      let optimizer = SGD(table.parameters() + model.parameters(), learningRate: 0.01, momentum: 0.5)
      let schedule = ExponentialLR(optimizer, gamma: 1)
      let losses: [(Tensor) -> Tensor] = [
        { BCELoss()($0.sigmoid(), y) }, { HuberLoss()($0, y) }, { KLDivLoss()($0.logSoftmax(dim: 1), y) },
      ]
      for (number, loss) in losses.enumerated() {
        LeakTests.expectNothingLeft("loss \(number)", steps: 300) {
          optimizer.zeroGrad()
          loss(model(table(index))).backward()
          optimizer.step()
          schedule.step()
        }
      }
      LeakTests.expectNothingLeft("without backward", steps: 300) { _ = model(table(index)) }
      LeakTests.expectNothingLeft("a schedule") { _ = ReduceLROnPlateau(optimizer) }
    }
  }

  @Test func hooksAndFunctionsLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let w = Tensor.randn(32, requiresGrad: true)
      LeakTests.expectNothingLeft("a hook that holds its own tensor") {
        let y = w * 2
        y.registerHook { gradient in gradient * y.sum() }
        y.sum().backward()
        w.grad = nil
      }
      LeakTests.expectNothingLeft("a hook that holds the loss") {
        let y = w * 2
        let loss = y.sum()
        y.registerHook { gradient in gradient * loss.detach() }
        y.retainGrad()
        loss.backward(retainGraph: true)
        loss.backward()
        w.grad = nil
      }
      LeakTests.expectNothingLeft("a hook of a leaf, which is removed") {
        let handle = w.registerHook { gradient in gradient + w }
        (w * 2).sum().backward()
        handle.remove()
        w.grad = nil
      }
      LeakTests.expectNothingLeft("a hook of a leaf that holds it weakly, and no backward") {
        let leaf = Tensor.ones(32, requiresGrad: true)
        leaf.registerHook { [weak leaf] _ in leaf }
        let y = leaf * 2
        y.registerHook { [weak y] _ in y }
      }
      LeakTests.expectNothingLeft("custom functions") {
        Exponential.apply(w).sum().backward()
        _ = Exponential.apply(w)
        _ = Mirrored.apply(w, w * 2)
        w.grad = nil
      }
    }
  }

  @Test func writesLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let w = Tensor.randn(32, 32, requiresGrad: true)
      LeakTests.expectNothingLeft("operators on parts, without backward") {
        let y = w * 2
        y[0] += w[1]
        y[0, 1] *= 3
        y[y > 0] -= 1.0
        y[Tensor([0, 2])] /= w[2]
        let row = y[3]
        row.mul_(2)
        row[1...] += 1
        row[row > 0] += w[0, 0] * 2
        row[Tensor([0])] *= 2
      }
      LeakTests.expectNothingLeft("views that follow their base, without backward") {
        let base = Tensor.zeros(32, 32)
        let (row, column) = (base[0], base[.all, 0].view(32, 1))
        base[1] = w[0]
        base.mul_(w)
        _ = row * column
      }
      LeakTests.expectNothingLeft("a cache that is read and written") {
        let cache = Tensor.zeros(32, 32)
        for t in 0..<4 { cache[t] = w[t] * (1 + cache[..<t].sum(dim: 0)) }
        cache.sum().backward()
        w.grad = nil
      }
    }
  }

  @Test func errorsLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let w = Tensor.randn(32, requiresGrad: true)
      func fails() throws {
        let y = (w * 2).exp()
        _ = y + 1
        throw Stop()
      }
      LeakTests.expectNothingLeft("noGrad") { try noGrad(fails) }
      LeakTests.expectNothingLeft("enableGrad in noGrad") { try noGrad { try enableGrad(fails) } }
      LeakTests.expectNothingLeft("detectAnomaly") { try detectAnomaly(fails) }
      LeakTests.expectNothingLeft("trace") { _ = try trace(names: ["w": w], fails) }
      LeakTests.expectNothingLeft("an error beside a graph") {
        let y = w.exp()
        y.registerHook { [weak y] _ in y }
        try fails()
      }
      let x = Tensor.ones(16, dtype: .float64, requiresGrad: true)
      LeakTests.expectNothingLeft("gradientCheck", steps: 20) {
        try gradientCheck({ Wrong.apply($0[0]) }, inputs: [x])
      }
      precondition(isGradEnabled && !(trace {}.events.contains { _ in true }))
    }
  }
}

/// Its first input, with the second kept.
private enum Mirrored: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[1], inputs[0] * 2)
    return inputs[0]
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * context.savedTensors[1], nil]
  }
}

private enum Wrong: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor { inputs[0].pow(3) }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] { [gradient] }
}
