import Kindling
import TestSupport
import Testing

/// Operators and values written to a tensor, or to a part of it. Numbers are PyTorch's; gradients have rows in
/// OperationTableWrites.swift.
@Suite struct AssignmentTests {
  @Test func operatorsWriteToIndicesAndMasks() {
    let x = Tensor([1.0, 2.0, 3.0, 4.0])
    x[Tensor([1, 3])] += 10.0
    #expect(x.toArray() == [1, 12, 3, 14])
    x[x > 12.0] *= 0.0
    #expect(x.toArray() == [1, 12, 3, 0])
    x[Tensor([0, -1])] -= Tensor([1.0, 2.0])
    x[Tensor([true, true, false, false])] /= 2
    #expect(x.toArray() == [0, 6, 3, -2])
    var y = Tensor([[1, 2], [3, 4]])
    y[Tensor([1])] *= Tensor([10, 100])
    y[y == 2] -= 1
    #expect(y.toArray(of: Int.self) == [1, 1, 30, 400])
    y = y + 0
    let flags = Tensor([true, false])
    flags[Tensor([1])] += true
    #expect(flags.toArray(of: Bool.self) == [true, true])
  }

  /// What stands on the right may be a literal, a variable or an expression, of any type of number.
  @Test func aNumberOfAVariableIsWritten() {
    let (rate, count, small, flag) = (2.5, 3, Float(0.5), true)
    let x = Tensor.zeros(2, 3)
    x[0] = rate
    x[1, 0] = count
    x[1, 1...] = small * 2
    #expect(x.toArray() == [2.5, 2.5, 2.5, 3, 1, 1])
    x[x < 2] = rate + 1
    x[Tensor([0, 1]), Tensor([0, 0])] = count
    x[.all, Tensor([1])] = -small
    #expect(x.toArray() == [3, -0.5, 2.5, 3, -0.5, 3.5])
    let whole = Tensor([1, 2, 3]), flags = Tensor([false, false])
    whole[1] = rate
    flags[0] = flag
    #expect(whole.toArray(of: Int.self) == [1, 2, 3] && flags.toArray(of: Bool.self) == [true, false])
    x[x == rate] += rate
    x[0, 0] *= small
    #expect(x.toArray() == [1.5, -0.5, 5, 3, -0.5, 3.5])
  }

  /// PyTorch refuses a source that is the tensor itself; here it is read before anything is written.
  @Test(arguments: CUDADevices.here) func aTensorCanBeAddedToItself(_ device: Device) {
    let x = Tensor([1.0, 2.0], device: device)
    x.scatterAdd_(dim: 0, index: Tensor([1, 1], device: device), src: x)
    #expect(x.toArray() == [1, 5])
    x.indexAdd_(dim: 0, index: Tensor([1, 0], device: device), source: x)
    #expect(x.toArray() == [6, 6])
  }

