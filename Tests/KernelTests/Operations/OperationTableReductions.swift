// Written by Tests/Reference/generate.py from tables/reductions.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling

extension OperationTable {
  static func reductions() -> OperationTable {
    var table = OperationTable(reference: "reductions.json")
    table.row("a.sum()") { a in a.sum() }
    table.row("a.sum(dim: 0)") { a in a.sum(dim: 0) }
    table.row("a.sum(dim: 1)") { a in a.sum(dim: 1) }
    table.row("a.sum(dim: -1)") { a in a.sum(dim: -1) }
    table.row("a.sum(dim: 1, keepDim: true)") { a in a.sum(dim: 1, keepDim: true) }
    table.row("a.sum(dims: [0, 1])") { a in a.sum(dims: [0, 1]) }
    table.row("a.sum(dims: [0, 2])") { a in a.sum(dims: [0, 2]) }
    table.row("a.sum(dims: [0, -1], keepDim: true)") { a in a.sum(dims: [0, -1], keepDim: true) }
    table.row("a.mean()") { a in a.mean() }
    table.row("a.mean(dim: 0)") { a in a.mean(dim: 0) }
    table.row("a.mean(dim: 1, keepDim: true)") { a in a.mean(dim: 1, keepDim: true) }
    table.row("a.mean(dims: [0, 2])") { a in a.mean(dims: [0, 2]) }
    table.row("a.prod()") { a in a.prod() }
    table.row("a.prod(dim: 0)") { a in a.prod(dim: 0) }
    table.row("a.prod(dim: 1)") { a in a.prod(dim: 1) }
    table.row("a.prod(dim: 1, keepDim: true)") { a in a.prod(dim: 1, keepDim: true) }
    table.row("a.max()") { a in a.max() }
    table.row("a.min()") { a in a.min() }
    table.row("a.amax(dims: [0, 1])") { a in a.amax(dims: [0, 1]) }
    table.row("a.amax(dims: [1], keepDim: true)") { a in a.amax(dims: [1], keepDim: true) }
    table.row("a.amin(dims: [0, 2])") { a in a.amin(dims: [0, 2]) }
    table.row("a.max(dim: 0).values") { a in a.max(dim: 0).values }
    table.row("a.max(dim: 1).values") { a in a.max(dim: 1).values }
    table.row("a.max(dim: 1).indices") { a in a.max(dim: 1).indices }
    table.row("a.max(dim: 1, keepDim: true).values") { a in a.max(dim: 1, keepDim: true).values }
    table.row("a.max(dim: 1, keepDim: true).indices") { a in a.max(dim: 1, keepDim: true).indices }
    table.row("a.min(dim: 0).values") { a in a.min(dim: 0).values }
    table.row("a.min(dim: 0).indices") { a in a.min(dim: 0).indices }
    table.row("a.min(dim: -1, keepDim: true).values") { a in a.min(dim: -1, keepDim: true).values }
    table.row("a.argmax()") { a in a.argmax() }
    table.row("a.argmax(dim: 0)") { a in a.argmax(dim: 0) }
    table.row("a.argmax(dim: 1)") { a in a.argmax(dim: 1) }
    table.row("a.argmax(dim: 1, keepDim: true)") { a in a.argmax(dim: 1, keepDim: true) }
    table.row("a.argmin()") { a in a.argmin() }
    table.row("a.argmin(dim: 0)") { a in a.argmin(dim: 0) }
    table.row("a.argmin(dim: -1, keepDim: true)") { a in a.argmin(dim: -1, keepDim: true) }
    table.row("a.variance()") { a in a.variance() }
    table.row("a.variance(correction: 0)") { a in a.variance(correction: 0) }
    table.row("a.variance(dim: 0)") { a in a.variance(dim: 0) }
    table.row("a.variance(dim: 1)") { a in a.variance(dim: 1) }
    table.row("a.variance(dim: 1, correction: 0, keepDim: true)") { a in a.variance(dim: 1, correction: 0, keepDim: true) }
    table.row("a.variance(dims: [0, 2])") { a in a.variance(dims: [0, 2]) }
    table.row("a.std(dims: [0, 1], correction: 2, keepDim: true)") { a in a.std(dims: [0, 1], correction: 2, keepDim: true) }
    table.row("a.std()") { a in a.std() }
    table.row("a.std(dim: 1)") { a in a.std(dim: 1) }
    table.row("a.std(dim: 0, correction: 0)") { a in a.std(dim: 0, correction: 0) }
    table.row("a.std(dim: 1, keepDim: true)") { a in a.std(dim: 1, keepDim: true) }
    table.row("a.any()") { a in a.any() }
    table.row("a.any(dim: 0)") { a in a.any(dim: 0) }
    table.row("a.any(dim: 1, keepDim: true)") { a in a.any(dim: 1, keepDim: true) }
    table.row("a.all()") { a in a.all() }
    table.row("a.all(dim: 0)") { a in a.all(dim: 0) }
    table.row("a.all(dim: 1, keepDim: true)") { a in a.all(dim: 1, keepDim: true) }
    table.row("a.any(dims: [0, 1])") { a in a.any(dims: [0, 1]) }
    table.row("a.all(dims: [0, 1], keepDim: true)") { a in a.all(dims: [0, 1], keepDim: true) }
    table.row("a.logSumExp(dim: 0)") { a in a.logSumExp(dim: 0) }
    table.row("a.logSumExp(dim: 1)") { a in a.logSumExp(dim: 1) }
    table.row("a.logSumExp(dim: 1, keepDim: true)") { a in a.logSumExp(dim: 1, keepDim: true) }
    table.row("a.logSumExp(dims: [0, 1])") { a in a.logSumExp(dims: [0, 1]) }
    table.row("a.norm()") { a in a.norm() }
    table.row("a.norm(1)") { a in a.norm(1) }
    table.row("a.norm(3)") { a in a.norm(3) }
    table.row("a.norm(.infinity)") { a in a.norm(.infinity) }
    table.row("a.norm(2, dim: 0)") { a in a.norm(2, dim: 0) }
    table.row("a.norm(2, dim: 1, keepDim: true)") { a in a.norm(2, dim: 1, keepDim: true) }
    table.row("a.norm(1, dim: 1)") { a in a.norm(1, dim: 1) }
    table.row("a.norm(.infinity, dim: 1)") { a in a.norm(.infinity, dim: 1) }
    table.row("a.norm(2, dims: [0, 1])") { a in a.norm(2, dims: [0, 1]) }
    table.row("a.norm(3, dims: [0, 2], keepDim: true)") { a in a.norm(3, dims: [0, 2], keepDim: true) }
    table.row("a.cumsum(dim: 0)") { a in a.cumsum(dim: 0) }
    table.row("a.cumsum(dim: 1)") { a in a.cumsum(dim: 1) }
    table.row("a.cumsum(dim: -1)") { a in a.cumsum(dim: -1) }
    table.row("a.cumprod(dim: 0)") { a in a.cumprod(dim: 0) }
    table.row("a.cumprod(dim: 1)") { a in a.cumprod(dim: 1) }
    table.row("a.cumprod(dim: -1)") { a in a.cumprod(dim: -1) }
    table.row("a.softmax(dim: 0)") { a in a.softmax(dim: 0) }
    table.row("a.softmax(dim: 1)") { a in a.softmax(dim: 1) }
    table.row("a.softmax(dim: -1)") { a in a.softmax(dim: -1) }
    table.row("a.logSoftmax(dim: 0)") { a in a.logSoftmax(dim: 0) }
    table.row("a.logSoftmax(dim: 1)") { a in a.logSoftmax(dim: 1) }
    table.row("a.logSoftmax(dim: -1)") { a in a.logSoftmax(dim: -1) }
    table.row("Tensor.full([100001], 0.1).sum()") { Tensor.full([100001], 0.1).sum() }
    table.row("Tensor.arange(100000).to(.float32).sum()") { Tensor.arange(100000).to(.float32).sum() }
    table.row("Tensor.arange(300000).reshape(300, 1000).to(.float32).mean(dim: 0)") { Tensor.arange(300000).reshape(300, 1000).to(.float32).mean(dim: 0) }
    table.row("Tensor.full([3, 70000], 0.3, dtype: .float64).cumsum(dim: 1).sum(dim: 1)") { Tensor.full([3, 70000], 0.3, dtype: .float64).cumsum(dim: 1).sum(dim: 1) }
    table.row("c.addmm(a, b)") { a, b, c in c.addmm(a, b) }
    table.row("c.addmm(a, b, beta: 0.5, alpha: -2)") { a, b, c in c.addmm(a, b, beta: 0.5, alpha: -2) }
    table.row("c.addmm(a, b, beta: 0, alpha: 3)") { a, b, c in c.addmm(a, b, beta: 0, alpha: 3) }
    table.row("a.mm(b)") { a, b in a.mm(b) }
    table.row("a.mv(b)") { a, b in a.mv(b) }
    table.row("a.dot(b)") { a, b in a.dot(b) }
    table.row("a.outer(b)") { a, b in a.outer(b) }
    table.row("a.bmm(b)") { a, b in a.bmm(b) }
    table.row("a.matmul(b)") { a, b in a.matmul(b) }
    table.row("a.sort(dim: 0).values") { a in a.sort(dim: 0).values }
    table.row("a.sort(dim: 1, descending: true).values") { a in a.sort(dim: 1, descending: true).values }
    table.row("a.sort(dim: 0).indices") { a in a.sort(dim: 0).indices }
    table.row("a.argsort(dim: 1, descending: true)") { a in a.argsort(dim: 1, descending: true) }
    table.row("a.topk(2, dim: 0).values") { a in a.topk(2, dim: 0).values }
    table.row("a.topk(2, dim: 1, largest: false).values") { a in a.topk(2, dim: 1, largest: false).values }
    table.row("a.topk(2, dim: 0).indices") { a in a.topk(2, dim: 0).indices }
    table.row("a.median()") { a in a.median() }
    table.row("a.median(dim: 1).values") { a in a.median(dim: 1).values }
    table.row("a.median(dim: 0, keepDim: true).indices") { a in a.median(dim: 0, keepDim: true).indices }
    table.row(#"einsum("ij,kj->ik", [a, a])"#) { a in einsum("ij,kj->ik", [a, a]) }
    table.row(#"einsum("ij->j", [a])"#) { a in einsum("ij->j", [a]) }
    table.row(#"einsum("ij,ij->", [a, a.exp()])"#) { a in einsum("ij,ij->", [a, a.exp()]) }
    table.row(#"einsum("...j,j", [a, a[0]])"#) { a in einsum("...j,j", [a, a[0]]) }
    return table
  }
}
