import Kindling
import TestSupport
import Testing

/// Numbers at the ends of `Int`, dimensions that are not there, tensors of none: an error that says so, never a trap in
/// arithmetic, and PyTorch's answer where there is one.
extension ErrorTests {
  static let limits = [
    Mistake("narrow: 2 places from 9223372036854775807 on do not lie within dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).narrow(dim: 0, start: .max, length: 2)
    },
    Mistake("narrow: 9223372036854775807 places from 2 on do not lie within dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).narrow(dim: 0, start: 2, length: .max)
    },
    Mistake("narrow: 2 places from -5 on do not lie within dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).narrow(dim: 0, start: -5, length: 2)
    },
    Mistake("narrow: 0 places from 5 on do not lie within dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).narrow(dim: 0, start: 5, length: 0)
    },
    Mistake("narrow: 2 places from -9223372036854775808 on do not lie within dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).narrow(dim: 0, start: .min, length: 2)
    },
    Mistake("narrow: -1 places from 1 on do not lie within dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).narrow(dim: 0, start: 1, length: -1)
    },
    Mistake("select: index 9223372036854775807 is out of range for dimension 0 of shape [4], which has 4 places") {
      _ = Tensor.zeros(4)[Int.max]
    },
    Mistake("split: parts of [9223372036854775807, 9223372036854775807, 6] do not add up to dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).split([.max, .max, 6])
    },
    Mistake("split: parts of [-1, 5] do not add up to dimension 0 of shape [4]") {
      _ = Tensor.zeros(4).split([-1, 5])
    },
    Mistake("reshape: the 4 elements of shape [4] do not fill [-2, -2]") { _ = Tensor.zeros(4).reshape(-2, -2) },
    Mistake("reshape: the 4 elements of shape [4] do not fill [-9223372036854775808, 0]") {
      _ = Tensor.zeros(4).reshape(.min, 0)
    },
    Mistake("reshape: the 0 elements of shape [0] do not fill [-1, 0]") { _ = Tensor.zeros(0).reshape(-1, 0) },
    Mistake("Shape: a tensor of shape [9223372036854775807, 2] would have more elements than can be counted") {
      _ = Tensor.zeros(4).reshape(.max, 2)
    },
    Mistake("Shape: a tensor of shape [4611686018427387904, 4611686018427387904] \(tooLarge)") {
      _ = Tensor.zeros(1).expand(1 << 62, 1 << 62)
    },
    Mistake("diag: a vector of shape [4] -9223372036854775808 places above the main diagonal") {
      _ = Tensor.zeros(4).diag(diagonal: .min)
    },
    Mistake("repeat: [9223372036854775807] times shape [4] is too large") { _ = Tensor.zeros(4).repeat(.max) },
    Mistake("cat: 4 tensors of shapes like [4611686018427387904] are too large together") {
      let x = Tensor.zeros(1).expand(1 << 62)
      _ = cat([x, x, x, x])
    },
    Mistake("one_hot: a class of 9223372036854775807, which is too large a number of classes") {
      _ = Tensor([Int.max]).oneHot()
    },
    Mistake("stack: dimension -4 is out of range for shape [2, 3]; it can be -3 to 2") {
      _ = stack([Tensor.zeros(2, 3), Tensor.zeros(2, 3)], dim: -4)
    },
    Mistake("stack: dimension 1 is out of range for shape []; it can be -1 to 0") { _ = stack([Tensor(1.0)], dim: 1) },
    Mistake("cat: dimension 2 is out of range for shape [2, 3]; it can be -2 to 1") {
      _ = cat([Tensor.zeros(0), Tensor.zeros(2, 3)], dim: 2)
    },
    Mistake("cat: tensors of no dimensions cannot be joined; use stack(_:dim:)") {
      _ = cat([Tensor.zeros(2), Tensor(1.0)])
    },
    Mistake("flatten: dimension 1 is out of range for shape []; it can be -1 to 0") {
      _ = Tensor(1.0).flatten(startDim: 1)
    },
    Mistake("flatten: dimension 1 is out of range for shape []; it can be -1 to 0") {
      _ = Tensor(1.0).flatten(endDim: 1)
    },
    Mistake("split: a tensor of no dimensions has no parts") { _ = Tensor(1.0).split(1) },
    Mistake("chunk: a tensor of no dimensions has no parts") { _ = Tensor(1.0).chunk(1) },
    Mistake("narrow: a tensor of no dimensions has no parts") { _ = Tensor(1.0).narrow(dim: 0, start: 0, length: 1) },
    Mistake("roll: a tensor of no dimensions has no parts") { _ = Tensor(1.0).roll(1, dims: 0) },
    Mistake("roll: no shift is given") { _ = Tensor.zeros(4).roll([], dims: []) },
    Mistake("size: a tensor of no dimensions has no sizes") { _ = Tensor(1.0).size(0) },
    Mistake("diagonal: dimension 1 of shape [2, 3] is named twice") {
      _ = Tensor.zeros(2, 3).diagonal(dim1: 1, dim2: -1)
    },
    Mistake("diagonal: dimension 1 is out of range for shape [3]; it can be -1 to 0") {
      _ = Tensor.zeros(3).diagonal()
    },
    Mistake("gather: dimension 1 is out of range for shape []; it can be -1 to 0") {
      _ = Tensor(1.0).gather(dim: 1, index: Tensor(0))
    },
    Mistake("gather: index 1 is out of range for dimension 0 of shape [1]; it can be 0 to 0") {
      _ = Tensor(1.0).gather(dim: 0, index: Tensor(1))
    },
    Mistake("gather: an index of shape [1] does not fit a tensor of shape [2, 2]") {
      _ = Tensor.zeros(2, 2).gather(dim: 0, index: Tensor(0))
    },
    Mistake("index_select: 2 indices for a tensor of no dimensions, which has one element") {
      _ = Tensor(1.0).indexSelect(dim: 0, index: Tensor([0, 0]))
    },
    Mistake("index_add_: a source of shape [1] with 1 indices does not fit dimension 0 of shape []") {
      Tensor(1.0).indexAdd_(dim: 0, index: Tensor([0]), source: Tensor([5.0]))
    },
  ]

