import Kindling
import KindlingNN
import TestSupport
import Testing

private final class TwoLayerNet: Module {
  var linear1: Linear
  let linear2: Linear

  init(_ dIn: Int, _ h: Int, _ dOut: Int) {
    linear1 = Linear(dIn, h)
    linear2 = Linear(h, dOut)
  }

  override func forward(_ x: Tensor) -> Tensor { linear2(linear1(x).clamp(min: 0)) }
}

private struct Pair {
  let left = Linear(1, 2)
  let factor = 3
  let right = Linear(2, 1, bias: false)
}

private class Base: Module {
  let first = Parameter(Tensor.zeros(1))
  let numbers = [1.0, 2.0]
  let shape: Shape = [2, 3]
}

/// A property of every kind that is looked through.
private final class Everything: Base {
  let scale = Parameter(Tensor(0.5))
  let mean = Buffer(Tensor.zeros(2))
  let scratch = Buffer(Tensor.zeros(3), isPersistent: false)
  let constant = Tensor.ones(4)
  let optional: Linear? = Linear(1, 1, bias: false)
  let absent: Linear? = nil
  let blocks = [Linear(1, 1, bias: false), Linear(1, 1, bias: false)]
  let heads: [String: Module] = ["b": Linear(1, 1, bias: false), "a": Linear(1, 1, bias: false), "c": ReLU()]
  let pair = Pair()
  let tuple = (Linear(1, 1, bias: false), 1)
  let whatever: Any = Parameter(Tensor.zeros(1))
  let last = Parameter(Tensor.zeros(1))
}

private final class Tied: Module {
  let encoder: Linear
  let decoder: Linear
  let again: Linear

  override init() {
    encoder = Linear(2, 2, bias: false)
    decoder = Linear(2, 2, bias: false)
    decoder.weight = encoder.weight
    again = encoder
  }
}

/// Of two inputs: no `Module`, and yet it holds one.
private final class Gate: ModuleBase {
  let weigh: Linear
  let bound = Buffer(Tensor([2.0]))
  override init() {
    weigh = Linear(1, 1, bias: false)
    Init.ones_(weigh.weight)
  }
  func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor { runHooks(x) { x in (weigh(x) * y).minimum(bound) } }
}

private final class Gated: Module {
  let gate = Gate()
  let loss = MSELoss()
  override func forward(_ x: Tensor) -> Tensor { gate(x, x) }
}

private final class Child: Module {
  let layer = Linear(1, 1)
  weak var parent: Module?
}

private final class Parent: Module {
  let child = Child()

  override init() {
    super.init()
    child.parent = self
  }
}

@Suite struct ModuleTests {
  @Test func parametersAreFoundInOrder() {
    let model = TwoLayerNet(3, 4, 2)
    #expect(
      model.namedParameters().map(\.name) == ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"])
    #expect(model.parameters().map(\.shape) == [[4, 3], [4], [2, 4], [2]])
    #expect(model.modules().count == 3)
    #expect(model.namedModules().map(\.name) == ["", "linear1", "linear2"])
    #expect(model.children().map { $0.description.prefix(6) } == ["Linear", "Linear"])
  }

  @Test func aReplacedPropertyIsSeenAtOnce() {
    let model = TwoLayerNet(3, 4, 2)
    let old = model.parameters()[0]
    model.linear1 = Linear(3, 4, bias: false)
    #expect(model.parameters().count == 3)
    #expect(model.parameters()[0] !== old)
    model.linear1.weight = Parameter(Tensor.zeros(4, 3))
    #expect(model.parameters()[0] === model.linear1.weight)
  }

  @Test func propertiesOfEveryKind() {
    let module = Everything()
    let names = [
      "first", "scale", "whatever", "last", "optional.weight", "blocks.0.weight", "blocks.1.weight", "heads.a.weight",
      "heads.b.weight", "pair.left.weight", "pair.left.bias", "pair.right.weight", "tuple.0.weight",
    ]
    #expect(module.namedParameters().map(\.name) == names)
    #expect(module.namedBuffers().map(\.name) == ["mean", "scratch"])
    #expect(Set(module.stateDict().keys) == Set(names + ["mean"]))
  }

  @Test func tiedWeightsComeOnce() {
    let module = Tied()
    #expect(module.namedParameters().map(\.name) == ["encoder.weight"])
    #expect(module.namedModules().map(\.name) == ["", "encoder", "decoder"])
    // Both names are saved, as in PyTorch.
    #expect(module.stateDict().keys.sorted() == ["again.weight", "decoder.weight", "encoder.weight"])
  }

  @Test func aWeakReferenceBackIsNoPart() {
    let parent = Parent()
    #expect(parent.namedParameters().map(\.name) == ["child.layer.weight", "child.layer.bias"])
  }

  @Test func trainAndEvalReachAll() {
    let model = Sequential(Linear(1, 1), Sequential(Dropout(), ReLU()))
    #expect(model.modules().allSatisfy { $0.isTraining })
    #expect(model.eval() === model)
    #expect(!model.modules().contains { $0.isTraining })
    model[1].train()
    #expect(model.modules().map(\.isTraining) == [false, false, true, true, true])
  }

