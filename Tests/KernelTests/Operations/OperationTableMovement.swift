// Written by Tests/Reference/generate.py from tables/movement.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling

extension OperationTable {
  static func movement() -> OperationTable {
    var table = OperationTable(reference: "movement.json")
    table.row("a.t()") { a in a.t() }
    table.row("a.T") { a in a.T }
    table.row("a.swapaxes(0, -1)") { a in a.swapaxes(0, -1) }
    table.row("a.transpose(0, 1)") { a in a.transpose(0, 1) }
    table.row("a.transpose(-1, -2)") { a in a.transpose(-1, -2) }
    table.row("a.permute(2, 0, 1)") { a in a.permute(2, 0, 1) }
    table.row("a.permute(0, -1, 1)") { a in a.permute(0, -1, 1) }
    table.row("a.reshape(3, 2)") { a in a.reshape(3, 2) }
    table.row("a.reshape(-1)") { a in a.reshape(-1) }
    table.row("a.reshape(4, -1)") { a in a.reshape(4, -1) }
    table.row("a.reshape(1, 1)") { a in a.reshape(1, 1) }
    table.row("a.reshape([])") { a in a.reshape([]) }
    table.row("a.view(3, 2)") { a in a.view(3, 2) }
    table.row("a.view(2, -1)") { a in a.view(2, -1) }
    table.row("a.flatten()") { a in a.flatten() }
    table.row("a.flatten(startDim: 1)") { a in a.flatten(startDim: 1) }
    table.row("a.flatten(startDim: 0, endDim: 1)") { a in a.flatten(startDim: 0, endDim: 1) }
    table.row("a.squeeze()") { a in a.squeeze() }
    table.row("a.squeeze(0)") { a in a.squeeze(0) }
    table.row("a.squeeze(-1)") { a in a.squeeze(-1) }
    table.row("a.unsqueeze(0)") { a in a.unsqueeze(0) }
    table.row("a.unsqueeze(1)") { a in a.unsqueeze(1) }
    table.row("a.unsqueeze(-1)") { a in a.unsqueeze(-1) }
    table.row("a.expand(4, 3)") { a in a.expand(4, 3) }
    table.row("a.expand(2, -1, 3)") { a in a.expand(2, -1, 3) }
    table.row("cat([a, b])") { a, b in cat([a, b]) }
    table.row("cat([a, b], dim: 1)") { a, b in cat([a, b], dim: 1) }
    table.row("cat([a, b, c], dim: -1)") { a, b, c in cat([a, b, c], dim: -1) }
    table.row("cat([a])") { a in cat([a]) }
    table.row("stack([a, b])") { a, b in stack([a, b]) }
    table.row("stack([a, b], dim: 1)") { a, b in stack([a, b], dim: 1) }
    table.row("stack([a, b, c], dim: -1)") { a, b, c in stack([a, b, c], dim: -1) }
    table.row("a.split(2)[0]") { a in a.split(2)[0] }
    table.row("a.split(2)[2]") { a in a.split(2)[2] }
    table.row("a.split(2, dim: 1)[1]") { a in a.split(2, dim: 1)[1] }
    table.row("a.split([1, 4])[1]") { a in a.split([1, 4])[1] }
    table.row("a.unbind()[1]") { a in a.unbind()[1] }
    table.row("a.unbind(dim: -1)[0]") { a in a.unbind(dim: -1)[0] }
    table.row("meshgrid([a, b])[0]") { a, b in meshgrid([a, b])[0] }
    table.row("meshgrid([a, b, c], indexing: .xy)[1]") { a, b, c in meshgrid([a, b, c], indexing: .xy)[1] }
    table.row("a.chunk(2)[1]") { a in a.chunk(2)[1] }
    table.row("a.chunk(3, dim: 1)[2]") { a in a.chunk(3, dim: 1)[2] }
    table.row("a.split(0)[0]") { a in a.split(0)[0] }
    table.row("a.flip([0])") { a in a.flip([0]) }
    table.row("a.flip([0, 1])") { a in a.flip([0, 1]) }
    table.row("a.flip([-1])") { a in a.flip([-1]) }
    table.row("a.roll(2)") { a in a.roll(2) }
    table.row("a.roll(-1, dims: 0)") { a in a.roll(-1, dims: 0) }
    table.row("a.roll(1, dims: 1)") { a in a.roll(1, dims: 1) }
    table.row("a.roll([1, 5], dims: [0, 1])") { a in a.roll([1, 5], dims: [0, 1]) }
    table.row("a.repeat(2)") { a in a.repeat(2) }
    table.row("a.repeat(2, 3)") { a in a.repeat(2, 3) }
    table.row("a.repeat(2, 1, 2)") { a in a.repeat(2, 1, 2) }
    table.row("a.repeat(0, 1)") { a in a.repeat(0, 1) }
    table.row("a.repeat(3, 1, 1, 1, 1, 2, 1, 2)") { a in a.repeat(3, 1, 1, 1, 1, 2, 1, 2) }
    table.row("a.gather(dim: 0, index: b)") { a, b in a.gather(dim: 0, index: b) }
    table.row("a.gather(dim: 1, index: b)") { a, b in a.gather(dim: 1, index: b) }
    table.row("a.gather(dim: -1, index: b)") { a, b in a.gather(dim: -1, index: b) }
    table.row("a.scatter_(dim: 1, index: b, src: c)") { a, b, c in changed(a) { $0.scatter_(dim: 1, index: b, src: c) } }
    table.row("a.scatter_(dim: 0, index: b, src: c)") { a, b, c in changed(a) { $0.scatter_(dim: 0, index: b, src: c) } }
    table.row("a.scatter_(dim: 0, index: b, value: 7)") { a, b in changed(a) { $0.scatter_(dim: 0, index: b, value: 7) } }
    table.row("a.scatterAdd_(dim: 0, index: b, src: c)") { a, b, c in changed(a) { $0.scatterAdd_(dim: 0, index: b, src: c) } }
    table.row("a.indexSelect(dim: 0, index: b)") { a, b in a.indexSelect(dim: 0, index: b) }
    table.row("a.indexSelect(dim: 1, index: b)") { a, b in a.indexSelect(dim: 1, index: b) }
    table.row("a.indexSelect(dim: -1, index: b)") { a, b in a.indexSelect(dim: -1, index: b) }
    table.row("a.indexAdd_(dim: 0, index: b, source: c)") { a, b, c in changed(a) { $0.indexAdd_(dim: 0, index: b, source: c) } }
    table.row("a.indexAdd_(dim: 1, index: b, source: c)") { a, b, c in changed(a) { $0.indexAdd_(dim: 1, index: b, source: c) } }
    table.row("a.narrow(dim: 1, start: 1, length: 2)") { a in a.narrow(dim: 1, start: 1, length: 2) }
    table.row("a.narrow(dim: 1, start: -2, length: 2)") { a in a.narrow(dim: 1, start: -2, length: 2) }
    table.row("a.narrow(dim: 1, start: -3, length: 2)") { a in a.narrow(dim: 1, start: -3, length: 2) }
    table.row("a.select(dim: 1, index: -1)") { a in a.select(dim: 1, index: -1) }
    table.row("a.nonzero()") { a in a.nonzero() }
    table.row("a.tril()") { a in a.tril() }
    table.row("a.tril(diagonal: 1)") { a in a.tril(diagonal: 1) }
    table.row("a.tril(diagonal: -1)") { a in a.tril(diagonal: -1) }
    table.row("a.triu()") { a in a.triu() }
    table.row("a.triu(diagonal: 1)") { a in a.triu(diagonal: 1) }
    table.row("a.triu(diagonal: -2)") { a in a.triu(diagonal: -2) }
    table.row("a.tril(diagonal: 9)") { a in a.tril(diagonal: 9) }
    table.row("a.tril(diagonal: -9)") { a in a.tril(diagonal: -9) }
    table.row("a.diag()") { a in a.diag() }
    table.row("a.diag(diagonal: 1)") { a in a.diag(diagonal: 1) }
    table.row("a.diag(diagonal: -1)") { a in a.diag(diagonal: -1) }
    table.row("a.diagonal()") { a in a.diagonal() }
    table.row("a.diagonal(offset: 1, dim1: -1, dim2: -2)") { a in a.diagonal(offset: 1, dim1: -1, dim2: -2) }
    table.row("a.oneHot(numClasses: 4)") { a in a.oneHot(numClasses: 4) }
    table.row("a.oneHot()") { a in a.oneHot() }
    return table
  }
}
