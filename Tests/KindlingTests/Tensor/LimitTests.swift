import Kernels
import Kindling
import KindlingArrays
import KindlingNN
import TestSupport
import Testing

/// What is too large ends the program with a sentence before memory is asked for, and not with a trap, a crash or a machine
/// that has none left.
@Suite struct LimitTests {
  struct TooLarge: Sendable, CustomTestStringConvertible {
    /// How the sentence begins; how much memory there is depends on the machine.
    let message: String
    let make: @Sendable () -> Void

    init(_ message: String, _ make: @escaping @Sendable () -> Void) {
      self.message = message
      self.make = make
    }

    var testDescription: String { message }
  }

  static let tooLarge = [
    TooLarge("zeros: shape [4294967296, 4294967296] of float32 takes 70368744177664.0 MiB, and this machine has ") {
      _ = Tensor.zeros(1 << 32, 1 << 32)
    },
    TooLarge("zeros: shape [9223372036854775807, 2] of float32 takes 70368744177664.0 MiB, and this machine has ") {
      _ = Tensor.zeros(Int.max, 2)
    },
    TooLarge("ones: shape [1099511627776] of float64 takes 8388608.0 MiB, and this machine has ") {
      _ = Tensor.ones(1 << 40, dtype: .float64)
    },
    TooLarge("full: shape [1099511627776] of int64 takes 8388608.0 MiB, and ") { _ = Tensor.full([1 << 40], 2) },
    TooLarge("eye: shape [2147483648, 2147483648] of float32 takes ") { _ = Tensor.eye(1 << 31) },
    TooLarge("rand: shape [1099511627776] of float32 takes ") { _ = Tensor.rand(1 << 40) },
    TooLarge("randn: shape [1099511627776] of float32 takes ") { _ = Tensor.randn(1 << 40) },
    TooLarge("arange: shape [9223372036854775807] of int64 takes ") { _ = Tensor.arange(0, Int.max) },
    TooLarge("arange: shape [9223372036854775807] of int64 takes ") { _ = Tensor.arange(.min, .max) },
    TooLarge("arange: shape [9223372036854775807] of float64 takes ") { _ = Tensor.arange(0.0, 1e19) },
    TooLarge("arange: 1e+19 is out of the range of int64") { _ = Tensor.arange(0.0, 1e19, dtype: .int64) },
    TooLarge("linspace: shape [9223372036854775807] of float64 takes ") { _ = Tensor.linspace(0, 1, steps: .max) },
    TooLarge("randperm: shape [9223372036854775807] of int64 takes ") { _ = Tensor.randperm(.max) },
    TooLarge("randint: shape [2305843009213693954] of int64 takes ") { _ = Tensor.randint(0, 5, [(1 << 61) + 2]) },
    TooLarge("randint: a size in [-1] is negative") { _ = Tensor.randint(0, 5, [-1]) },
    TooLarge("rand: shape [4611686018427387904, 4] of float64 takes ") { _ = NumPyGenerator(seed: 0).rand(1 << 62, 4) },
    TooLarge("randn: shape [9223372036854775807] of float64 takes ") { _ = NumPyGenerator(seed: 0).randn(.max) },
    TooLarge("Linear: shape [1099511627776, 1099511627776] of float32 takes ") { _ = Linear(1 << 40, 1 << 40) },
    TooLarge("zeros: shape [4294967296, 4294967296] of float32 takes ") {
      _ = Tensor.zeros(1 << 32, 1 << 32, device: .cudaEmulator)
    },
    TooLarge("dot: shape [1099511627776, 1099511627776] of float64 takes ") {
      _ = dot([], (1 << 40, 0), [], (0, 1 << 40))
    },
    TooLarge("dot: an array of 0 numbers was said to be 4611686018427387904 × 4") {
      _ = dot([], (1 << 62, 4), [], (4, 0))
    },
    // Results, whose shape is known only when they are computed.
    TooLarge("Tensor: shape [1048576, 1048576] of float64 takes 8388608.0 MiB, and this machine has ") {
      _ = Tensor.zeros(1 << 20, 1, dtype: .float64) + Tensor.zeros(1, 1 << 20, dtype: .float64)
    },
    TooLarge("Tensor: shape [1152921504606846976] of float64 takes 8796093022208.0 MiB, and ") {
      _ = Tensor.zeros(1, dtype: .float64).expand(1 << 60).exp()
    },
    TooLarge("Tensor: shape [2305843009213693952] of float64 takes 17592186044416.0 MiB, and ") {
      _ = Tensor.zeros(1, dtype: .float64).expand(1 << 61).clone()
    },
    TooLarge("Shape: a tensor of shape [4294967296, 4294967296] would have more elements than can be counted") {
      _ = Tensor.zeros(1, 1).expand(1 << 32, 1 << 32)
    },
    TooLarge("Shape: a tensor of shape [4611686018427387904, 4] would have more elements") {
      _ = Tensor([1.0], shape: [1 << 62, 4])
    },
  ]

