import Kindling
import TestSupport

/// Indices, masks and parts that do not fit a tensor, and tensors that do not fit together.
extension ErrorTests {
  static let parts = [
    Mistake("select: index 2 is out of range for dimension 0 of shape [2, 3], which has 2 places") {
      _ = zeros(2, 3)[2]
    },
    Mistake("select: index -4 is out of range for dimension 0 of shape [3], which has 3 places") {
      _ = zeros(2, 3)[0, -4]
    },
    Mistake("subscript: 3 indices for a tensor of shape [2, 3]") { _ = zeros(2, 3)[0, 1, 2] },
    Mistake("subscript: a tensor of no dimensions cannot be indexed") { _ = Tensor(1.0)[Tensor([0])] },
    Mistake("select: a tensor of no dimensions cannot be indexed") { _ = Tensor(1.0).select(dim: 0, index: 0) },
    Mistake("slice: a step of 0; it must be at least 1, and flip(_:) reverses") { _ = zeros(4)[.slice(0, 4, step: 0)] },
    Mistake("narrow: 3 places from 2 on do not lie within dimension 1 of shape [2, 3]") {
      _ = zeros(2, 3).narrow(dim: 1, start: 2, length: 3)
    },
    Mistake("mask: a mask of shape [3] does not fit a tensor of shape [2, 3]") {
      _ = zeros(2, 3)[zeros(3, dtype: .bool)]
    },
    Mistake("mask: a mask of shape [2] does not fit a tensor of shape [2, 3]") {
      _ = zeros(2, 3)[.all, Tensor([true, false])]
    },
    Mistake("subscript: index -3 is out of range for a dimension of 2 places") {
      _ = zeros(2, 3)[Tensor([1, -3])]
    },
    Mistake("subscript: index 3 is out of range for a dimension of 3 places") {
      let x = zeros(2, 3)
      x[.all, Tensor([0, 3])] = zeros(2, 2)
    },
    Mistake("subscript: index -4 is out of range for dimension 1 of shape [2, 3], which has 3 places") {
      _ = zeros(2, 3)[Tensor([0, 1]), Tensor([0, -4])]
    },
    Mistake("subscript: index 3 is out of range for dimension 0 of shape [2, 3], which has 2 places") {
      _ = zeros(2, 3)[Tensor([0, 3]), Tensor([0, 0])]
    },
    Mistake(
      "subscript: shapes [2] and [3] do not broadcast: counted from the last dimension, sizes must be equal or one of them 1"
    ) { _ = zeros(2, 3)[Tensor([0, 1]), Tensor([0, 1, 2])] },
    Mistake("subscript: 3 indices for a tensor of shape [2, 3]") { _ = zeros(2, 3)[0, Tensor([0, 1]), .all] },
    Mistake("subscript: 9 indices for a tensor of shape [1, 1]") { _ = zeros(1, 1)[0, 0, 0, 0, 0, 0, 0, 0, 0] },
    Mistake("subscript: the index is float32, and must be int64 or int32") { _ = zeros(2, 3)[.all, zeros(1)] },
    Mistake("subscript: a value of shape [3] does not broadcast to the part of shape [2] that is written") {
      let x = zeros(2, 3)
      x[Tensor([0, 1]), Tensor([0, 1])] = zeros(3)
    },
    Mistake("numThreads: 0 threads; there must be at least 1") { numThreads = 0 },
    Mistake("mask: 2 values for a mask that is true 3 times") {
      let x = zeros(3, 1)
      x[Tensor([true, true, true])] = Tensor([[1.0], [2.0]])
    },
    Mistake("subscript: a value of shape [3] does not broadcast to the part of shape [2, 2] that is written") {
      let x = zeros(4, 2)
      x[Tensor([0, 1])] = zeros(3)
    },
    Mistake("copy_: shape [2] does not broadcast to [], the shape of the tensor written in place") {
      zeros(2, 3)[0, 0] = zeros(2)
    },
    Mistake("subscript: a value of shape [2, 4] does not broadcast to the part of shape [2] that is written") {
      zeros(2, 3)[Tensor([[true, false, false], [true, false, false]])] = zeros(2, 4)
    },
    Mistake("diag: shape [1, 2, 3] is neither a vector nor a matrix") { _ = zeros(1, 2, 3).diag() },
    Mistake("tril: shape [3] is not a matrix") { _ = zeros(3).tril() },
  ]

  static let joining = [
    Mistake("cat: an empty list of tensors") { _ = cat([]) },
    Mistake("cat: tensors of no dimensions cannot be joined; use stack(_:dim:)") { _ = cat([Tensor(1.0)]) },
    Mistake("cat: shapes [2, 3] and [2, 2] differ in more than dimension 0") { _ = cat([zeros(2, 3), zeros(2, 2)]) },
    Mistake("cat: dimension 2 is out of range for shape [2, 3]; it can be -2 to 1") { _ = cat([zeros(2, 3)], dim: 2) },
    Mistake("stack: an empty list of tensors") { _ = stack([]) },
    Mistake("stack: shapes [2] and [3] differ") { _ = stack([zeros(2), zeros(3)]) },
    Mistake("split: parts of 0 places; a part has at least 1") { _ = zeros(4).split(0) },
    Mistake("split: parts of [1, 2] do not add up to dimension 0 of shape [4]") { _ = zeros(4).split([1, 2]) },
    Mistake("chunk: 0 chunks; at least 1 is needed") { _ = zeros(4).chunk(0) },
    Mistake("flip: a dimension is named twice in [0, -2]") { _ = zeros(2, 2).flip([0, -2]) },
    Mistake("roll: 1 shifts for 2 dimensions") { _ = zeros(2, 2).roll([1], dims: [0, 1]) },
    Mistake("repeat: [2] must give a count, not negative, for each dimension of shape [2, 3]") {
      _ = zeros(2, 3).repeat(2)
    },
  ]

  static let indices = [
    Mistake("gather: index 3 is out of range for dimension 1 of shape [2, 3]; it can be 0 to 2") {
      _ = zeros(2, 3).gather(dim: 1, index: Tensor([[0, 3]]))
    },
    Mistake("gather: index -1 is out of range for dimension 0 of shape [2]; it can be 0 to 1") {
      _ = zeros(2).gather(dim: 0, index: Tensor([-1]))
    },
    Mistake("gather: the index is float32, and must be int64 or int32") {
      _ = zeros(2).gather(dim: 0, index: zeros(1))
    },
    Mistake("gather: an index of shape [3, 1] does not fit a tensor of shape [2, 3]") {
      _ = zeros(2, 3).gather(dim: 1, index: zeros(3, 1, dtype: .int64))
    },
    Mistake("scatter_: index 2 is out of range for dimension 0 of shape [2]; it can be 0 to 1") {
      zeros(2).scatter_(dim: 0, index: Tensor([2]), value: 1)
    },
    Mistake("scatter_: a source of float64 for a tensor of float32") {
      zeros(2).scatter_(dim: 0, index: Tensor([1]), src: zeros(1, dtype: .float64))
    },
    Mistake("index_select: the index has shape [1, 1], and must be a vector") {
      _ = zeros(2).indexSelect(dim: 0, index: Tensor([[0]]))
    },
    Mistake("index_add_: a source of shape [3] with 2 indices does not fit dimension 0 of shape [4]") {
      zeros(4).indexAdd_(dim: 0, index: Tensor([0, 1]), source: zeros(3))
    },
  ]
}