  @Test func placesOfNothingMustBeThereToo() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros(1, 0).indexSelect(dim: 0, index: Tensor([1]))
    }
    #expect(
      fatalMessage(result)
        == "index_select: index 1 is out of range for dimension 0 of shape [1, 0]; it can be 0 to 0")
  }

  @Test func ofPlacesNamedTwiceTheLastOneStays() {
    let x = Tensor.ones(4)
    x[Tensor([1, 1, 3])] += Tensor([10.0, 20.0, 30.0])
    #expect(x.toArray() == [1, 21, 1, 31])
    x.indexAdd_(dim: 0, index: Tensor([1, 1, 3]), source: Tensor([10.0, 20.0, 30.0]))
    #expect(x.toArray() == [1, 51, 1, 61])
    // The gradient goes to both, as in PyTorch.
    let w = Tensor([2.0, 3.0], requiresGrad: true), y = Tensor.ones(4)
    y[Tensor([1, 1])] += w
    y.sum().backward()
    #expect(y.toArray() == [1, 4, 1, 1] && w.grad?.toArray() == [1, 1])
  }

  @Test func operatorsOnPartsWithAHistory() {
    let x = Tensor([1.0, 1.0, 1.0], requiresGrad: true)
    let y = x * 2
    y[Tensor([true, false, true])] += 10.0
    y[Tensor([0, -1])] -= 1
    y[Tensor([0])] /= 4
    y[1] *= 7
    y[1...] += x[..<2]
    (y * Tensor([1.0, 10.0, 100.0])).sum().backward()
    #expect(y.toArray() == [2.75, 15, 12] && x.grad?.toArray() == [10.5, 240, 200])
    noGrad { x[x > 0] -= 0.5 * x.grad![x > 0] }
    #expect(x.toArray() == [-4.25, -119, -99] && x.isLeaf)
  }

  private struct Holder {
    var tensor = Tensor([1.0, 2.0])
    let fixed = Tensor([1.0, 2.0])
  }

  /// A tensor is a reference: every operator changes the elements that others see too, whatever stands on the left.
  @Test func operatorsChangeWhatOthersHold() {
    let constant = Tensor([1.0, 2.0])
    var variable = constant
    constant += 1
    variable += 1
    variable *= Tensor([1.0, 10.0])
    for part in [constant, variable] { part -= 1 }
    #expect(constant.toArray() == [1, 38] && variable === constant)
    variable = constant[0]
    variable += 5
    variable -= Tensor(1.0)
    #expect(constant.toArray() == [5, 38])

    var holder = Holder()
    let (held, fixed) = (holder.tensor, holder.fixed)
    holder.tensor /= 2
    holder.fixed /= 2
    holder.tensor[0] += 1
    holder.fixed[1] += 1
    #expect(held.toArray() == [1.5, 1] && fixed.toArray() == [0.5, 2] && holder.tensor === held)

    let w = Tensor([1.0], requiresGrad: true)
    (w * 3).sum().backward()
    let grad = w.grad!
    w.grad! *= 2
    w.grad? += 1
    w.grad![0] += 1
    #expect(grad.item() == 8 && w.grad === grad)
    var list = [Tensor([1.0]), Tensor([2.0])]
    let first = list[0]
    for i in list.indices { list[i] += 1 }
    #expect(first.item() == 2 && list[0] === first)
  }

  /// Whole tensors may be handed on as `inout` too.
  @Test func partsCanBePassedInout() {
    func double(_ tensor: inout Tensor) { tensor = tensor * 2 }
    let x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    double(&x[0])
    double(&x[1, 1])
    double(&x[x == 3])
    #expect(x.toArray() == [2, 4, 6, 8])
  }

  @Test func sizesOfOneInFrontCountForNothing() {
    let x = Tensor.zeros(2, 3), mask = Tensor([[true, false, true], [false, true, false]])
    x[mask] = Tensor([[1.0, 2.0, 3.0]])
    #expect(x.toArray() == [1, 0, 2, 0, 3, 0])
    x[0] = Tensor([[4.0, 5.0, 6.0]])
    x[1, 2] = Tensor([7.0])
    #expect(x.toArray() == [4, 5, 6, 0, 3, 7])
    x[0..<2] = Tensor([[[1.0, 2.0, 3.0]]])
    #expect(x.toArray() == [1, 2, 3, 1, 2, 3])
    let number = Tensor(1.0)
    number[number > 0] = Tensor([5.0])
    #expect(number.item() == 5)
  }

  /// More than PyTorch takes: values for a mask in the tensor's own shape.
  @Test func aMaskTakesTheTensorsOwnShape() {
    let x = Tensor.zeros(2, 3), mask = Tensor([[true, false, true], [false, true, false]])
    x[mask] = Tensor.arange(6).reshape(2, 3)
    #expect(x.toArray() == [0, 0, 2, 0, 4, 0])
    x[Tensor([false, true])] = Tensor.ones(2, 3)
    #expect(x.toArray() == [0, 0, 2, 1, 1, 1])
  }

  @Test func wholeNumbersCutWhatIsWrittenToThem() {
    let x = Tensor([1, 2, 3])
    x[0] = 2.5
    #expect(x.toArray() == [2, 2, 3])
    x[1] = -2.5
    x[x == 3] = 7.9
    x[Tensor([0])] = 0.9
    #expect(x.toArray() == [0, -2, 7])
    #expect(x.maskedFill(x == 7, 2.5).toArray() == [0, -2, 2] && x.maskedFill_(x == 0, -1.5).toArray() == [-1, -2, 7])
    let deep = Tensor.zeros([1, 1, 1, 2], dtype: .int64)
    deep[0, 0, 0, 1] = 1.5
    #expect(deep.toArray() == [0, 1])
    x.scatter_(dim: 0, index: Tensor([1]), value: 3.5)
    #expect(x.toArray() == [-1, 3, 7] && x.dtype == .int64)
  }

  @Test func minusZeroLessZeroIsMinusZero() {
    let zero = Tensor([-0.0])
    for result in [zero - 0, zero - 0.0, zero.clone().sub_(0)] { #expect(result.item().sign == .minus) }
    #expect((zero + 0).item().sign == .plus && (zero - -0.0).item().sign == .plus)
  }
}