  @Test(arguments: tooLarge.indices) func endsWithASentence(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      LimitTests.tooLarge[number].make()
    }
    let message = fatalMessage(result)
    #expect(message.hasPrefix(LimitTests.tooLarge[number].message), "\(message)")
  }

  /// The system would grant each of the three, and end the program when their pages are used.
  @Test func allTensorsTogetherFitTheMachine() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let bytes = Int(KindlingMemoryLimit()) / 5 * 2
      let tensors = (0..<3).map { _ in Tensor(uninitialized: [bytes], .bool, Device.cpu.backend) }
      withExtendedLifetime(tensors) {}
    }
    let message = fatalMessage(result)
    #expect(message.hasPrefix("Tensor: shape [") && message.contains(" MiB, of which tensors hold "), "\(message)")
    #expect(!message.contains("hold 0.0 MiB"), "\(message)")
  }

  @Test func nothingIsNeverTooLarge() {
    #expect(Tensor.zeros(0, 1 << 62, 4).elementCount == 0 && Tensor.zeros(1 << 62, 4, 0).elementCount == 0)
    #expect(Tensor.ones(0, 1 << 40, 1 << 40).sum().item() == 0)
    #expect(Tensor.zeros(0, 1, 1).expand(0, 1 << 40, 1 << 40).mean(dims: [1, 2]).shape == [0])
    #expect(NumPyGenerator(seed: 0).rand(0, 1 << 62, 4) == [])
  }

  // MARK: Numbers that no element can be

  static let outOfRange: [TooLarge] = [
    TooLarge("full: 1e+30 is out of the range of int64") { _ = Tensor.full([1], 1e30, dtype: .int64) },
    TooLarge("full: inf is out of the range of int64") { _ = Tensor.full([2], Double.infinity, dtype: .int64) },
    TooLarge("full: nan is out of the range of int64") { _ = Tensor.full([2], Double.nan, dtype: .int64) },
    TooLarge("full: 1e+300 is out of the range of float32") { _ = Tensor.full([2], 1e300) },
    TooLarge("fill_: 1e+19 is out of the range of int64") { Tensor([1, 2]).fill_(1e19) },
    TooLarge("fill_: nan is out of the range of int64") { Tensor([1, 2]).fill_(Double.nan) },
    TooLarge("fill_: -1e+300 is out of the range of float32") { Tensor([1.0, 2]).fill_(-1e300) },
    TooLarge("Tensor: nan is out of the range of int64") { _ = Tensor([1.0, Double.nan], dtype: .int64) },
    TooLarge("Tensor: 9.3e+18 is out of the range of int64") { _ = Tensor(9.3e18, dtype: .int64) },
    TooLarge("clamp_: the result is float32, which cannot be written into a tensor of int64") {
      Tensor([1, 2]).clamp_(min: 1e19)
    },
    TooLarge("clamp_: the result is float32, which cannot be written into a tensor of int64") {
      Tensor([1, 2]).clamp_(min: 0.0)
    },
    TooLarge("clamp_: give min:, max: or both") { Tensor([1, 2]).clamp_() },
    TooLarge("arange: a step of 0") { _ = Tensor.arange(0.0, 5, step: 0.5, dtype: .int64) },
    TooLarge("arange: there is no end to the numbers from 0.0 to nan in steps of 1.0") { _ = Tensor.arange(0.0, .nan) },
    TooLarge("uniform: the range -3e+38 to 3e+38 is wider than float32 can say") {
      Tensor.zeros(2).uniform_(from: -3e38, to: 3e38)
    },
    TooLarge("uniform: the range 0.0 to 1e+39 is wider than float32 can say") {
      Tensor.zeros(2).uniform_(from: 0, to: 1e39)
    },
    TooLarge("Device: ") { _ = Tensor.zeros(1, device: .cuda(1 << 40)) },
    TooLarge("variance: the variance of int64 elements is no int64; convert with to(.float32) first") {
      _ = Tensor([1, 2]).variance()
    },
  ]

  @Test(arguments: outOfRange.indices) func wrongNumbersAreRefused(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      LimitTests.outOfRange[number].make()
    }
    let message = fatalMessage(result)
    #expect(message.hasPrefix(LimitTests.outOfRange[number].message), "\(message)")
  }

  @Test func printingTakesAnyOptions() {
    let x = Tensor.arange(20).reshape(4, 5).to(.float32)
    #expect(x.formatted(precision: .max) == "\(x)" && x.formatted(precision: -1) == "\(x)")
    #expect(Tensor(0.5).formatted(precision: .max).count == "tensor(0.)".count + 1074)
    #expect(x.formatted(threshold: 0, edgeItems: .max) == "\(x)")
    #expect(x.formatted(threshold: .min, edgeItems: .min).contains("..."))
    #expect(!x.formatted(lineWidth: .min).isEmpty && x.formatted(lineWidth: .max) == "\(x)")
  }
}
