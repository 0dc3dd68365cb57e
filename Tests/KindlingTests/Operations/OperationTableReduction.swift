// Reductions, softmax and products, one row each. Tests/Reference/tables/reductions.py has a row of the same name with
// PyTorch's.

import Kindling

extension OperationTable {
  static func reductions() -> OperationTable {
    var table = OperationTable(reference: "reductions.json")
    table.addSums()
    table.addExtremes()
    table.addSpread()
    table.addQuestions()
    table.addNorms()
    table.addLongSums()
    table.addProducts()
    table.addOrders()
    table.addEinsums()
    return table
  }

  /// Sums, means, products.
  private mutating func addSums() {
    row("a.sum()") { a in a.sum() }
    row("a.sum(dim: 0)") { a in a.sum(dim: 0) }
    row("a.sum(dim: 1)") { a in a.sum(dim: 1) }
    row("a.sum(dim: -1)") { a in a.sum(dim: -1) }
    row("a.sum(dim: 1, keepDim: true)") { a in a.sum(dim: 1, keepDim: true) }
    row("a.sum(dims: [0, 1])") { a in a.sum(dims: [0, 1]) }
    row("a.sum(dims: [0, 2])") { a in a.sum(dims: [0, 2]) }
    row("a.sum(dims: [0, -1], keepDim: true)") { a in a.sum(dims: [0, -1], keepDim: true) }
    row("a.mean()") { a in a.mean() }
    row("a.mean(dim: 0)") { a in a.mean(dim: 0) }
    row("a.mean(dim: 1, keepDim: true)") { a in a.mean(dim: 1, keepDim: true) }
    row("a.mean(dims: [0, 2])") { a in a.mean(dims: [0, 2]) }
    row("a.prod()") { a in a.prod() }
    row("a.prod(dim: 0)") { a in a.prod(dim: 0) }
    row("a.prod(dim: 1)") { a in a.prod(dim: 1) }
    row("a.prod(dim: 1, keepDim: true)") { a in a.prod(dim: 1, keepDim: true) }
  }

  /// Largest and smallest.
  private mutating func addExtremes() {
    row("a.max()") { a in a.max() }
    row("a.min()") { a in a.min() }
    row("a.amax(dims: [0, 1])") { a in a.amax(dims: [0, 1]) }
    row("a.amax(dims: [1], keepDim: true)") { a in a.amax(dims: [1], keepDim: true) }
    row("a.amin(dims: [0, 2])") { a in a.amin(dims: [0, 2]) }
    row("a.max(dim: 0).values") { a in a.max(dim: 0).values }
    row("a.max(dim: 1).values") { a in a.max(dim: 1).values }
    row("a.max(dim: 1).indices") { a in a.max(dim: 1).indices }
    row("a.max(dim: 1, keepDim: true).values") { a in a.max(dim: 1, keepDim: true).values }
    row("a.max(dim: 1, keepDim: true).indices") { a in a.max(dim: 1, keepDim: true).indices }
    row("a.min(dim: 0).values") { a in a.min(dim: 0).values }
    row("a.min(dim: 0).indices") { a in a.min(dim: 0).indices }
    row("a.min(dim: -1, keepDim: true).values") { a in a.min(dim: -1, keepDim: true).values }
    row("a.argmax()") { a in a.argmax() }
    row("a.argmax(dim: 0)") { a in a.argmax(dim: 0) }
    row("a.argmax(dim: 1)") { a in a.argmax(dim: 1) }
    row("a.argmax(dim: 1, keepDim: true)") { a in a.argmax(dim: 1, keepDim: true) }
    row("a.argmin()") { a in a.argmin() }
    row("a.argmin(dim: 0)") { a in a.argmin(dim: 0) }
    row("a.argmin(dim: -1, keepDim: true)") { a in a.argmin(dim: -1, keepDim: true) }
  }

  /// Spread.
  private mutating func addSpread() {
    row("a.variance()") { a in a.variance() }
    row("a.variance(correction: 0)") { a in a.variance(correction: 0) }
    row("a.variance(dim: 0)") { a in a.variance(dim: 0) }
    row("a.variance(dim: 1)") { a in a.variance(dim: 1) }
    row("a.variance(dim: 1, correction: 0, keepDim: true)") { a in a.variance(dim: 1, correction: 0, keepDim: true) }
    row("a.variance(dims: [0, 2])") { a in a.variance(dims: [0, 2]) }
    row("a.std(dims: [0, 1], correction: 2, keepDim: true)") { a in
      a.std(dims: [0, 1], correction: 2, keepDim: true)
    }
    row("a.std()") { a in a.std() }
    row("a.std(dim: 1)") { a in a.std(dim: 1) }
    row("a.std(dim: 0, correction: 0)") { a in a.std(dim: 0, correction: 0) }
    row("a.std(dim: 1, keepDim: true)") { a in a.std(dim: 1, keepDim: true) }
  }

  /// Questions.
  private mutating func addQuestions() {
    row("a.any()") { a in a.any() }
    row("a.any(dim: 0)") { a in a.any(dim: 0) }
    row("a.any(dim: 1, keepDim: true)") { a in a.any(dim: 1, keepDim: true) }
    row("a.all()") { a in a.all() }
    row("a.all(dim: 0)") { a in a.all(dim: 0) }
    row("a.all(dim: 1, keepDim: true)") { a in a.all(dim: 1, keepDim: true) }
    row("a.any(dims: [0, 1])") { a in a.any(dims: [0, 1]) }
    row("a.all(dims: [0, 1], keepDim: true)") { a in a.all(dims: [0, 1], keepDim: true) }
  }