  private static let tooLarge = "would have more elements than can be counted"
}

/// The same numbers where they mean something.
@Suite struct ExtremeNumberTests {
  @Test func slicesEndWithTheTensor() {
    let x = Tensor.arange(5)
    #expect(x[.slice(0, 5, step: .max)].toArray() == [0] && x[.slice(1, step: .max)].toArray() == [1])
    #expect(x[.slice(.max)].shape == [0] && x[.slice(.min)].shape == [5] && x[.slice(.min, .max)].shape == [5])
    #expect(x[2...Int.max].toArray() == [2, 3, 4] && x[...Int.max].shape == [5] && x[Int.min..<2].shape == [2])
    #expect(x[.slice(3, 1)].shape == [0] && x[4..<4].shape == [0])
    let row = Tensor.arange(6).reshape(2, 3)[.all, .slice(1, step: .max)]
    #expect(row.toArray() == [1, 4] && (row + 0).toArray() == [1, 4])
    #expect(x.split(.max).count == 1 && x.chunk(.max).count == 5)
  }

  @Test func diagonalsFarOutAreEmpty() {
    let x = Tensor.ones(2, 3)
    for far in [Int.min, .min + 1, -5, 5, .max] {
      #expect(x.diag(diagonal: far).shape == [0] && x.diagonal(offset: far).shape == [0])
    }
    #expect(x.tril(diagonal: .max).sum().item() == 6 && x.tril(diagonal: .min).sum().item() == 0)
    #expect(x.triu(diagonal: .min).sum().item() == 6 && x.triu(diagonal: .max).sum().item() == 0)
  }

  @Test func rollsOfAnyLengthGoRound() {
    let x = Tensor([1, 2, 3])
    #expect(x.roll(.max).toArray() == [3, 1, 2] && x.roll(.min, dims: 0).toArray() == [3, 1, 2])
    #expect(x.roll(-4).toArray() == [2, 3, 1] && x.roll(3).toArray() == [1, 2, 3])
  }

  @Test func shapesOfNoElementsMayBeLarge() {
    let x = Tensor.zeros(0).reshape(1 << 62, 0, 4)
    #expect(x.shape == [1 << 62, 0, 4] && x.elementCount == 0 && x.flatten().shape == [0])
    #expect(Tensor.zeros(0).reshape(0, 1 << 62, 4).unsqueeze(0).elementCount == 0)
    #expect(Tensor.zeros(1).expand(1 << 40).shape == [1 << 40])
  }
}
