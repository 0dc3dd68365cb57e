import Kindling
import KindlingNN
import KindlingOptim

/// A tensor that has no business in a state dict, or hardly any.
private func strange(_ choices: inout Choices) -> Tensor {
  let shapes: [Shape] = [[], [1], [0], [2], [3], [2, 3], [3, 2], [0, 3], [1, 1], [2, 3, 1], [1, 2, 3]]
  let values: [Double] = [
    0, 1, -1, 0.5, 2, .nan, .infinity, -.infinity, -0.0, 1e300, -1e300, .leastNonzeroMagnitude, 0x1p53, 0x1p63, -0x1p63,
    1e19, 255,
  ]
  let (shape, value) = (choices.pick(shapes), choices.pick(values))
  switch choices.next(4) {
  case 0: return Tensor.full(shape, value, dtype: .float64)
  case 1: return Tensor.full(shape, value, dtype: .float64).to(.float32)  // beyond its range: infinity
  case 2: return Tensor.full(shape, Int(exactly: value.rounded()) ?? (value > 0 ? .max : .min), dtype: .int64)
  default: return Tensor.full(shape, value != 0, dtype: .bool)
  }
}

/// A state dict in which some entries have been replaced, removed or added.
private func spoilt(_ state: [String: Tensor], _ choices: inout Choices) -> [String: Tensor] {
  var state = state.mapValues { $0.clone() }
  let names = state.keys.sorted()
  let strangers = ["", "state.0.", "state.1.step", "state.-1.step", "param_groups.1.lr", "step", "0.weight", "weight"]
  for _ in 0..<8 where !choices.isEmpty {
    switch choices.next(8) {
    case 0: state[choices.pick(names)] = nil
    case 1: state[choices.pick(strangers)] = strange(&choices)
    default: state[choices.pick(names)] = strange(&choices)
    }
  }
  return state
}

private func bits(_ state: [String: Tensor]) -> [String: [UInt64]] {
  state.mapValues { $0.toArray().map(\.bitPattern) }
}

/// A state that does not fit is an error that changes nothing; with one that fits the training goes on.
func fuzzOptimizer(_ choices: Choices) {
  var choices = choices
  let weight = Tensor([[1.0, -2, 5], [0.5, 0, 3]], requiresGrad: true)
  switch choices.next(5) {
  case 0: fuzz(SGD([weight], learningRate: 0.1, momentum: 0.9), weight, &choices)
  case 1: fuzz(Adagrad([weight], learningRate: 0.1, learningRateDecay: 0.1), weight, &choices)
  case 2: fuzz(RMSprop([weight], learningRate: 0.1, momentum: 0.5, centered: true), weight, &choices)
  case 3: fuzz(Adam([weight], learningRate: 0.1, amsgrad: true), weight, &choices)
  default: fuzz(AdamW([weight], learningRate: 0.1), weight, &choices)
  }
}

private func fuzz<Rule>(_ optimizer: GroupedOptimizer<Rule>, _ weight: Tensor, _ choices: inout Choices) {
  func step() {
    optimizer.zeroGrad()
    (weight - 3).pow(2).sum().backward()
    optimizer.step()
  }
  step()
  let state = spoilt(optimizer.stateDict(), &choices)
  let before = bits(optimizer.stateDict())
  do {
    try optimizer.load(stateDict: state)
    step()
    step()
    let again = optimizer.stateDict()
    // A count of steps that was at the end of what a Double counts has gone beyond it, and would be refused.
    if again.contains(where: { $0.key.hasSuffix(".step") && $0.value.item() > 0x1p53 }) { return }
    try optimizer.load(stateDict: again)
    expect(bits(optimizer.stateDict()) == bits(again), "a state differs from itself")
  } catch let error as KindlingError {
    if error.description.contains("and must be") { return }  // options that went out of bounds only in the step
    expect(bits(optimizer.stateDict()) == before, "a state dict that was refused has changed the optimizer: \(error)")
  } catch {
    fatalError("\(error)")
  }
}

func fuzzModule(_ choices: Choices) {
  var choices = choices
  let model = Sequential(Linear(3, 2), ReLU(), Linear(2, 3))
  let before = bits(model.stateDict())
  let state = spoilt(model.stateDict(), &choices)
  do {
    try model.load(stateDict: state, strict: choices.next(2) == 0)
    _ = model(Tensor.ones(1, 3)).sum().item()
  } catch {
    expect(bits(model.stateDict()) == before, "a state dict that was refused has changed the module: \(error)")
  }
}
