import Foundation
import Kernels
import Kindling
import Testing

/// What a thread leaves for the one that waits for it.
private final class Box<Value>: @unchecked Sendable { var value: Value? }

@Suite struct GraphTests {
  /// Runs `body` on a thread of its own with a stack of `stackSize` bytes.
  private func onThread<R: Sendable>(stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> R) -> () -> R {
    let box = Box<R>(), done = DispatchSemaphore(value: 0)
    let thread = Thread {
      box.value = body()
      done.signal()
    }
    thread.stackSize = stackSize
    thread.start()
    return {
      done.wait()
      return box.value!
    }
  }

  private static func chain(_ count: Int) -> (w: Tensor, end: Tensor) {
    let w = leaf([0])
    var y = w * 1
    for _ in 1..<count { y = y + 1 }
    return (w, y)
  }

  @Test func aMillionOperationsOnASmallStack() {
    let result = onThread(stackSize: 128 << 10) {
      let (w, end) = GraphTests.chain(1_000_000)
      end.backward()
      return [end.item(), w.grad!.item()]
    }
    #expect(result() == [999_999, 1])
  }

  @Test func aMillionOperationsDroppedWithoutBackward() {
    let result = onThread(stackSize: 128 << 10) { GraphTests.chain(1_000_000).end.item() }
    #expect(result() == 999_999)
    // Each operation reads two of the chain, and lists of many.
    let wide = onThread(stackSize: 128 << 10) {
      let w = leaf([1])
      var y = w * 1, z = w * 1
      for _ in 0..<50_000 { (y, z) = (y + z, cat([y, z, w]).narrow(dim: 0, start: 0, length: 1) - y + 1 - 1) }
      return y.rank
    }
    #expect(wide() == 1)
  }

  /// In a process of its own: other tests would be counted too.
  @Test func nothingLeaks() async {
    await #expect(processExitsWith: .success) {
      func bytesAfter(_ name: String, _ step: () -> Void) {
        step()
        let before = KindlingMemoryStatistics().bytesInUse
        for _ in 0..<100 { step() }
        let after = KindlingMemoryStatistics().bytesInUse
        precondition(
          after == before, "\(name) leaks: \(before) bytes before, \(after) after")
      }
      let w = Tensor.randn(8, 8, dtype: .float64, requiresGrad: true), x = Tensor.randn(4, 8, dtype: .float64)
      bytesAfter("a step") {
        x.mm(w).tanh().square().mean().backward()
        noGrad { w -= 0.01 * w.grad! }
        w.grad!.zero_()
      }
      bytesAfter("a graph without backward") { _ = x.mm(w).softmax(dim: 1).log().sum() }
      bytesAfter("a second derivative") {
        let first = grad(of: x.mm(w).exp().sum(), wrt: [w], createGraph: true)[0]
        _ = grad(of: first.square().sum(), wrt: [w])
        let second = grad(of: x.mm(w).sigmoid().sum(), wrt: [w], createGraph: true)[0]
        second.square().sum().backward()
      }
      bytesAfter("a custom function") {
        Exponential.apply(x.mm(w)).sum().backward()
        _ = Exponential.apply(x.mm(w))
      }
      bytesAfter("hooks") {
        let y = x.mm(w)
        y.registerHook { $0 * 2 }
        y.retainGrad()
        let handle = w.registerHook { $0 + 1 }
        y.sum().backward()
        handle.remove()
        let dropped = x.mm(w)
        dropped.retainGrad()
      }
      bytesAfter("writes in place") {
        let y = x.mm(w)
        y[0] = 1
        y[y > 0] = 0
        y.mul_(2).clamp_(max: 1)
        y.sum().backward()
        let dropped = x.mm(w)
        dropped += dropped
      }
      bytesAfter("a retained graph") {
        let loss = x.mm(w).sum()
        loss.backward(retainGraph: true)
        loss.backward(retainGraph: true)
      }
    }
  }

  @Test func threadsHaveTheirOwnModeAndGenerator() {
    @Sendable func train(_ seed: Int, inNoGrad: Bool) -> [Double] {
      manualSeed(seed)
      let x = Tensor.randn(16, 8, dtype: .float64), y = Tensor.randn(16, 1, dtype: .float64)
      let w = Tensor.randn(8, 1, dtype: .float64, requiresGrad: true)
      func run() -> [Double] {
        (0..<200).map { _ in
          let loss = enableGrad { (x.mm(w) - y).square().mean() }
          loss.backward()
          noGrad { w -= 0.05 * w.grad! }
          w.grad!.zero_()
          return loss.item() + (isGradEnabled == inNoGrad ? 1000 : 0)
        }
      }
      return inNoGrad ? noGrad(run) : run()
    }
    let alone = [train(1, inNoGrad: false), train(2, inNoGrad: true)]
    let running = [onThread { train(1, inNoGrad: false) }, onThread { train(2, inNoGrad: true) }]
    #expect(running.map { $0() } == alone)
    #expect(alone[0][0] > alone[0][199] && alone[0] != alone[1] && isGradEnabled)
  }
}
