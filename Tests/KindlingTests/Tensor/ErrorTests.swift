import Foundation
import Kindling
import TestSupport
import Testing

/// Every mistake ends the program with one line that says what was wrong, and where to look.
@Suite struct ErrorTests {
  static let mistakes =
    products + shapes + types + parts + joining + indices + reductions + creation + writing + gradients + limits

  @Test(arguments: mistakes.indices) func endsWithItsMessage(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      ErrorTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == ErrorTests.mistakes[number].message)
  }

  @Test func noRegistersBuryTheMessage() async {
    // Swift's crash report comes from a signal handler; here one stands in for it that says the program went well.
    await #expect(processExitsWith: .failure) {
      unsetenv("SWIFT_BACKTRACE")
      for number in [SIGILL, SIGTRAP] { signal(number) { _ in _exit(0) } }
      _ = Tensor.zeros(2, 3).mm(Tensor.zeros(2, 3))
    }
    // Who asks for the report gets it.
    await #expect(processExitsWith: .success) {
      setenv("SWIFT_BACKTRACE", "enable=yes", 1)
      for number in [SIGILL, SIGTRAP] { signal(number) { _ in _exit(0) } }
      _ = Tensor.zeros(2, 3).mm(Tensor.zeros(2, 3))
    }
  }

  @Test func namesTheLineThatMadeTheCall() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      unsetenv("SWIFT_BACKTRACE")
      ErrorTests.makeAMistake()
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      text.contains("\n  called from Tests/KindlingTests/Tensor/ErrorTests.swift:\(ErrorTests.line)\n"), "\(text)")
  }

  @inline(never)
  static func makeAMistake() { _ = Tensor.zeros(2, 3).mm(Tensor.zeros(2, 3)) }
  private static let line = #line - 1

  static func zeros(_ sizes: Int..., dtype: DType = .float32) -> Tensor {
    Tensor.zeros(Shape(sizes), dtype: dtype)
  }
  private static let inner = "the columns of the first must be as many as the rows of the second"

  static let products = [
    Mistake("mm: shapes [2, 3] and [2, 3] do not fit: \(inner)") { _ = zeros(2, 3).mm(zeros(2, 3)) },
    Mistake("mm: shape [3] is not a matrix; mm takes two, matmul any number of dimensions") {
      _ = zeros(2, 3).mm(zeros(3))
    },
    Mistake("mm: float32 times float64; convert one with to(_:)") { _ = zeros(2, 2).mm(zeros(2, 2, dtype: .float64)) },
    Mistake("mm: bool matrices have no product; convert with to(.float32)") {
      _ = zeros(2, 2, dtype: .bool).mm(zeros(2, 2, dtype: .bool))
    },
    Mistake("mv: shapes [2, 3] and [2] do not fit: \(inner)") { _ = zeros(2, 3).mv(zeros(2)) },
    Mistake("mv: shape [2, 1] is not a vector; mv takes a matrix and a vector") { _ = zeros(2, 2).mv(zeros(2, 1)) },
    Mistake("dot: vectors of 2 and 3 elements do not fit") { _ = zeros(2).dot(zeros(3)) },
    Mistake("dot: shape [2, 2] is not a vector; dot takes two, mm two matrices") { _ = zeros(2, 2).dot(zeros(2)) },
    Mistake("outer: shape [1, 2] is not a vector; outer takes two") { _ = zeros(1, 2).outer(zeros(2)) },
    Mistake("bmm: batches of 2 and 3 matrices do not fit") { _ = zeros(2, 4, 5).bmm(zeros(3, 5, 4)) },
    Mistake("bmm: shapes [2, 4, 5] and [2, 4, 5] do not fit: \(inner)") { _ = zeros(2, 4, 5).bmm(zeros(2, 4, 5)) },
    Mistake("bmm: shape [4, 5] is not a batch of matrices; bmm takes two of three dimensions") {
      _ = zeros(4, 5).bmm(zeros(2, 5, 4))
    },
    Mistake("addmm: shape [3] does not broadcast to [2, 2], the shape of the product") {
      _ = zeros(3).addmm(zeros(2, 3), zeros(3, 2))
    },
    Mistake("addmm: a tensor of int64 and matrices of float32; convert one with to(_:)") {
      _ = zeros(2, dtype: .int64).addmm(zeros(2, 3), zeros(3, 2))
    },
    Mistake("addmm: a factor of 0.5 for tensors of int64") {
      _ = zeros(2, dtype: .int64).addmm(zeros(2, 2, dtype: .int64), zeros(2, 2, dtype: .int64), beta: 0.5)
    },
    Mistake("matmul: shapes [4, 3] and [4, 2] do not fit: \(inner)") { _ = zeros(4, 3).matmul(zeros(4, 2)) },
    Mistake("matmul: shapes [] and [2]: a tensor of no dimensions is multiplied with *") {
      _ = Tensor(1.0).matmul(zeros(2))
    },
    Mistake("matmul: shapes [2, 3, 4] and [3, 4, 5] do not fit: the batches [2] and [3] do not broadcast") {
      _ = zeros(2, 3, 4).matmul(zeros(3, 4, 5))
    },
  ]

  private static let noDifference = "bools have no difference; use logicalXor(_:), or convert with to(.int64) first"

  private static let broadcast =
    "do not broadcast: counted from the last dimension, sizes must be equal or one of them 1"

  static let shapes = [
    Mistake("add: shapes [2, 3] and [2] \(broadcast)") { _ = zeros(2, 3) + zeros(2) },
    Mistake("lt: shapes [2] and [3] \(broadcast)") { _ = zeros(2) < zeros(3) },
    Mistake("remainder: an integer is divided by 0; convert with to(.float32) for infinities and NaN") {
      _ = Tensor([1, 2]) % Tensor([1, 0])
    },
    Mistake("floor_divide: an integer is divided by 0; convert with to(.float32) for infinities and NaN") {
      _ = Tensor([1, 2]).floorDivide(0)
    },
    Mistake("isclose: float32 and float64; convert one with to(_:)") {
      _ = zeros(2).allClose(zeros(2, dtype: .float64))
    },
    Mistake("isclose: rtol -1.0 and atol 1e-08; neither may be negative") { _ = zeros(2).isClose(zeros(2), rtol: -1) },
    Mistake("clamp: shapes [2, 3] and [2] \(broadcast)") { _ = zeros(2, 3).clamp(min: zeros(2)) },
    Mistake("unbind: a tensor of no dimensions has no parts") { _ = Tensor(1.0).unbind() },
    Mistake("meshgrid: an empty list of tensors") { _ = meshgrid([]) },
    Mistake("meshgrid: shape [2, 3] is not a vector") { _ = meshgrid([zeros(2, 3)]) },
    Mistake("meshgrid: vectors of float32 and int64; convert one with to(_:)") {
      _ = meshgrid([zeros(2), zeros(2, dtype: .int64)])
    },
    Mistake("where: shapes [2, 2] and [3] \(broadcast)") {
      _ = Tensor.where(zeros(3, dtype: .bool), zeros(2, 2), zeros(2, 2))
    },
    Mistake("reshape: the 6 elements of shape [2, 3] do not fill [4]") { _ = zeros(2, 3).reshape(4) },
    Mistake("reshape: the 6 elements of shape [2, 3] do not fill [4, -1]") { _ = zeros(2, 3).reshape(4, -1) },
    Mistake(
      "view: strides [1, 3] of shape [3, 2] cannot be seen as [6] without a copy"
        + "; use reshape(_:)"
    ) {
      _ = zeros(2, 3).t().view(6)
    },
    Mistake("expand: shape [2, 3] cannot be broadcast to [4, 3]") { _ = zeros(2, 3).expand(4, 3) },
    Mistake("t: shape [1, 2, 3] has more than two dimensions; name two with transpose(_:_:)") {
      _ = zeros(1, 2, 3).t()
    },
    Mistake("transpose: dimension 2 is out of range for shape [2, 3]; it can be -2 to 1") {
      _ = zeros(2, 3).transpose(0, 2)
    },
    Mistake("permute: [0, 0] does not name each of the 2 dimensions of shape [2, 3] once") {
      _ = zeros(2, 3).permute(0, 0)
    },
    Mistake("unsqueeze: dimension 3 is out of range for shape [2, 3]; it can be -3 to 2") {
      _ = zeros(2, 3).unsqueeze(3)
    },
    Mistake("flatten: startDim 1 comes after endDim 0") { _ = zeros(2, 3).flatten(startDim: 1, endDim: 0) },
    Mistake("size: dimension -3 is out of range for shape [2, 3]; it can be -2 to 1") { _ = zeros(2, 3).size(-3) },
    Mistake("Shape: a tensor has at most 8 dimensions, and this one would have 9") {
      _ = zeros(1, 1, 1, 1, 1, 1, 1, 1, 1)
    },
    Mistake("Shape: a tensor has at most 8 dimensions, and this one would have 9") {
      _ = zeros(1, 1, 1, 1, 1, 1, 1, 1).unsqueeze(0)
    },
    Mistake("Shape: dimension 2 of a shape with 2 dimensions") { _ = zeros(2, 3).shape[2] },
  ]

  static let types = [
    Mistake("add_: the result is float32, which cannot be written into a tensor of int64") {
      zeros(2, dtype: .int64) += 0.5
    },
    Mistake("mul_: the result is float32, which cannot be written into a tensor of int64") {
      zeros(2, dtype: .int64) *= zeros(2)
    },
    Mistake("div_: the result is float32, which cannot be written into a tensor of int64") {
      zeros(2, dtype: .int64) /= 2
    },
    Mistake("negate: a bool tensor has no negative; use logicalNot()") { _ = -zeros(2, dtype: .bool) },
    Mistake("sub: \(noDifference)") { _ = zeros(2, dtype: .bool) - zeros(2, dtype: .bool) },
    Mistake("sub: \(noDifference)") { _ = zeros(2, dtype: .int64) - zeros(2, dtype: .bool) },
    Mistake("sub: \(noDifference)") { _ = zeros(2, dtype: .bool) - true },
    Mistake("sub: \(noDifference)") { _ = zeros(2) - true },
    Mistake("rsub: \(noDifference)") { _ = 1 - zeros(2, dtype: .bool) },
    Mistake("sub_: \(noDifference)") { zeros(2, dtype: .int64) -= true },
    Mistake("sub_: \(noDifference)") { zeros(2, dtype: .bool).sub_(zeros(2, dtype: .bool), alpha: 2) },
    Mistake("add_: alpha is 0.5, no whole number, for tensors of int64 and int64") {
      zeros(2, dtype: .int64).add_(zeros(2, dtype: .int64), alpha: 0.5)
    },
    Mistake("sub_: alpha is 1e+19, no whole number, for tensors of int64 and int64") {
      zeros(2, dtype: .int64).sub_(zeros(2, dtype: .int64), alpha: 1e19)
    },
    Mistake("pow: integers cannot be raised to -1; convert with to(.float32) first") {
      _ = zeros(2, dtype: .int64).pow(-1)
    },
    Mistake("clamp: give min:, max: or both") { _ = zeros(2).clamp() },
    Mistake("where: the condition is float32, and must be bool") { _ = Tensor.where(zeros(2), zeros(2), zeros(2)) },
    Mistake("one_hot: the classes are float32, and must be int64") { _ = zeros(2).oneHot() },
    Mistake("one_hot: a class of -1; classes are counted from 0") { _ = Tensor([2, -1]).oneHot() },
    Mistake("one_hot: a class of 2, of 2 classes") { _ = Tensor([0, 2]).oneHot(numClasses: 2) },
    Mistake("einsum: 'ij->->' has more than one ->") { _ = einsum("ij->->", [zeros(2, 2)]) },
    Mistake("one_hot: of no elements the number of classes cannot be told; give numClasses:") {
      _ = zeros(0, dtype: .int64).oneHot()
    },
    Mistake("normal_: random numbers for a tensor of int64; it must be float32 or float64") {
      zeros(2, dtype: .int64).normal_()
    },
    Mistake("item: a tensor of shape [2] has 2 elements, and item() reads exactly one") { _ = zeros(2).item() },
    Mistake("item: a tensor of shape [0] has 0 elements, and item() reads exactly one") { _ = zeros(0).item() },
  ]

  static let reductions = [
    Mistake("sum: dimension 2 is out of range for shape [2, 3]; it can be -2 to 1") { _ = zeros(2, 3).sum(dim: 2) },
    Mistake("sum: dimension 1 is named twice in [1, -1]") { _ = zeros(2, 3).sum(dims: [1, -1]) },
    Mistake("mean: the mean of int64 elements is no int64; convert with to(.float32) first") {
      _ = zeros(2, dtype: .int64).mean()
    },
    Mistake("max: dimension 0 of shape [0, 3] is empty, and nothing has no largest or smallest element") {
      _ = zeros(0, 3).max()
    },
    Mistake("min: dimension 0 of shape [0, 3] is empty, and nothing has no largest or smallest element") {
      _ = zeros(0, 3).min(dim: 0)
    },
    Mistake("argmax: dimension 0 of shape [0] is empty, and nothing has no largest or smallest element") {
      _ = zeros(0).argmax()
    },
    Mistake("all: dimension 1 is out of range for shape [2]; it can be -1 to 0") { _ = zeros(2).all(dim: 1) },
    Mistake("softmax: dimension 2 is out of range for shape [2, 3]; it can be -2 to 1") {
      _ = zeros(2, 3).softmax(dim: 2)
    },
    Mistake("cumsum: dimension 1 is out of range for shape [2]; it can be -1 to 0") { _ = zeros(2).cumsum(dim: 1) },
  ]

  static let creation = [
    Mistake("zeros: a size in [2, -1] is negative") { _ = zeros(2, -1) },
    Mistake("randn: a size in [-2, -1] is negative") { _ = Tensor.randn(-2, -1) },
    Mistake("randint: a size in [-2, -1] is negative") { _ = Tensor.randint(0, 2, [-2, -1]) },
    Mistake("randint: there is no integer from 2 up to and without 2") { _ = Tensor.randint(2, 2, [1]) },
    Mistake("randperm: a permutation of -1 numbers") { _ = Tensor.randperm(-1) },
    Mistake("Tensor: 3 numbers do not fill shape [2, 2]") { _ = Tensor([1, 2, 3], shape: [2, 2]) },
    Mistake("Tensor: nested arrays are ragged: the first has 2 entries, and number 1 has 1") {
      _ = Tensor([[1, 2], [3]])
    },
    Mistake("arange: a step of 0") { _ = Tensor.arange(0, 4, step: 0) },
    Mistake("arange: there is no end to the numbers from 0.0 to inf in steps of 1.0") {
      _ = Tensor.arange(0.0, .infinity)
    },
    Mistake("linspace: -1 steps") { _ = Tensor.linspace(0, 1, steps: -1) },
    Mistake("normal_: a standard deviation of -1.0") { zeros(2).normal_(std: -1) },
    Mistake("bernoulli_: 2.0 is no probability; it must be 0 to 1") { zeros(2).bernoulli_(2) },
  ]
}
