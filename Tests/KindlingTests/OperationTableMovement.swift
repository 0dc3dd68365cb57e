// Movement, indexing, assignment and creation, one row each. Tests/Reference/tables/movement.py has a row of the same
// name with PyTorch's.

import Kindling

extension OperationTable {
  static func movement() -> OperationTable {
    var table = OperationTable(reference: "movement.json")
    table.addShapes()
    table.addJoining()
    table.addPicking()
    table.addTriangles()
    table.addIndexing()
    table.addAssignment()
    table.addCreation()
    return table
  }

  /// Shapes.
  private mutating func addShapes() {
    row("a.t()") { a in a.t() }
    row("a.transpose(0, 1)") { a in a.transpose(0, 1) }
    row("a.transpose(-1, -2)") { a in a.transpose(-1, -2) }
    row("a.permute(2, 0, 1)") { a in a.permute(2, 0, 1) }
    row("a.permute(0, -1, 1)") { a in a.permute(0, -1, 1) }
    row("a.reshape(3, 2)") { a in a.reshape(3, 2) }
    row("a.reshape(-1)") { a in a.reshape(-1) }
    row("a.reshape(4, -1)") { a in a.reshape(4, -1) }
    row("a.reshape(1, 1)") { a in a.reshape(1, 1) }
    row("a.reshape([])") { a in a.reshape([]) }
    row("a.view(3, 2)") { a in a.view(3, 2) }
    row("a.view(2, -1)") { a in a.view(2, -1) }
    row("a.flatten()") { a in a.flatten() }
    row("a.flatten(startDim: 1)") { a in a.flatten(startDim: 1) }
    row("a.flatten(startDim: 0, endDim: 1)") { a in a.flatten(startDim: 0, endDim: 1) }
    row("a.squeeze()") { a in a.squeeze() }
    row("a.squeeze(0)") { a in a.squeeze(0) }
    row("a.squeeze(-1)") { a in a.squeeze(-1) }
    row("a.unsqueeze(0)") { a in a.unsqueeze(0) }
    row("a.unsqueeze(1)") { a in a.unsqueeze(1) }
    row("a.unsqueeze(-1)") { a in a.unsqueeze(-1) }
    row("a.expand(4, 3)") { a in a.expand(4, 3) }
    row("a.expand(2, -1, 3)") { a in a.expand(2, -1, 3) }
  }

  /// Joining and taking apart.
  private mutating func addJoining() {
    row("cat([a, b])") { a, b in cat([a, b]) }
    row("cat([a, b], dim: 1)") { a, b in cat([a, b], dim: 1) }
    row("cat([a, b, c], dim: -1)") { a, b, c in cat([a, b, c], dim: -1) }
    row("cat([a])") { a in cat([a]) }
    row("stack([a, b])") { a, b in stack([a, b]) }
    row("stack([a, b], dim: 1)") { a, b in stack([a, b], dim: 1) }
    row("stack([a, b, c], dim: -1)") { a, b, c in stack([a, b, c], dim: -1) }
    row("a.split(2)[0]") { a in a.split(2)[0] }
    row("a.split(2)[2]") { a in a.split(2)[2] }
    row("a.split(2, dim: 1)[1]") { a in a.split(2, dim: 1)[1] }
    row("a.split([1, 4])[1]") { a in a.split([1, 4])[1] }
    row("a.chunk(2)[1]") { a in a.chunk(2)[1] }
    row("a.chunk(3, dim: 1)[2]") { a in a.chunk(3, dim: 1)[2] }
    row("a.flip([0])") { a in a.flip([0]) }
    row("a.flip([0, 1])") { a in a.flip([0, 1]) }
    row("a.flip([-1])") { a in a.flip([-1]) }
    row("a.roll(2)") { a in a.roll(2) }
    row("a.roll(-1, dim: 0)") { a in a.roll(-1, dim: 0) }
    row("a.roll([1, 5], dims: [0, 1])") { a in a.roll([1, 5], dims: [0, 1]) }
    row("a.repeat(2)") { a in a.repeat(2) }
    row("a.repeat(2, 3)") { a in a.repeat(2, 3) }
    row("a.repeat(2, 1, 2)") { a in a.repeat(2, 1, 2) }
    row("a.repeat(0, 1)") { a in a.repeat(0, 1) }
  }

  /// Picking by number.
  private mutating func addPicking() {
    row("a.gather(0, b)") { a, b in a.gather(0, b) }
    row("a.gather(1, b)") { a, b in a.gather(1, b) }
    row("a.gather(-1, b)") { a, b in a.gather(-1, b) }
    row("a.scatter_(1, b, c)") { a, b, c in changed(a) { $0.scatter_(1, b, c) } }
    row("a.scatter_(0, b, c)") { a, b, c in changed(a) { $0.scatter_(0, b, c) } }
    row("a.scatter_(0, b, 7)") { a, b in changed(a) { $0.scatter_(0, b, 7) } }
    row("a.scatterAdd_(0, b, c)") { a, b, c in changed(a) { $0.scatterAdd_(0, b, c) } }
    row("a.indexSelect(0, b)") { a, b in a.indexSelect(0, b) }
    row("a.indexSelect(1, b)") { a, b in a.indexSelect(1, b) }
    row("a.indexSelect(-1, b)") { a, b in a.indexSelect(-1, b) }
    row("a.indexAdd_(0, b, c)") { a, b, c in changed(a) { $0.indexAdd_(0, b, c) } }
    row("a.indexAdd_(1, b, c)") { a, b, c in changed(a) { $0.indexAdd_(1, b, c) } }
    row("a.narrow(1, 1, 2)") { a in a.narrow(1, 1, 2) }
    row("a.select(1, -1)") { a in a.select(1, -1) }
    row("a.nonzero()") { a in a.nonzero() }
  }

  /// Triangles and diagonals.
  private mutating func addTriangles() {
    row("a.tril()") { a in a.tril() }
    row("a.tril(1)") { a in a.tril(1) }
    row("a.tril(-1)") { a in a.tril(-1) }
    row("a.triu()") { a in a.triu() }
    row("a.triu(1)") { a in a.triu(1) }
    row("a.triu(-2)") { a in a.triu(-2) }
    row("a.diag()") { a in a.diag() }
    row("a.diag(1)") { a in a.diag(1) }
    row("a.diag(-1)") { a in a.diag(-1) }
    row("a.oneHot(numClasses: 4)") { a in a.oneHot(numClasses: 4) }
    row("a.oneHot()") { a in a.oneHot() }
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
    row("a.t().add_(b)") { a, b in changed(a) { $0.t().add_(b) } }
    row("a[1].mul_(b)") { a, b in changed(a) { $0[1].mul_(b) } }
    row("a[.all, 1..<3].zero_()") { a in changed(a) { $0[.all, 1..<3].zero_() } }
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
