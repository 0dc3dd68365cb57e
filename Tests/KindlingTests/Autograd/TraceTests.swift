import Foundation
import Kindling
import TestSupport
import Testing

/// Traces and graphs tell what autograd did, in the order in which it did it.
@Suite struct TraceTests {
  private func example() -> (loss: () -> Tensor, w: Tensor, x: Tensor) {
    let x = Tensor([[1.0, 2.0]], dtype: .float64)
    let w = Tensor([[3.0], [-1.0]], dtype: .float64, requiresGrad: true)
    return ({ x.mm(w).pow(2).sum() }, w, x)
  }

  @Test func tellsWhatRanInOrder() throws {
    let (loss, w, x) = example()
    let trace = trace(names: ["w": w, "x": x]) { loss().backward() }
    #expect(trace.events.map(\.name) == ["mm", "pow", "sum", "sum", "pow", "mm"])
    #expect(trace.events.map(\.direction) == [.forward, .forward, .forward, .backward, .backward, .backward])
    #expect(trace.events[0].inputs == [[1, 2], [2, 1]] && trace.events[0].output == [1, 1])
    // loss = (x w)² with x w = 1: d/d(x w) = 2, and the gradient of w is 2 xᵀ, of norm 2 √5. Exact in float64.
    let product = try #require(trace.events.last)
    #expect(product.gradientNorm == 2)
    #expect(product.inputNorms[0] == nil, "nobody asks for the gradient of x")
    #expect(abs(product.inputNorms[1]! - 2 * 5.0.squareRoot()) < 1e-15)
    #expect(w.grad!.toArray() == [2, 4], "watching changes nothing")
  }

  @Test func readsAsATable() {
    let (loss, _, _) = example()
    let text = trace { loss().backward() }.description
    let expected = """
      forward
         1  mm         [1, 2], [2, 1] → [1, 1]
         2  pow        [1, 1] → [1, 1]
         3  sum        [1, 1] → []
      backward
         4  sum        dy [], norm 1
                       every element gets the dy of its sum
                       → input 0 [1, 1], norm 1
         5  pow        dy [1, 1], norm 1
                       dy times exponent times input to the exponent less 1
                       → input 0 [1, 1], norm 2
         6  mm         dy [1, 1], norm 2
                       dy · (second)ᵀ to the first, (first)ᵀ · dy to the second
                       → input 0 [1, 2], not wanted
                       → input 1 [2, 1], norm 4.47214

      """
    #expect(text == expected)
  }

  @Test func leavesOutWhatIsNotRecorded() {
    let (loss, w, _) = example()
    let trace = trace {
      let value = loss()
      _ = value.item()
      noGrad { _ = w * 2 }
    }
    #expect(trace.events.map(\.name) == ["mm", "pow", "sum"])
    #expect(trace.graph == nil, "no backward() ran")
  }

  @Test func endsWithItsBodyAlsoOnAnError() {
    struct Stop: Error {}
    #expect(throws: Stop.self) { _ = try trace { throw Stop() } }
    #expect(trace {}.events.isEmpty)
  }

  // MARK: Graphs

  @Test func writesNamesAtVerticesAndShapesAtEdges() {
    let (loss, w, x) = example()
    let graph = ComputationGraph(of: loss(), names: ["w": w, "x": x])
    #expect(graph.vertices.map(\.name) == ["x", "w", "mm", "pow", "sum"])
    #expect(graph.edges.map { [$0.from, $0.to] } == [[0, 2], [1, 2], [2, 3], [3, 4]])
    #expect(graph.edges.map(\.shape) == [[1, 2], [2, 1], [1, 1], [1, 1]])
    #expect(graph.dot.contains("n2 [label=\"mm\" shape=box") && graph.dot.contains("n4 [label=\"sum\\n[]\""))
    #expect(graph.dot.contains("n0 -> n2 [label=\"[1, 2]\"]\n"))
    #expect(graph.mermaid.hasPrefix("flowchart TD\n  n0([\"x\"])\n") && graph.mermaid.contains("n4[\"sum<br>[]\"]"))
    #expect(graph.mermaid.contains("n1 -->|\"[2, 1]\"| n2\n"))
    #expect(graph.mermaid.contains("class n1 leaf") && graph.mermaid.contains("class n0 constant"))
  }

  @Test func aTensorUsedTwiceIsOneVertex() {
    let a = Tensor([1.0, 2.0], requiresGrad: true)
    let b = a * 3
    let graph = ComputationGraph(of: (b * b).sum())
    #expect(graph.vertices.map(\.name) == ["leaf", "mul", "mul", "sum"])
    #expect(graph.edges.count == 4, "b reaches its square by two edges")
  }

  @Test func aLongChainOverflowsNoStack() {
    var x = Tensor([1.0], requiresGrad: true)
    for _ in 0..<100_000 { x = x + 1 }
    #expect(ComputationGraph(of: x).vertices.count == 100_001)
  }

  @Test func writesByTheEndingOfTheName() throws {
    let (loss, _, _) = example()
    let graph = ComputationGraph(of: loss())
    for (ending, start) in [("dot", "digraph"), ("mmd", "flowchart"), ("svg", "<svg ")] {
      let file = Program.scratch("graph.\(ending)")
      defer { try? FileManager.default.removeItem(at: file) }
      try graph.write(to: file.path())
      #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix(start))
    }
    #expect(throws: KindlingError("graph.png: a graph is written as .dot, .mmd or .svg")) {
      try graph.write(to: "graph.png")
    }
  }
}
