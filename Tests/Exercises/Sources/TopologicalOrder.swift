import ExerciseKit
import Exercises

extension Exercise {
  static let topologicalOrder = Exercise(
    number: 3, title: "topological order", file: "Exercise3TopologicalOrder.swift",
    checks: [
      Check("a chain, L ← b ← a") {
        let a = GraphNode("a")
        let b = GraphNode("b", inputs: [a])
        let order = backwardOrder(from: GraphNode("L", inputs: [b])).map(\.name)
        if order == ["L", "b", "a"] { return }
        let words =
          switch order {
          case []: "No node came: nothing is computed yet."
          case ["a", "b", "L"]: "The order is that of the forward pass. backward() begins at the result: turn it round."
          case ["b", "a"]: "The result itself is missing."
          case ["L", "b"]: "Inputs have inputs too: the walk stopped after the first ones."
          default: ""
          }
        throw Wrong("It should be L, b, a, and it is \(list(order)). \(words)")
      },
      Check("a fork that joins again, c = 2a, d = 5c, e = c², L = d + e") {
        let a = GraphNode("a")
        let c = GraphNode("c", inputs: [a])
        let (d, e) = (GraphNode("d", inputs: [c]), GraphNode("e", inputs: [c]))
        let l = GraphNode("L", inputs: [d, e])
        try expectOrder(from: l, of: [a, c, d, e, l]) { order in
          let gradient = gradientOfA(order)
          return gradient == 34
            ? "" : " With this order and a = 3, the gradient of a becomes \(gradient), and it is 34."
        }
      },
      Check("a node that is read twice, c = a · a, L = c · c") {
        let a = GraphNode("a")
        let c = GraphNode("c", inputs: [a, a])
        let l = GraphNode("L", inputs: [c, c])
        try expectOrder(from: l, of: [a, c, l])
      },
      Check("a short way and a long way, b = 2a, c = 2b, d = 2c, L = a + d") {
        for longFirst in [false, true] {
          let a = GraphNode("a")
          let b = GraphNode("b", inputs: [a])
          let c = GraphNode("c", inputs: [b])
          let d = GraphNode("d", inputs: [c])
          let l = GraphNode("L", inputs: longFirst ? [d, a] : [a, d])
          try expectOrder(from: l, of: [a, b, c, d, l]) { _ in
            " How far a node is from L does not decide: a is one step away, and must still wait for b."
          }
        }
      },
      Check(
        "40 forks in a row",
        ifEndless:
          "From end to end there are a million million ways. A node that has been visited must not be walked again."
      ) {
        var last = GraphNode("a")
        var nodes = [last]
        for i in 1...40 {
          let (left, right) = (GraphNode("left\(i)", inputs: [last]), GraphNode("right\(i)", inputs: [last]))
          last = GraphNode("join\(i)", inputs: [left, right])
          nodes += [left, right, last]
        }
        try expectOrder(from: last, of: nodes)
      },
    ])
}

/// Throws unless the order has each of `nodes` once, and each after all that use it. `remark` may add a sentence.
private func expectOrder(
  from result: GraphNode, of nodes: [GraphNode], remark: ([GraphNode]) -> String = { _ in "" }
) throws {
  let order = backwardOrder(from: result)
  let shown = order.count > 12 ? "The order" : "The order is \(list(order.map(\.name)))."
  var places: [ObjectIdentifier: Int] = [:]
  for (place, node) in order.enumerated() {
    if places.updateValue(place, forKey: ObjectIdentifier(node)) != nil {
      throw Wrong("\(shown) \(node.name) is there twice: its rule would run twice. Each node comes once.")
    }
  }
  if let missing = nodes.first(where: { places[ObjectIdentifier($0)] == nil }) {
    throw Wrong("\(shown) \(missing.name) is missing.")
  }
  for user in order {
    for input in user.inputs where places[ObjectIdentifier(input)]! < places[ObjectIdentifier(user)]! {
      throw Wrong(
        "\(shown) \(input.name) comes before \(user.name), and \(user.name) has read it: \(input.name) would hand its gradient "
          + "on before the part from \(user.name) has arrived.\(remark(order))")
    }
  }
}

/// What arrives at a = 3 when the nodes of c = 2a, d = 5c, e = c², L = d + e hand on what they have, in this order.
private func gradientOfA(_ order: [GraphNode]) -> Int {
  let slopes = ["L": ["d": 1, "e": 1], "d": ["c": 5], "e": ["c": 12], "c": ["a": 2]]
  var gradients = ["L": 1]
  for node in order {
    for (input, slope) in slopes[node.name] ?? [:] {
      gradients[input, default: 0] += slope * gradients[node.name, default: 0]
    }
  }
  return gradients["a", default: 0]
}

private func list(_ names: [String]) -> String { names.isEmpty ? "empty" : names.joined(separator: ", ") }
