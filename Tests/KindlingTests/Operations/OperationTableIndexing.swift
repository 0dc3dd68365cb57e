// Indexing, assignment and creation, one row each. Tests/Reference/tables/indexing.py has a row of the same name with
// PyTorch's.

import Kindling

extension OperationTable {
  static func indexing() -> OperationTable {
    var table = OperationTable(reference: "indexing.json")
    table.addIndexing()
    table.addPairedIndices()
    table.addAssignment()
    table.addCreation()
    return table
  }

  /// Indexing.
  private mutating func addIndexing() {
    row("a[0]") { a in a[0] }
    row("a[-1]") { a in a[-1] }
    row("a[1, 2]") { a in a[1, 2] }
    row("a[1, -1, 2]") { a in a[1, -1, 2] }
    row("a[1..<3]") { a in a[1..<3] }
    row("a[1...2]") { a in a[1...2] }
    row("a[2...]") { a in a[2...] }
    row("a[..<2]") { a in a[..<2] }
    row("a[2..<2]") { a in a[2..<2] }
    row("a[.all, 0]") { a in a[.all, 0] }
    row("a[.all, 1..<3]") { a in a[.all, 1..<3] }
    row("a[0..<1, 1...]") { a in a[0..<1, 1...] }
    row("a[.ellipsis, 0]") { a in a[.ellipsis, 0] }
    row("a[0, .ellipsis, 1]") { a in a[0, .ellipsis, 1] }
    row("a[.newAxis]") { a in a[.newAxis] }
    row("a[.all, .newAxis, 1...]") { a in a[.all, .newAxis, 1...] }
    row("a[.slice(0, 5, step: 2)]") { a in a[.slice(0, 5, step: 2)] }
    row("a[.slice(1, 5, step: 3)]") { a in a[.slice(1, 5, step: 3)] }
    row("a[.all, .slice(0, 3, step: 2)]") { a in a[.all, .slice(0, 3, step: 2)] }
    row("a[b] (mask)") { a, b in a[b] }
    row("a[a > 0]") { a in a[a > 0] }
    row("a[b] (indices)") { a, b in a[b] }
    row("a[0, 1, .all, 0, 1...]") { a in a[0, 1, .all, 0, 1...] }
    row("a[0, 1, 1, 0, 1, 0]") { a in a[0, 1, 1, 0, 1, 0] }
  }

  /// Tensors among several indices.
  private mutating func addPairedIndices() {
    row("a[b, c]") { a, b, c in a[b, c] }
    row("a[.all, b]") { a, b in a[.all, b] }
    row("a[0, .all, b]") { a, b in a[0, .all, b] }
    row("a[.all, b, 1...]") { a, b in a[.all, b, 1...] }
    row("a[.ellipsis, b, -1]") { a, b in a[.ellipsis, b, -1] }
    row("a[b, .all, c]") { a, b, c in a[b, .all, c] }
    row("a[.all, b, .newAxis, c]") { a, b, c in a[.all, b, .newAxis, c] }
    row("a[.all, b] (mask)") { a, b in a[.all, b] }
    row("a[b, c] (mask, indices)") { a, b, c in a[b, c] }
    row("a[b, c] = 5") { a, b, c in changed(a) { $0[b, c] = 5 } }
    row("a[b, b] = c") { a, b, c in changed(a) { $0[b, b] = c } }
    row("a[b, b] += c") { a, b, c in changed(a) { $0[b, b] += c } }
    row("a[.all, b] = c") { a, b, c in changed(a) { $0[.all, b] = c } }
    row("a[1, b] = c") { a, b, c in changed(a) { $0[1, b] = c } }
    row("a[b, .all, b] = c") { a, b, c in changed(a) { $0[b, .all, b] = c } }
    row("a[0, 1, .all, 0, 1...] = b") { a, b in changed(a) { $0[0, 1, .all, 0, 1...] = b } }
    row("a[0, 1, .all, 0, 1...] = 7") { a in changed(a) { $0[0, 1, .all, 0, 1...] = 7 } }
  }