  /// Logarithms of sums, norms, running sums, softmax.
  private mutating func addNorms() {
    row("a.logSumExp(dim: 0)") { a in a.logSumExp(dim: 0) }
    row("a.logSumExp(dim: 1)") { a in a.logSumExp(dim: 1) }
    row("a.logSumExp(dim: 1, keepDim: true)") { a in a.logSumExp(dim: 1, keepDim: true) }
    row("a.logSumExp(dims: [0, 1])") { a in a.logSumExp(dims: [0, 1]) }
    row("a.norm()") { a in a.norm() }
    row("a.norm(1)") { a in a.norm(1) }
    row("a.norm(3)") { a in a.norm(3) }
    row("a.norm(.infinity)") { a in a.norm(.infinity) }
    row("a.norm(2, dim: 0)") { a in a.norm(2, dim: 0) }
    row("a.norm(2, dim: 1, keepDim: true)") { a in a.norm(2, dim: 1, keepDim: true) }
    row("a.norm(1, dim: 1)") { a in a.norm(1, dim: 1) }
    row("a.norm(.infinity, dim: 1)") { a in a.norm(.infinity, dim: 1) }
    row("a.norm(2, dims: [0, 1])") { a in a.norm(2, dims: [0, 1]) }
    row("a.norm(3, dims: [0, 2], keepDim: true)") { a in a.norm(3, dims: [0, 2], keepDim: true) }
    row("a.cumsum(dim: 0)") { a in a.cumsum(dim: 0) }
    row("a.cumsum(dim: 1)") { a in a.cumsum(dim: 1) }
    row("a.cumsum(dim: -1)") { a in a.cumsum(dim: -1) }
    row("a.cumprod(dim: 0)") { a in a.cumprod(dim: 0) }
    row("a.cumprod(dim: 1)") { a in a.cumprod(dim: 1) }
    row("a.cumprod(dim: -1)") { a in a.cumprod(dim: -1) }
    row("a.softmax(dim: 0)") { a in a.softmax(dim: 0) }
    row("a.softmax(dim: 1)") { a in a.softmax(dim: 1) }
    row("a.softmax(dim: -1)") { a in a.softmax(dim: -1) }
    row("a.logSoftmax(dim: 0)") { a in a.logSoftmax(dim: 0) }
    row("a.logSoftmax(dim: 1)") { a in a.logSoftmax(dim: 1) }
    row("a.logSoftmax(dim: -1)") { a in a.logSoftmax(dim: -1) }
  }

  /// Sums that show how they are added up.
  private mutating func addLongSums() {
    row("Tensor.full([100001], 0.1).sum()") { Tensor.full([100001], 0.1).sum() }
    row("Tensor.arange(100000).to(.float32).sum()") { Tensor.arange(100000).to(.float32).sum() }
    row("Tensor.arange(300000).reshape(300, 1000).to(.float32).mean(dim: 0)") {
      Tensor.arange(300000).reshape(300, 1000).to(.float32).mean(dim: 0)
    }
    row("Tensor.full([3, 70000], 0.3, dtype: .float64).cumsum(dim: 1).sum(dim: 1)") {
      Tensor.full([3, 70000], 0.3, dtype: .float64).cumsum(dim: 1).sum(dim: 1)
    }
  }

  /// Products of matrices and vectors.
  private mutating func addProducts() {
    row("a.mm(b)") { a, b in a.mm(b) }
    row("c.addmm(a, b)") { a, b, c in c.addmm(a, b) }
    row("c.addmm(a, b, beta: 0.5, alpha: -2)") { a, b, c in c.addmm(a, b, beta: 0.5, alpha: -2) }
    row("c.addmm(a, b, beta: 0, alpha: 3)") { a, b, c in c.addmm(a, b, beta: 0, alpha: 3) }
    row("a.mv(b)") { a, b in a.mv(b) }
    row("a.dot(b)") { a, b in a.dot(b) }
    row("a.outer(b)") { a, b in a.outer(b) }
    row("a.bmm(b)") { a, b in a.bmm(b) }
    row("a.matmul(b)") { a, b in a.matmul(b) }
  }
  /// What follows from an order of the elements.
  private mutating func addOrders() {
    row("a.sort(dim: 0).values") { a in a.sort(dim: 0).values }
    row("a.sort(dim: 1, descending: true).values") { a in a.sort(dim: 1, descending: true).values }
    row("a.sort(dim: 0).indices") { a in a.sort(dim: 0).indices }
    row("a.argsort(dim: 1, descending: true)") { a in a.argsort(dim: 1, descending: true) }
    row("a.topk(2, dim: 0).values") { a in a.topk(2, dim: 0).values }
    row("a.topk(2, dim: 1, largest: false).values") { a in a.topk(2, dim: 1, largest: false).values }
    row("a.topk(2, dim: 0).indices") { a in a.topk(2, dim: 0).indices }
    row("a.median()") { a in a.median() }
    row("a.median(dim: 1).values") { a in a.median(dim: 1).values }
    row("a.median(dim: 0, keepDim: true).indices") { a in a.median(dim: 0, keepDim: true).indices }
  }

  /// Products and sums by Einstein's rule.
  private mutating func addEinsums() {
    row(#"einsum("ij,kj->ik", [a, a])"#) { a in einsum("ij,kj->ik", [a, a]) }
    row(#"einsum("ij->j", [a])"#) { a in einsum("ij->j", [a]) }
    row(#"einsum("ij,ij->", [a, a.exp()])"#) { a in einsum("ij,ij->", [a, a.exp()]) }
    row(#"einsum("...j,j", [a, a[0]])"#) { a in einsum("...j,j", [a, a[0]]) }
  }
}
