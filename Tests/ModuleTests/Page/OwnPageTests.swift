import Foundation
import Kindling
import KindlingNN
import KindlingOptim
import KindlingPage
import TestSupport
import Testing

/// A page of a program that is no lesson. Chapter 15 quotes it.
@Suite struct OwnPageTests {
  @Test func writesAPageOfAModelOfOnesOwn() throws {
    let path = Program.scratch("steps.html").path()
    defer { try? FileManager.default.removeItem(atPath: path) }

    manualSeed(0)
    let x = Tensor.randn(4, 3), y = Tensor.randn(4, 1)
    let model = Sequential(Linear(3, 5), Tanh(), Linear(5, 1))
    let optimizer = Adam(model.parameters(), learningRate: 0.01)

    func train() {
      let loss = (model(x) - y).square().mean()
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
    }

    let walkthrough = Walkthrough(names: ["x": x, "y": y])
    for (name, parameter) in model.namedParameters() {
      walkthrough.setName(name, of: parameter)
    }
    for t in 0..<100 {
      if t == 0 || t == 99 { walkthrough.step(t) { train() } } else { train() }
    }
    try walkthrough.writePage(to: path, title: "my model")

    #expect(walkthrough.steps.map(\.number) == [0, 99])
    #expect(walkthrough.steps[1].loss! < walkthrough.steps[0].loss!)
    let names = Set(walkthrough.tensors.compactMap(\.name))
    for name in ["x", "y", "0.weight", "2.bias", "0.weight.grad"] { #expect(names.contains(name), "\(name)") }
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("my model") && page.utf8.count < Page.byteLimit)
  }

  @Test func writesAPageOfAttentionOfOnesOwn() throws {
    let path = Program.scratch("looks.html").path()
    defer { try? FileManager.default.removeItem(atPath: path) }

    manualSeed(0)
    let attention = MultiheadAttention(8, 2)
    let x = Tensor.randn(4, 8)  // four tokens
    let (_, weights) = attention(x, x, x, averageAttnWeights: false)

    let looks = PageData.Attention(
      queries: ["a", "n", "n", "a"], layers: [weights!])
    try Walkthrough().writePage(
      to: path, title: "my attention", attention: looks)

    let page = try String(contentsOfFile: path, encoding: .utf8)
    let numbers = Data(
      try #require(weights).toArray(of: Float.self).flatMap { bits in
        withUnsafeBytes(of: bits.bitPattern.littleEndian, Array.init)
      })
    #expect(page.contains(numbers.base64EncodedString()) && page.contains("my attention"))
  }

  @Test func attentionOfAnotherShapeIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PageData.Attention(queries: ["a", "b"], layers: [Tensor.ones(5, 2, 3, 3)])
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("of 2 queries and 2 keys it must be [heads, 2, 2]; choose one sample"), "\(message)")
  }
}