  /// Assignment.
  private mutating func addAssignment() {
    row("a[1] = b") { a, b in changed(a) { $0[1] = b } }
    row("a[0..<2] = b") { a, b in changed(a) { $0[0..<2] = b } }
    row("a[.all, 1] = b") { a, b in changed(a) { $0[.all, 1] = b } }
    row("a[.all, .slice(0, 3, step: 2)] = b") { a, b in changed(a) { $0[.all, .slice(0, 3, step: 2)] = b } }
    row("a[.ellipsis, 0] = b") { a, b in changed(a) { $0[.ellipsis, 0] = b } }
    row("a[1] = 7") { a in changed(a) { $0[1] = 7 } }
    row("a[1, 2] = 2.5") { a in changed(a) { $0[1, 2] = 2.5 } }
    row("a[0..<1, 1...] = -1") { a in changed(a) { $0[0..<1, 1...] = -1 } }
    row("a[b] = 0 (mask)") { a, b in changed(a) { $0[b] = 0 } }
    row("a[a < 0] = 0") { a in changed(a) { $0[$0 < 0] = 0 } }
    row("a[b] = c (mask)") { a, b, c in changed(a) { $0[b] = c } }
    row("a[b] = c (indices)") { a, b, c in changed(a) { $0[b] = c } }
    row("a[b] = 5 (indices)") { a, b in changed(a) { $0[b] = 5 } }
    row("noGrad { a.t().add_(b) }") { a, b in noGrad { changed(a) { $0.t().add_(b) } } }
    row("noGrad { a[1].mul_(b) }") { a, b in noGrad { changed(a) { $0[1].mul_(b) } } }
    row("noGrad { a[.all, 1..<3].zero_() }") { a in noGrad { changed(a) { $0[.all, 1..<3].zero_() } } }
    row("noGrad { a.view(3, 2).mul_(2) }") { a in noGrad { changed(a) { $0.view(3, 2).mul_(2) } } }
    row("noGrad { a.reshape(-1)[1..<4].zero_() }") { a in noGrad { changed(a) { $0.reshape(-1)[1..<4].zero_() } } }
    row("noGrad { a.flatten()[5].fill_(7) }") { a in noGrad { changed(a) { $0.flatten()[5].fill_(7) } } }
    row("noGrad { a.permute(1, 0)[0].fill_(7) }") { a in noGrad { changed(a) { $0.permute(1, 0)[0].fill_(7) } } }
    row("noGrad { a.unsqueeze(0)[0, 1].fill_(7) }") { a in noGrad { changed(a) { $0.unsqueeze(0)[0, 1].fill_(7) } } }
    row("noGrad { a.squeeze()[0].fill_(7) }") { a in noGrad { changed(a) { $0.squeeze()[0].fill_(7) } } }
    row("noGrad { a.split(1)[1].fill_(7) }") { a in noGrad { changed(a) { $0.split(1)[1].fill_(7) } } }
    row("noGrad { a.chunk(2, dim: 1)[0].fill_(7) }") { a in
      noGrad { changed(a) { $0.chunk(2, dim: 1)[0].fill_(7) } }
    }
    row("noGrad { a.narrow(dim: 1, start: 1, length: 2).fill_(7) }") { a in
      noGrad { changed(a) { $0.narrow(dim: 1, start: 1, length: 2).fill_(7) } }
    }
    row("noGrad { a.select(dim: 1, index: -1).fill_(7) }") { a in
      noGrad { changed(a) { $0.select(dim: 1, index: -1).fill_(7) } }
    }
    row("noGrad { a.detach().mul_(2) }") { a in noGrad { changed(a) { $0.detach().mul_(2) } } }
  }

