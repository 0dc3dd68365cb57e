import Kindling
import KindlingNN
import TestSupport
import Testing

// What a module refuses, and in which words.

extension ModuleTests {
  static let mistakes: [Mistake] = [
    .init(
      "PlainTensor: the property scale is a plain Tensor that requires a gradient, "
        + "and parameters() would miss it; write Parameter(…) around its value"
    ) {
      final class PlainTensor: Module {
        let scale = Tensor.ones(1, requiresGrad: true)
      }
      _ = PlainTensor().parameters()
    },
    .init(
      "LazyLayer: the property head is lazy, and parameters() would miss it until its first use; "
        + "make it a let and set it in init"
    ) {
      final class LazyLayer: Module {
        lazy var head = Linear(1, 1)
      }
      LazyLayer().zeroGrad()
    },
    .init(
      "UnownedLayer: the property body is unowned, so that nothing keeps what it holds alive; "
        + "make it a let or a var, or a weak var if it refers back to a parent"
    ) {
      final class UnownedLayer: Module {
        unowned let body: Linear
        init(_ body: Linear) { self.body = body }
      }
      let body = Linear(1, 1)
      _ = UnownedLayer(body).parameters()
    },
    .init(
      "Inner: the property outer leads back to a module that this one is part of (Outer, Inner); "
        + "make a reference back to a parent weak"
    ) {
      final class Inner: Module {
        var outer: Module?
      }
      final class Outer: Module {
        let inner = Inner()
      }
      let outer = Outer()
      outer.inner.outer = outer
      _ = outer.parameters()
    },
    .init("Silent: it does not say what it computes; override forward(_:)") {
      final class Silent: Module {}
      _ = Silent()(Tensor.ones(1))
    },
    .init("Linear.to: a module computes with float32 or float64, not with int64") { Linear(1, 1).to(.int64) },
    .init("requiresGrad: only float32 and float64 tensors can require gradients, and this one is int64") {
      _ = Parameter(Tensor([1, 2]))
    },
  ]

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      ModuleTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == ModuleTests.mistakes[number].message)
  }
}