  @Test func zeroGradAndRequiresGrad() {
    let model = TwoLayerNet(3, 4, 2)
    model(Tensor.ones(1, 3)).sum().backward()
    let gradient = model.linear2.bias!.grad!
    #expect(gradient.toArray() == [1, 1])
    model.zeroGrad(setToNil: false)
    #expect(gradient.toArray() == [0, 0] && model.linear2.bias!.grad === gradient)
    model.zeroGrad()
    #expect(model.parameters().allSatisfy { $0.grad == nil })
    model.linear1.requiresGrad_(false)
    #expect(model.parameters().map(\.requiresGrad) == [false, false, true, true])
  }

  @Test func applyGoesFromTheLeavesUp() {
    var names: [String] = []
    Sequential(Linear(1, 1), Sequential(ReLU())).apply { names.append(String($0.description.prefix(4))) }
    #expect(names == ["Line", "ReLU", "Sequ", "Sequ"])
  }

  @Test func hooksSeeAndReplace() {
    let layer = Identity()
    var seen: [Double] = []
    let before = layer.registerForwardPreHook { _, x in x + 1 }
    let after = layer.registerForwardHook { _, x, y in
      seen += x.toArray() + y.toArray()
      return y * 2
    }
    #expect(layer(Tensor([1.0])).toArray() == [4])
    #expect(seen == [2, 2])
    before.remove()
    after.remove()
    #expect(layer(Tensor([1.0])).toArray() == [1])
  }

  @Test func hooksOfLossesRun() {
    let loss = MSELoss(reduction: .sum)
    var seen: [Double] = []
    let before = loss.registerForwardPreHook { module, prediction in
      #expect(module === loss)
      seen += prediction.toArray()
      return prediction * 2
    }
    let after = loss.registerForwardHook { _, prediction, result in
      seen += prediction.toArray() + [result.item()]
      return nil
    }
    #expect(loss(Tensor([1.0, 2]), Tensor([0.0, 1])).item() == 13)
    #expect(seen == [1, 2, 2, 4, 13])
    before.remove()
    after.remove()
    #expect(loss(Tensor([1.0, 2]), Tensor([0.0, 1])).item() == 2 && seen.count == 5)
  }

  // MARK: Other inputs than one tensor

  /// `Sequential(MSELoss())` does not compile: a loss cannot be handed what the layer before it gives.
  @Test func aLossHoldsStateButIsNoModuleOfOneInput() {
    let parts: [ModuleBase] = [MSELoss(), CrossEntropyLoss(), Gate()]
    #expect(!parts.contains { $0 is Module })
  }

  @Test func modulesOfOtherInputsAreSeenTrainedSavedAndHooked() throws {
    let model = Gated()
    #expect(model.namedModules().map(\.name) == ["", "gate", "gate.weigh", "loss"])
    #expect(model.stateDict().keys.sorted() == ["gate.bound", "gate.weigh.weight"])
    model.eval()
    #expect(!model.gate.isTraining && !model.gate.weigh.isTraining && !model.loss.isTraining)
    model.gate.registerForwardPreHook { module, x in
      #expect(module === model.gate)
      return x / 2
    }
    #expect(model(Tensor([[2.0]])).item() == 2 && model(Tensor([[1.0]])).item() == 0.5)
    model.to(.float64)
    #expect(model.gate.bound.dtype == .float64)
  }

  // MARK: Printing

