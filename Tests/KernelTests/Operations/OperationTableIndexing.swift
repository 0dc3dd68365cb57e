// Written by Tests/Reference/generate.py from tables/indexing.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling

extension OperationTable {
  static func indexing() -> OperationTable {
    var table = OperationTable(reference: "indexing.json")
    table.row("a[0]") { a in a[0] }
    table.row("a[-1]") { a in a[-1] }
    table.row("a[1, 2]") { a in a[1, 2] }
    table.row("a[1, -1, 2]") { a in a[1, -1, 2] }
    table.row("a[1..<3]") { a in a[1..<3] }
    table.row("a[1...2]") { a in a[1...2] }
    table.row("a[2...]") { a in a[2...] }
    table.row("a[..<2]") { a in a[..<2] }
    table.row("a[2..<2]") { a in a[2..<2] }
    table.row("a[.all, 0]") { a in a[.all, 0] }
    table.row("a[.all, 1..<3]") { a in a[.all, 1..<3] }
    table.row("a[0..<1, 1...]") { a in a[0..<1, 1...] }
    table.row("a[.ellipsis, 0]") { a in a[.ellipsis, 0] }
    table.row("a[0, .ellipsis, 1]") { a in a[0, .ellipsis, 1] }
    table.row("a[.newAxis]") { a in a[.newAxis] }
    table.row("a[.all, .newAxis, 1...]") { a in a[.all, .newAxis, 1...] }
    table.row("a[.slice(0, 5, step: 2)]") { a in a[.slice(0, 5, step: 2)] }
    table.row("a[.slice(1, 5, step: 3)]") { a in a[.slice(1, 5, step: 3)] }
    table.row("a[.all, .slice(0, 3, step: 2)]") { a in a[.all, .slice(0, 3, step: 2)] }
    table.row("a[b] (mask)") { a, b in a[b] }
    table.row("a[a > 0]") { a in a[a > 0] }
    table.row("a[b] (indices)") { a, b in a[b] }
    table.row("a[0, 1, .all, 0, 1...]") { a in a[0, 1, .all, 0, 1...] }
    table.row("a[0, 1, 1, 0, 1, 0]") { a in a[0, 1, 1, 0, 1, 0] }
    table.row("a[b, c]") { a, b, c in a[b, c] }
    table.row("a[.all, b]") { a, b in a[.all, b] }
    table.row("a[0, .all, b]") { a, b in a[0, .all, b] }
    table.row("a[.all, b, 1...]") { a, b in a[.all, b, 1...] }
    table.row("a[.ellipsis, b, -1]") { a, b in a[.ellipsis, b, -1] }
    table.row("a[b, .all, c]") { a, b, c in a[b, .all, c] }
    table.row("a[.all, b, .newAxis, c]") { a, b, c in a[.all, b, .newAxis, c] }
    table.row("a[.all, b] (mask)") { a, b in a[.all, b] }
    table.row("a[b, c] (mask, indices)") { a, b, c in a[b, c] }
    table.row("a[1] = b") { a, b in changed(a) { $0[1] = b } }
    table.row("a[0..<2] = b") { a, b in changed(a) { $0[0..<2] = b } }
    table.row("a[.all, 1] = b") { a, b in changed(a) { $0[.all, 1] = b } }
    table.row("a[.all, .slice(0, 3, step: 2)] = b") { a, b in changed(a) { $0[.all, .slice(0, 3, step: 2)] = b } }
    table.row("a[.ellipsis, 0] = b") { a, b in changed(a) { $0[.ellipsis, 0] = b } }
    table.row("a[1] = 7") { a in changed(a) { $0[1] = 7 } }
    table.row("a[1, 2] = 2.5") { a in changed(a) { $0[1, 2] = 2.5 } }
    table.row("a[0..<1, 1...] = -1") { a in changed(a) { $0[0..<1, 1...] = -1 } }
    table.row("a[b] = 0 (mask)") { a, b in changed(a) { $0[b] = 0 } }
    table.row("a[a < 0] = 0") { a in changed(a) { $0[$0 < 0] = 0 } }
    table.row("a[b] = c (mask)") { a, b, c in changed(a) { $0[b] = c } }
    table.row("a[b] = c (indices)") { a, b, c in changed(a) { $0[b] = c } }
    table.row("a[b] = 5 (indices)") { a, b in changed(a) { $0[b] = 5 } }
    table.row("a[b, c] = 5") { a, b, c in changed(a) { $0[b, c] = 5 } }
    table.row("a[b, b] = c") { a, b, c in changed(a) { $0[b, b] = c } }
    table.row("a[b, b] += c") { a, b, c in changed(a) { $0[b, b] += c } }
    table.row("a[.all, b] = c") { a, b, c in changed(a) { $0[.all, b] = c } }
    table.row("a[1, b] = c") { a, b, c in changed(a) { $0[1, b] = c } }
    table.row("a[b, .all, b] = c") { a, b, c in changed(a) { $0[b, .all, b] = c } }
    table.row("a[0, 1, .all, 0, 1...] = b") { a, b in changed(a) { $0[0, 1, .all, 0, 1...] = b } }
    table.row("a[0, 1, .all, 0, 1...] = 7") { a in changed(a) { $0[0, 1, .all, 0, 1...] = 7 } }
    table.row("noGrad { a.t().add_(b) }") { a, b in noGrad { changed(a) { $0.t().add_(b) } } }
    table.row("noGrad { a[1].mul_(b) }") { a, b in noGrad { changed(a) { $0[1].mul_(b) } } }
    table.row("noGrad { a[.all, 1..<3].zero_() }") { a in noGrad { changed(a) { $0[.all, 1..<3].zero_() } } }
    table.row("noGrad { a.view(3, 2).mul_(2) }") { a in noGrad { changed(a) { $0.view(3, 2).mul_(2) } } }
    table.row("noGrad { a.reshape(-1)[1..<4].zero_() }") { a in noGrad { changed(a) { $0.reshape(-1)[1..<4].zero_() } } }
    table.row("noGrad { a.flatten()[5].fill_(7) }") { a in noGrad { changed(a) { $0.flatten()[5].fill_(7) } } }
    table.row("noGrad { a.permute(1, 0)[0].fill_(7) }") { a in noGrad { changed(a) { $0.permute(1, 0)[0].fill_(7) } } }
    table.row("noGrad { a.unsqueeze(0)[0, 1].fill_(7) }") { a in noGrad { changed(a) { $0.unsqueeze(0)[0, 1].fill_(7) } } }
    table.row("noGrad { a.squeeze()[0].fill_(7) }") { a in noGrad { changed(a) { $0.squeeze()[0].fill_(7) } } }
    table.row("noGrad { a.split(1)[1].fill_(7) }") { a in noGrad { changed(a) { $0.split(1)[1].fill_(7) } } }
    table.row("noGrad { a.chunk(2, dim: 1)[0].fill_(7) }") { a in noGrad { changed(a) { $0.chunk(2, dim: 1)[0].fill_(7) } } }
    table.row("noGrad { a.narrow(dim: 1, start: 1, length: 2).fill_(7) }") { a in noGrad { changed(a) { $0.narrow(dim: 1, start: 1, length: 2).fill_(7) } } }
    table.row("noGrad { a.select(dim: 1, index: -1).fill_(7) }") { a in noGrad { changed(a) { $0.select(dim: 1, index: -1).fill_(7) } } }
    table.row("noGrad { a.detach().mul_(2) }") { a in noGrad { changed(a) { $0.detach().mul_(2) } } }
    table.row("Tensor.zeros(2, 3)") { Tensor.zeros(2, 3) }
    table.row("Tensor.zeros([0, 3], dtype: .int64)") { Tensor.zeros([0, 3], dtype: .int64) }
    table.row("Tensor.ones(2, 3, dtype: .float64)") { Tensor.ones(2, 3, dtype: .float64) }
    table.row("Tensor.ones([3], dtype: .bool)") { Tensor.ones([3], dtype: .bool) }
    table.row("Tensor.full([2, 3], 7)") { Tensor.full([2, 3], 7) }
    table.row("Tensor.full([2], 1.5)") { Tensor.full([2], 1.5) }
    table.row("Tensor.full([], 2.5, dtype: .float64)") { Tensor.full([], 2.5, dtype: .float64) }
    table.row("Tensor.full([2], 7, dtype: .float32)") { Tensor.full([2], 7, dtype: .float32) }
    table.row("Tensor.arange(10)") { Tensor.arange(10) }
    table.row("Tensor.arange(10, dtype: .int32)") { Tensor.arange(10, dtype: .int32) }
    table.row("Tensor.full([2], -7, dtype: .int32)") { Tensor.full([2], -7, dtype: .int32) }
    table.row("Tensor.arange(0)") { Tensor.arange(0) }
    table.row("Tensor.arange(3, 8)") { Tensor.arange(3, 8) }
    table.row("Tensor.arange(10, 1, step: -3)") { Tensor.arange(10, 1, step: -3) }
    table.row("Tensor.arange(1.0, 2.0, step: 0.25)") { Tensor.arange(1.0, 2.0, step: 0.25) }
    table.row("Tensor.arange(0.0, 1.0, step: 0.1)") { Tensor.arange(0.0, 1.0, step: 0.1) }
    table.row("Tensor.arange(5, dtype: .float64)") { Tensor.arange(5, dtype: .float64) }
    table.row("Tensor.linspace(0, 1, steps: 5)") { Tensor.linspace(0, 1, steps: 5) }
    table.row("Tensor.linspace(-1, 2, steps: 7)") { Tensor.linspace(-1, 2, steps: 7) }
    table.row("Tensor.linspace(0, 1, steps: 11, dtype: .float64)") { Tensor.linspace(0, 1, steps: 11, dtype: .float64) }
    table.row("Tensor.linspace(3, 9, steps: 1)") { Tensor.linspace(3, 9, steps: 1) }
    table.row("Tensor.linspace(3, 9, steps: 0)") { Tensor.linspace(3, 9, steps: 0) }
    table.row("Tensor.eye(3)") { Tensor.eye(3) }
    table.row("Tensor.eye(2, 4, dtype: .int64)") { Tensor.eye(2, 4, dtype: .int64) }
    table.row("Tensor.zerosLike(a)") { a in Tensor.zerosLike(a) }
    table.row("Tensor.onesLike(a)") { a in Tensor.onesLike(a) }
    table.row("Tensor.fullLike(a, 3)") { a in Tensor.fullLike(a, 3) }
    table.row("Tensor(2.5)") { Tensor(2.5) }
    table.row("Tensor(3)") { Tensor(3) }
    table.row("Tensor(true)") { Tensor(true) }
    table.row("Tensor([1.0, 2.0])") { Tensor([1.0, 2.0]) }
    table.row("Tensor([[1.0, 2.0], [3.0, 4.0]])") { Tensor([[1.0, 2.0], [3.0, 4.0]]) }
    table.row("Tensor([[1, 2], [3, 4]])") { Tensor([[1, 2], [3, 4]]) }
    table.row("Tensor([[[true], [false]]])") { Tensor([[[true], [false]]]) }
    table.row("Tensor([1.0, 2.0], dtype: .float64)") { Tensor([1.0, 2.0], dtype: .float64) }
    table.row("Tensor([1, 2], dtype: .float32)") { Tensor([1, 2], dtype: .float32) }
    table.row("Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], shape: [2, 3])") { Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], shape: [2, 3]) }
    return table
  }
}
