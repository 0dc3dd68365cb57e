import Kindling
import KindlingOptim
import Testing

/// A state dict that comes from elsewhere is taken over as a whole, or not at all.
@Suite struct OptimizerStateTests {
  private static func trained() -> (optimizer: Adam, weight: Tensor) {
    let weight = Tensor([1.0, -2, 5], requiresGrad: true)
    let optimizer = Adam([weight], learningRate: 0.1, amsgrad: true)
    for _ in 0..<3 {
      optimizer.zeroGrad()
      (weight - 3).pow(2).sum().backward()
      optimizer.step()
    }
    return (optimizer, weight)
  }

  private static func numbers(_ optimizer: Adam) -> [String: [Double]] {
    optimizer.stateDict().mapValues { $0.toArray() }
  }

  static let misfits: [(name: String, value: @Sendable () -> Tensor?, problem: String)] = [
    ("param_groups.0.lr", { Tensor.zeros(0, dtype: .float64) }, "has shape [0], and should be a single number"),
    ("param_groups.0.lr", { Tensor([0.1, 0.2]) }, "has shape [2], and should be a single number"),
    ("param_groups.0.amsgrad", { Tensor([true, false]) }, "has shape [2], and should be a single number"),
    ("param_groups.0.amsgrad", { Tensor(0.5) }, "is 0.5, and should be true or false"),
    ("param_groups.0.amsgrad", { Tensor(Double.nan) }, "is nan, and should be true or false"),
    ("param_groups.0.lr", { nil }, "is missing"),
    ("state.0.step", { Tensor.zeros(0) }, "has shape [0], and should be a single number"),
    ("state.0.step", { Tensor([3.0, 3]) }, "has shape [2], and should be a single number"),
    ("state.0.step", { Tensor(-1) }, "is -1.0, and should be a whole number of steps"),
    ("state.0.step", { Tensor(2.5) }, "is 2.5, and should be a whole number of steps"),
    ("state.0.step", { Tensor(Double.nan) }, "is nan, and should be a whole number of steps"),
    ("state.0.step", { Tensor(Double.infinity) }, "is inf, and should be a whole number of steps"),
    ("state.0.step", { Tensor(1e300, dtype: .float64) }, "is 1e+300, and should be a whole number of steps"),
    ("state.0.step", { Tensor(Int.max) }, "is 9.223372036854776e+18, and should be a whole number of steps"),
    ("state.0.exp_avg", { Tensor.zeros(2) }, "has shape [2], and its parameter [3]"),
    ("state.0.exp_avg", { Tensor.zeros(3, 1) }, "has shape [3, 1], and its parameter [3]"),
    ("state.0.exp_avg", { Tensor.zeros(0) }, "has shape [0], and its parameter [3]"),
  ]

  @Test(arguments: misfits.indices) func isRefusedAndChangesNothing(_ number: Int) throws {
    let (name, value, problem) = Self.misfits[number]
    let (optimizer, weight) = Self.trained()
    let before = Self.numbers(optimizer)
    var state = optimizer.stateDict().mapValues { $0 + 0 }
    // What comes before the misfit is right, and other than what is there: none of it may be taken over.
    state["param_groups.0.betas.0"] = Tensor(0.5, dtype: .float64)
    state[name] = value()
    #expect(throws: KindlingError("this state dict does not fit Adam: \(name) \(problem)")) {
      try optimizer.load(stateDict: state)
    }
    #expect(Self.numbers(optimizer) == before)
    optimizer.step()
    #expect(weight.toArray().allSatisfy { $0.isFinite })
  }

  @Test(arguments: ["lr", "eps", "weight_decay", "betas.0"], [-1.0, .nan, .infinity])
  func optionsThatCannotBeAreRefused(_ option: String, _ value: Double) {
    let (optimizer, _) = Self.trained()
    let before = Self.numbers(optimizer)
    var state = optimizer.stateDict()
    state["param_groups.0.\(option)"] = Tensor(value, dtype: .float64)
    #expect(throws: KindlingError.self) { try optimizer.load(stateDict: state) }
    #expect(Self.numbers(optimizer) == before)
  }

  /// As PyTorch writes it.
  @Test(arguments: [DType.float32, .float64, .int64]) func aStepMayBeOfAnyType(_ dtype: DType) throws {
    let (optimizer, weight) = Self.trained()
    var state = optimizer.stateDict()
    state["state.0.step"] = Tensor([7], dtype: dtype)
    try optimizer.load(stateDict: state)
    #expect(optimizer.stateDict()["state.0.step"]?.item() == 7)
    optimizer.step()
    #expect(weight.toArray().allSatisfy { $0.isFinite })
  }
}