  /// Creation.
  private mutating func addCreation() {
    row("Tensor.zeros(2, 3)") { Tensor.zeros(2, 3) }
    row("Tensor.zeros([0, 3], dtype: .int64)") { Tensor.zeros([0, 3], dtype: .int64) }
    row("Tensor.ones(2, 3, dtype: .float64)") { Tensor.ones(2, 3, dtype: .float64) }
    row("Tensor.ones([3], dtype: .bool)") { Tensor.ones([3], dtype: .bool) }
    row("Tensor.full([2, 3], 7)") { Tensor.full([2, 3], 7) }
    row("Tensor.full([2], 1.5)") { Tensor.full([2], 1.5) }
    row("Tensor.full([], 2.5, dtype: .float64)") { Tensor.full([], 2.5, dtype: .float64) }
    row("Tensor.full([2], 7, dtype: .float32)") { Tensor.full([2], 7, dtype: .float32) }
    row("Tensor.arange(10)") { Tensor.arange(10) }
    row("Tensor.arange(10, dtype: .int32)") { Tensor.arange(10, dtype: .int32) }
    row("Tensor.full([2], -7, dtype: .int32)") { Tensor.full([2], -7, dtype: .int32) }
    row("Tensor.arange(0)") { Tensor.arange(0) }
    row("Tensor.arange(3, 8)") { Tensor.arange(3, 8) }
    row("Tensor.arange(10, 1, step: -3)") { Tensor.arange(10, 1, step: -3) }
    row("Tensor.arange(1.0, 2.0, step: 0.25)") { Tensor.arange(1.0, 2.0, step: 0.25) }
    row("Tensor.arange(0.0, 1.0, step: 0.1)") { Tensor.arange(0.0, 1.0, step: 0.1) }
    row("Tensor.arange(5, dtype: .float64)") { Tensor.arange(5, dtype: .float64) }
    row("Tensor.linspace(0, 1, steps: 5)") { Tensor.linspace(0, 1, steps: 5) }
    row("Tensor.linspace(-1, 2, steps: 7)") { Tensor.linspace(-1, 2, steps: 7) }
    row("Tensor.linspace(0, 1, steps: 11, dtype: .float64)") { Tensor.linspace(0, 1, steps: 11, dtype: .float64) }
    row("Tensor.linspace(3, 9, steps: 1)") { Tensor.linspace(3, 9, steps: 1) }
    row("Tensor.linspace(3, 9, steps: 0)") { Tensor.linspace(3, 9, steps: 0) }
    row("Tensor.eye(3)") { Tensor.eye(3) }
    row("Tensor.eye(2, 4, dtype: .int64)") { Tensor.eye(2, 4, dtype: .int64) }
    row("Tensor.zerosLike(a)") { a in Tensor.zerosLike(a) }
    row("Tensor.onesLike(a)") { a in Tensor.onesLike(a) }
    row("Tensor.fullLike(a, 3)") { a in Tensor.fullLike(a, 3) }
    row("Tensor(2.5)") { Tensor(2.5) }
    row("Tensor(3)") { Tensor(3) }
    row("Tensor(true)") { Tensor(true) }
    row("Tensor([1.0, 2.0])") { Tensor([1.0, 2.0]) }
    row("Tensor([[1.0, 2.0], [3.0, 4.0]])") { Tensor([[1.0, 2.0], [3.0, 4.0]]) }
    row("Tensor([[1, 2], [3, 4]])") { Tensor([[1, 2], [3, 4]]) }
    row("Tensor([[[true], [false]]])") { Tensor([[[true], [false]]]) }
    row("Tensor([1.0, 2.0], dtype: .float64)") { Tensor([1.0, 2.0], dtype: .float64) }
    row("Tensor([1, 2], dtype: .float32)") { Tensor([1, 2], dtype: .float32) }
    row("Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], shape: [2, 3])") {
      Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], shape: [2, 3])
    }
  }
}
