import ExerciseKit
import Exercises
import Kindling
import KindlingNN

extension Exercise {
  static let residualBlock = Exercise(
    number: 4, title: "a module of your own", file: "Exercise4ResidualBlock.swift",
    checks: [
      Check("names and shapes in stateDict(), for 3 features and 5 hidden numbers") {
        try expectNames(ResidualBlock(3, 5))
      },
      Check("parameters()") {
        let block = ResidualBlock(3, 5)
        let learnt = block.namedParameters().map(\.name)
        if let name = shapes.map(\.name).first(where: { !learnt.contains($0) }) {
          throw Wrong(
            "\(name) is not among them: it is a Buffer, and must be a Parameter, or no optimizer will see it.")
        }
        if let (name, _) = block.namedParameters().first(where: { !$0.parameter.requiresGrad }) {
          throw Wrong("\(name) does not require a gradient, and would never be learnt.")
        }
      },
      Check("the first numbers, for seed 0") {
        manualSeed(0)
        let (linear1, linear2) = (Linear(3, 5), Linear(5, 3))
        manualSeed(0)
        let (second, _) = (Linear(5, 3), Linear(3, 5))
        manualSeed(0)
        let state = ResidualBlock(3, 5).stateDict()
        let alpha = state["alpha"]!.item()
        if alpha != 0 { throw Wrong("alpha is \(short(alpha)), and must be 0 at first.") }
        if state["linear2.weight"]!.toArray() == second.weight.toArray() {
          throw Wrong("linear2 is made before linear1, so that it has drawn the numbers that linear1 has in PyTorch.")
        }
        for (name, layer) in [("linear1", linear1), ("linear2", linear2)] {
          if state[name + ".weight"]!.toArray() == layer.weight.toArray() { continue }
          throw Wrong(
            "\(name).weight has other numbers than PyTorch's. Make linear1, then linear2, and no other layer.")
        }
      },
      Check("the output") {
        let x = Tensor.randn(4, 3)
        let (block, state) = try filledBlock()
        let alpha = state["alpha"]!
        func layer(_ name: String, _ x: Tensor) -> Tensor {
          x.mm(state[name + ".weight"]!.t()) + state[name + ".bias"]!
        }
        let hidden = layer("linear1", x)
        let branch = layer("linear2", hidden.relu())
        let y = block(x)
        let known: [Mistake] = [
          (x, "It is x itself: nothing is computed yet."),
          (alpha * branch, "It is α · linear2(relu(linear1(x))); the x that is added to it is missing."),
          (x + branch, "The factor α is missing."),
          (alpha * (x + branch), "α must multiply the branch only, and not x."),
          (alpha * x + branch, "α multiplies x here, and must multiply the branch."),
          (x + alpha * layer("linear2", hidden), "The relu between the two layers is missing."),
          (x + alpha * branch.relu(), "There is a relu after linear2 as well."),
          (
            x + alpha * layer("linear2", hidden).relu(),
            "The relu must stand between the layers, and not after linear2."
          ),
          ((x + alpha * branch).relu(), "There is a relu around the sum. In this block there is none."),
          (x + alpha * hidden.relu().mm(state["linear2.weight"]!.t()), "linear2's bias is missing."),
        ]
        if y.shape != x.shape { throw Wrong("The output has the shape \(y.shape), and x has \(x.shape).") }
        if isRoughly(y, x + alpha * branch) { return }
        let words = known.first { isRoughly(y, $0.answer) }?.words
        throw Wrong(words ?? "It is not x + α · linear2(relu(linear1(x))), for given weights and α = 0.5.")
      },
      Check("gradients of all five") {
        let (block, _) = try filledBlock()
        let x = Tensor.randn(4, 3)
        let y = block(x)
        let lost = "Was it taken out of the graph, by item(), detach() or noGrad?"
        if !y.requiresGrad { throw Wrong("The output has no history, so that no gradient arrives anywhere. \(lost)") }
        y.square().sum().backward()
        if let (name, _) = block.namedParameters().first(where: { $0.parameter.grad == nil }) {
          throw Wrong("No gradient arrives at \(name). \(lost)")
        }
      },
    ])
}

private let shapes: [(name: String, shape: Shape)] = [
  ("alpha", [1]), ("linear1.weight", [5, 3]), ("linear1.bias", [5]), ("linear2.weight", [3, 5]), ("linear2.bias", [3]),
]

private func expectNames(_ block: ResidualBlock) throws {
  let state = block.stateDict()
  if state.isEmpty { throw Wrong("It is empty: the block has no properties yet.") }
  for (name, shape) in shapes {
    guard let tensor = state[name] else {
      throw Wrong(
        "\(name) is missing. The names are \(state.keys.sorted().joined(separator: ", ")); they come from the names of the "
          + "properties.")
    }
    if tensor.shape == shape { continue }
    let words = name == "alpha" ? "" : " Linear takes the size of its input first."
    throw Wrong("\(name) has the shape \(tensor.shape), and it should be \(shape).\(words)")
  }
  if let stranger = state.keys.sorted().first(where: { name in !shapes.contains { $0.name == name } }) {
    throw Wrong("\(stranger) is there too, and PyTorch's block has nothing of this name.")
  }
}

/// A block with numbers that are all different from 0, and these.
private func filledBlock() throws -> (block: ResidualBlock, state: [String: Tensor]) {
  manualSeed(2)
  let block = ResidualBlock(3, 5)
  var state: [String: Tensor] = [:]
  for (name, shape) in shapes { state[name] = name == "alpha" ? Tensor([0.5], dtype: .float32) : Tensor.randn(shape) }
  try block.load(stateDict: state)
  return (block, state)
}

/// The same in float32, but for rounding: some units of 1e-7, on numbers of about 1.
private func isRoughly(_ a: Tensor, _ b: Tensor) -> Bool {
  a.shape == b.shape && zip(a.toArray(), b.toArray()).allSatisfy { abs($0 - $1) < 1e-5 }
}
