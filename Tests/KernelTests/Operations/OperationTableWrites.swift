// Writes to parts of a tensor and through its views, and views read after a write, one row each.
// Tests/Reference/tables/writes.py has a row of the same name with PyTorch's.

import Kindling

extension OperationTable {
  static func writes() -> OperationTable {
    var table = OperationTable(reference: "writes.json")
    table.addCompoundWrites()
    table.addAssignedValues()
    table.addViews()
    return table
  }

  /// Operators on a part.
  private mutating func addCompoundWrites() {
    for kind in ["mask", "indices"] {
      row("a[b] += c (\(kind))") { a, b, c in changed(a) { $0[b] += c } }
      row("a[b] -= c (\(kind))") { a, b, c in changed(a) { $0[b] -= c } }
      row("a[b] *= c (\(kind))") { a, b, c in changed(a) { $0[b] *= c } }
      row("a[b] /= c (\(kind))") { a, b, c in changed(a) { $0[b] /= c } }
    }
    row("a[b] += 10 (mask)") { a, b in changed(a) { $0[b] += 10 } }
    row("a[b] *= 0.5 (mask)") { a, b in changed(a) { $0[b] *= 0.5 } }
    row("a[b] -= 3 (indices)") { a, b in changed(a) { $0[b] -= 3 } }
    row("a[a > 0] /= 2") { a in changed(a) { $0[$0 > 0] /= 2 } }
    row("a[1] += b") { a, b in changed(a) { $0[1] += b } }
    row("a[.all, 1...] *= b") { a, b in changed(a) { $0[.all, 1...] *= b } }
    row("a[1, 2] -= b") { a, b in changed(a) { $0[1, 2] -= b } }
    row("a[0..<1] /= 2") { a in changed(a) { $0[0..<1] /= 2 } }
  }

  /// Values of other shapes and types than the part they are written to.
  private mutating func addAssignedValues() {
    row("a[1] = b (ones in front)") { a, b in changed(a) { $0[1] = b } }
    row("a[1, 2] = b (ones in front)") { a, b in changed(a) { $0[1, 2] = b } }
    row("a[b] = c (mask, ones in front)") { a, b, c in changed(a) { $0[b] = c } }
    row("a[b] = c (indices, ones in front)") { a, b, c in changed(a) { $0[b] = c } }
    row("a[0] = 2.5") { a in changed(a) { $0[0] = 2.5 } }
    row("a[b] = 2.5 (mask)") { a, b in changed(a) { $0[b] = 2.5 } }
    row("a[b] = -2.5 (indices)") { a, b in changed(a) { $0[b] = -2.5 } }
  }

  private typealias View = @Sendable (Tensor) -> Tensor

  private static let views: [(name: String, of: View)] = [
    ("a.t()", { $0.t() }), ("a.transpose(0, 0)", { $0.transpose(0, 0) }), ("a.permute(1, 0)", { $0.permute(1, 0) }),
    ("a.view(3, 2)", { $0.view(3, 2) }), ("a.reshape(2, 3)", { $0.reshape(2, 3) }), ("a.flatten()", { $0.flatten() }),
    ("a.squeeze()", { $0.squeeze() }), ("a.unsqueeze(1)", { $0.unsqueeze(1) }),
    ("a.narrow(dim: 1, start: 1, length: 2)", { $0.narrow(dim: 1, start: 1, length: 2) }),
    ("a.select(dim: 1, index: -1)", { $0.select(dim: 1, index: -1) }),
    ("a.diagonal(offset: 1)", { $0.diagonal(offset: 1) }), ("a[1]", { $0[1] }), ("a[.ellipsis]", { $0[.ellipsis] }),
    ("a[.all, .slice(0, 3, step: 2)]", { $0[.all, .slice(0, 3, step: 2)] }),
    ("a.t()[1...].unsqueeze(0)[0, 1]", { $0.t()[1...].unsqueeze(0)[0, 1] }),
  ]

  private static let expanded: [(name: String, of: View)] = [
    ("a.expand(4, 2, 3)", { $0.expand(4, 2, 3) }),
    ("a[.all, 1, .newAxis].expand(2, 5)", { $0[.all, 1, .newAxis].expand(2, 5) }),
  ]

  /// Views, read after their base was written, and written themselves.
  private mutating func addViews() {
    for (name, view) in OperationTable.views + OperationTable.expanded {
      row("\(name) after a.mul_(b)") { a, b in readAfter(view, of: a.clone()) { $0.mul_(b) } }
      row("\(name) of constants after a.copy_(b)") { a, b in readAfter(view, of: a.detach().clone()) { $0.copy_(b) } }
      row("\(name) of constants after a[1] = b[0]") { a, b in readAfter(view, of: a.detach().clone()) { $0[1] = b[0] } }
    }
    for (name, view) in OperationTable.views {
      row("\(name) written") { a, b in
        let whole = a.clone()
        let part = view(whole)
        let read = (part * 3).sum()
        part.mul_(b)
        part += part
        return whole * whole + read
      }
    }
  }
}

/// What a view of `whole` shows after that was changed.
private func readAfter(_ view: (Tensor) -> Tensor, of whole: Tensor, _ change: (Tensor) -> Void) -> Tensor {
  let part = view(whole)
  change(whole)
  return part * 1
}