  @Test func printedAsPyTorchDoes() {
    #expect(
      "\(TwoLayerNet(784, 100, 10))" == """
        TwoLayerNet(
          (linear1): Linear(in_features=784, out_features=100, bias=True)
          (linear2): Linear(in_features=100, out_features=10, bias=True)
        )
        """)
    let model = Sequential([
      "first": Linear(3, 4, bias: false),
      "rest": Sequential(
        LeakyReLU(), GELU(), GELU(approximate: .tanh), SiLU(), Sigmoid(), Tanh(), Softplus(), Softmax(dim: 1),
        LogSoftmax(dim: -1), Flatten(), Dropout(0.2), Identity(), Sequential()),
    ])
    #expect(
      "\(model)" == """
        Sequential(
          (first): Linear(in_features=3, out_features=4, bias=False)
          (rest): Sequential(
            (0): LeakyReLU(negative_slope=0.01)
            (1): GELU(approximate='none')
            (2): GELU(approximate='tanh')
            (3): SiLU()
            (4): Sigmoid()
            (5): Tanh()
            (6): Softplus(beta=1.0, threshold=20.0)
            (7): Softmax(dim=1)
            (8): LogSoftmax(dim=-1)
            (9): Flatten(start_dim=1, end_dim=-1)
            (10): Dropout(p=0.2, inplace=False)
            (11): Identity()
            (12): Sequential()
          )
        )
        """)
    #expect("\(ReLU())" == "ReLU()")
    #expect("\(MSELoss())" == "MSELoss()")
  }

  // MARK: Saving, loading, moving

  @Test func whatIsSavedIsLoaded() throws {
    let source = TwoLayerNet(3, 4, 2)
    let target = TwoLayerNet(3, 4, 2)
    let parameters = target.parameters()
    let names = try target.load(stateDict: source.stateDict())
    #expect(names.missing.isEmpty && names.unexpected.isEmpty)
    for (a, b) in zip(source.parameters(), target.parameters()) { #expect(a.toArray() == b.toArray()) }
    #expect(zip(parameters, target.parameters()).allSatisfy { $0 === $1 })
    // Copies: the source moves on by itself.
    noGrad { _ = source.linear1.weight.zero_() }
    #expect(target.linear1.weight.toArray() != source.linear1.weight.toArray())
    // What was saved shares elements with the module.
    #expect(source.stateDict()["linear1.weight"]!.toArray() == Array(repeating: 0, count: 12))
  }

  /// PyTorch's `append` takes the count for a name, and puts the new module in the place of the old one of that name.
  @Test func appendedModulesGetNamesOfTheirOwn() throws {
    func row() -> Sequential {
      Sequential(["0": Linear(1, 1, bias: false), "2": Linear(2, 2, bias: false)]).append(Linear(3, 3, bias: false))
    }
    let (source, target) = (row(), row())
    #expect(source.stateDict().keys.sorted() == ["0.weight", "2.weight", "3.weight"])
    try target.load(stateDict: source.stateDict())
    for (a, b) in zip(source.parameters(), target.parameters()) { #expect(a.toArray() == b.toArray()) }
    let plain = Sequential(Identity()).append(Identity()).append(Identity())
    #expect(plain.namedChildren().map(\.name) == ["0", "1", "2"])
    let named = Sequential(["input": Identity(), "3": Identity()]).append(Identity()).append(Identity())
    #expect(named.namedChildren().map(\.name) == ["input", "3", "2", "4"])
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let model = TwoLayerNet(3, 4, 2)
    let before = model.linear2.bias!.toArray()
    var state = model.stateDict()
    state["linear1.bias"] = nil
    state["linear2.bias"] = Tensor.zeros(2)
    state["linear2.weight"] = Tensor.zeros(2, 5)
    state["linear3.weight"] = Tensor.zeros(1)
    #expect(
      throws: KindlingError(
        "this state dict does not fit TwoLayerNet: missing: linear1.bias; "
          + "linear2.weight has shape [2, 5] and should have [2, 4]; unexpected: linear3.weight")
    ) { try model.load(stateDict: state) }
    #expect(model.linear2.bias!.toArray() == before)
    #expect(
      throws: KindlingError(
        "this state dict does not fit TwoLayerNet: linear2.weight has shape [2, 5] and should have [2, 4]")
    ) { try model.load(stateDict: state, strict: false) }
    state["linear2.weight"] = nil
    let names = try model.load(stateDict: state, strict: false)
    #expect(names.missing == ["linear1.bias", "linear2.weight"] && names.unexpected == ["linear3.weight"])
    #expect(model.linear2.bias!.toArray() == [0, 0])
  }

  @Test func convertedParametersStayTheSameObjects() {
    let model = TwoLayerNet(3, 4, 2)
    let parameters = model.parameters()
    let numbers = parameters.map { $0.toArray() }
    model(Tensor.ones(1, 3)).sum().backward()
    model.to(.float64)
    #expect(zip(parameters, model.parameters()).allSatisfy { $0 === $1 })
    #expect(parameters.allSatisfy { $0.dtype == .float64 && $0.grad?.dtype == .float64 && $0.requiresGrad })
    #expect(parameters.map { $0.toArray() } == numbers)
    #expect(model(Tensor.ones(1, 3, dtype: .float64)).dtype == .float64)
    #expect(model.to(.cpu) === model)
  }

  @Test func integerBuffersKeepTheirType() {
    final class Counter: Module {
      let count = Buffer(Tensor(3))
      let mean = Buffer(Tensor(0.5))
    }
    let module = Counter().to(.float64)
    #expect(module.count.dtype == .int64 && module.mean.dtype == .float64)
  }

  @Test func aGraphFromBeforeTheConversionIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Linear(2, 2)
      let loss = model.weight.square().sum()
      model.to(.float64)
      loss.backward()
    }
    #expect(fatalMessage(result).contains("has been written in place since"))
  }

  @Test func parametersShareElementsAndLeaveHistoryBehind() {
    let w = Tensor([1.0, 2.0], requiresGrad: true)
    let parameter = Parameter(w * 2)
    #expect(parameter.isLeaf && parameter.requiresGrad)
    let plain = Tensor([1.0, 2.0])
    let sharing = Parameter(plain)
    plain.fill_(7)
    #expect(sharing.toArray() == [7, 7])
    #expect(!Parameter(plain, requiresGrad: false).requiresGrad)
    #expect(Parameter(Tensor.zeros(2, 3).t()).isContiguous)
  }
}
