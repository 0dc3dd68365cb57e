import Kindling

// Views, and copies that move elements about.

/// A view, or a copy, of one tensor, with integers.
private func moved(
  _ swift: String, _ python: String? = nil, _ effect: Row.Effect = .view, on kind: Kind = .any, rank: Int = 0,
  most: Int = 5,
  with integers: @escaping @Sendable (inout Chooser, [Int]) -> [Int] = { _, _ in [] },
  isDefined: @escaping @Sendable (Call<Type>) -> Bool = { _ in true },
  shape: @escaping @Sendable (Type, Call<Type>) -> [Int]?, _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python ?? swift, effect: effect, isExact: true, savesNothing: true,
    choose: { chooser in
      let a = chooser.operand(kind, .ranks(rank...most))
      let shape = chooser.shape(a)
      return Choice(operands: [a], integers: integers(&chooser, shape))
    },
    type: { call in isDefined(call) ? .gives(call.a.dtype, shape(call.a, call)) : .undefined }, apply: apply)
}

/// Whether the two integers make a range: Swift ends the program over one that ends before it starts.
func isRange(_ call: Call<Type>) -> Bool { call.i <= call.j }

/// How many places Python's slice takes of a dimension; nil for a step that is refused.
func slice(_ size: Int, _ start: Int, _ end: Int, _ step: Int = 1) -> Int? {
  if step < 1 { return nil }
  func clamped(_ i: Int) -> Int { min(max(i < 0 ? i + size : i, 0), size) }
  return max(0, (clamped(end) - clamped(start) + step - 1) / step)
}

/// The shape with another size in one dimension; nil where there is none.
func sliced(_ shape: [Int], _ d: Int, _ size: Int?) -> [Int]? {
  shape.isEmpty ? nil : size.map { shape.replacing(d, with: $0) }
}

private func oneDim(_ chooser: inout Chooser, _ shape: [Int]) -> [Int] { [chooser.dim(shape.count)] }
private func twoDims(_ chooser: inout Chooser, _ shape: [Int]) -> [Int] {
  [chooser.dim(shape.count), chooser.dim(shape.count)]
}
/// A dimension and a place in it.
private func place(_ chooser: inout Chooser, _ shape: [Int]) -> [Int] {
  let d = chooser.random.integer(0...max(shape.count - 1, 0))
  return [d, chooser.index(shape.isEmpty ? 1 : shape[d])]
}

private func select(_ type: Type, _ dim: Int, _ index: Int) -> [Int]? {
  guard type.rank > 0, let d = type.dimension(dim) else { return nil }
  return index >= -type.shape[d] && index < type.shape[d] ? type.shape.removing(d) : nil
}

/// The shape of `parts` equal parts' number `part` along a dimension.
private func part(_ type: Type, size: Int, dim: Int, _ part: Int) -> [Int]? {
  guard size > 0, type.rank > 0, let d = type.dimension(dim) else { return nil }
  let count = type.shape[d] == 0 ? 1 : (type.shape[d] + size - 1) / size
  return part < count ? type.shape.replacing(d, with: min(size, type.shape[d] - part * size)) : nil
}

private func diagonal(_ type: Type, _ offset: Int, _ dim1: Int, _ dim2: Int) -> [Int]? {
  guard type.rank > 1, let a = type.dimension(dim1), let b = type.dimension(dim2), a != b else { return nil }
  let length = max(0, min(type.shape[a] - max(0, -offset), type.shape[b] - max(0, offset)))
  return type.shape.indices.filter { $0 != a && $0 != b }.map { type.shape[$0] } + [length]
}

private func filled(_ sizes: [Int], _ count: Int) -> [Int]? {
  let open = sizes.filter { $0 == -1 }.count
  let rest = sizes.filter { $0 != -1 }.reduce(1, *)
  if open > 1 || sizes.contains(where: { $0 < -1 }) { return nil }
  if open == 0 { return rest == count ? sizes : nil }
  return rest > 0 && count % rest == 0 ? sizes.map { $0 == -1 ? count / rest : $0 } : nil
}

private func expanded(_ shape: [Int], _ sizes: [Int]) -> [Int]? {
  let extra = sizes.count - shape.count
  if extra < 0 || sizes.prefix(extra).contains(-1) { return nil }
  let target = sizes.enumerated().map { $1 == -1 ? shape[$0 - extra] : $1 }
  return broadcasts(shape, to: target) ? target : nil
}

extension Table {
  static let views: [Row] = [
    moved("{a}.T", shape: { a, _ in a.shape.reversed() }) { $0.a.T },
    moved("{a}.t()", most: 2, shape: { a, _ in a.rank > 2 ? nil : a.shape.reversed() }) { $0.a.t() },
    moved(
      "{a}.transpose({i}, {j})", with: twoDims,
      shape: { a, call in
        guard let i = a.dimension(call.i), let j = a.dimension(call.j) else { return nil }
        var shape = a.shape
        if a.rank > 0 { shape.swapAt(i, j) }
        return shape
      }
    ) { $0.a.transpose($0.i, $0.j) },
    moved(
      "{a}.swapaxes({i}, {j})", with: twoDims,
      shape: { a, call in
        guard let i = a.dimension(call.i), let j = a.dimension(call.j) else { return nil }
        var shape = a.shape
        if a.rank > 0 { shape.swapAt(i, j) }
        return shape
      }
    ) { $0.a.swapaxes($0.i, $0.j) },
    moved(
      "{a}.unbind(dim: {i})[{j}]", "{a}.unbind({i})[{j}]", rank: 1,
      with: { chooser, shape in
        let d = chooser.random.integer(0...max(shape.count - 1, 0))
        return [d, chooser.random.integer(0...max((shape.isEmpty ? 1 : shape[d]) - 1, 0))]
      },
      // A part that is not there ends Swift's program in the array.
      isDefined: { call in call.a.dimension(call.i).map { call.a.rank == 0 || call.j < call.a.shape[$0] } ?? true },
      shape: { a, call in select(a, call.i, call.j) }
    ) { $0.a.unbind(dim: $0.i)[$0.j] },
    moved(
      "{a}.permute({list})", with: { $0.order($1.count) },
      shape: { a, call in
        let order = call.integers.compactMap { a.dimension($0) }
        return call.integers.count == a.rank && order.sorted() == Array(0..<a.rank) ? order.map { a.shape[$0] } : nil
      }
    ) { $0.a.permute($0.integers) },
    moved(
      "{a}.reshape({list})", nil, .viewOrCopy, with: { $0.otherShape($1) },
      shape: { a, call in filled(call.integers, a.count) }
    ) { $0.a.reshape(Shape($0.integers)) },
    moved(
      "{a}.view({list})", nil, .strictView, with: { $0.otherShape($1) },
      shape: { a, call in filled(call.integers, a.count) }
    ) {
      $0.a.view(Shape($0.integers))
    },
    moved("{a}.flatten()", nil, .flattening, shape: { a, _ in [a.count] }) { $0.a.flatten() },
    moved(
      "{a}.flatten(startDim: {i})", "{a}.flatten({i})", .flattening, rank: 1, with: oneDim,
      shape: { a, call in
        a.dimension(call.i).map { a.rank == 0 ? [1] : a.shape.prefix($0) + [a.shape.dropFirst($0).reduce(1, *)] }
      }
    ) { $0.a.flatten(startDim: $0.i) },
    moved("{a}.contiguous()", nil, .inOrder, shape: { a, _ in a.shape }) { $0.a.contiguous() },
    moved("{a}.squeeze()", nil, .orderedView, shape: { a, _ in a.shape.filter { $0 != 1 } }) { $0.a.squeeze() },
    moved(
      "{a}.squeeze({i})", nil, .orderedView, with: oneDim,
      shape: { a, call in
        a.dimension(call.i).map { a.rank > 0 && a.shape[$0] == 1 ? a.shape.removing($0) : a.shape }
      }
    ) { $0.a.squeeze($0.i) },
    moved(
      "{a}.unsqueeze({i})", nil, .orderedView, most: 4, with: { [$0.dim($1.count + 1)] },
      shape: { a, call in a.dimension(call.i, extra: 1).map { a.shape.inserting(1, at: $0) } }
    ) { $0.a.unsqueeze($0.i) },
    moved(
      "{a}.expand({list})", nil, .expansion, most: 4, with: { $0.expansion($1) },
      shape: { a, call in expanded(a.shape, call.integers) }
    ) { $0.a.expand(Shape($0.integers)) },
    moved(
      "{a}.select(dim: {i}, index: {j})", "{a}.select({i}, {j})", rank: 1, with: place,
      shape: { a, call in select(a, call.i, call.j) }
    ) {
      $0.a.select(dim: $0.i, index: $0.j)
    },
    moved(
      "{a}.narrow(dim: {i}, start: {j}, length: {k})", "{a}.narrow({i}, {j}, {k})", rank: 1, with: { $0.stretch($1) },
      shape: { a, call in
        guard a.rank > 0, let d = a.dimension(call.i) else { return nil }
        let start = call.j < 0 ? call.j + a.shape[d] : call.j
        return start >= 0 && call.k >= 0 && start + call.k <= a.shape[d] ? a.shape.replacing(d, with: call.k) : nil
      }
    ) { $0.a.narrow(dim: $0.i, start: $0.j, length: $0.k) },
    moved(
      "{a}[{i}]", nil, .orderedView, rank: 1, with: { [$0.index($1.first ?? 1)] },
      shape: { a, call in select(a, 0, call.i) }
    ) {
      $0.a[$0.i]
    },
    moved(
      "{a}[.all, {i}]", "{a}[:, {i}]", rank: 2, with: { [$0.index($1.count > 1 ? $1[1] : 1)] },
      shape: { a, call in
        a.rank < 2 ? nil : select(a, 1, call.i)
      }
    ) { $0.a[.all, $0.i] },
    moved(
      "{a}[.ellipsis, {i}]", "{a}[..., {i}]", rank: 1, with: { [$0.index($1.last ?? 1)] },
      shape: { a, call in
        select(a, -1, call.i)
      }
    ) { $0.a[.ellipsis, $0.i] },
    moved("{a}[.newAxis]", "{a}[None]", .orderedView, most: 4, shape: { a, _ in [1] + a.shape }) { $0.a[.newAxis] },
    moved(
      "{a}[{i}..<{j}]", "{a}[{i}:{j}]", .orderedView, rank: 1, with: { Array($0.stretch($1, dim: 0)[1...]) },
      isDefined: isRange, shape: { a, call in sliced(a.shape, 0, slice(a.shape.first ?? 0, call.i, call.j)) }
    ) { $0.a[$0.i..<$0.j] },
    moved(
      "{a}[.slice({i}, {j}, step: {k})]", "{a}[{i}:{j}:{k}]", rank: 1,
      with: { [$0.random.integer(-3...2), $0.random.integer(-1...6), $0.random.integer(1...3)] + $1.prefix(0) },
      shape: { a, call in sliced(a.shape, 0, slice(a.shape.first ?? 0, call.i, call.j, call.k)) }
    ) { $0.a[.slice($0.i, $0.j, step: $0.k)] },
    moved(
      "{a}[.ellipsis, .slice({i}, step: {j})]", "{a}[..., {i}::{j}]", rank: 1,
      with: { [$0.random.integer(-3...2), $0.random.integer(1...3)] + $1.prefix(0) },
      shape: { a, call in
        let size = a.shape.last ?? 0
        return sliced(a.shape, a.rank - 1, slice(size, call.i, size, call.j))
      }
    ) { $0.a[.ellipsis, .slice($0.i, step: $0.j)] },
    moved(
      "{a}.diagonal(offset: {i}, dim1: {j}, dim2: {k})", "{a}.diagonal({i}, {j}, {k})", rank: 2,
      with: { [$0.random.integer(-2...2)] + $0.order($1.count).prefix(2) + ($1.count < 2 ? [0, 1] : []) },
      isDefined: { $0.integers.count >= 3 }, shape: { a, call in diagonal(a, call.i, call.j, call.k) }
    ) { $0.a.diagonal(offset: $0.i, dim1: $0.j, dim2: $0.k) },
    moved(
      "{a}.split({i}, dim: {j})[{k}]", "{a}.split({i}, {j})[{k}]", rank: 1,
      with: { chooser, shape in
        let d = chooser.random.integer(0...max(shape.count - 1, 0))
        let size = chooser.random.integer(1...3)
        let parts = shape.isEmpty ? 1 : max(1, (shape[d] + size - 1) / size)
        return [size, d, chooser.random.integer(0...(parts - 1))]
      }, shape: { a, call in part(a, size: call.i, dim: call.j, call.k) }
    ) { $0.a.split($0.i, dim: $0.j)[$0.k] },
    moved("{a}.detach()", nil, .detached, shape: { a, _ in a.shape }) { $0.a.detach() },
  ]

  static let joins: [Row] = [
    moved(
      "{a}.diag(diagonal: {i})", "{a}.diag({i})", .fresh, rank: 1, most: 2,
      with: { chooser, _ in [chooser.random.integer(-1...1)] },
      shape: { a, call in
        if a.rank == 1 { return [Int](repeating: a.shape[0] + abs(call.i), count: 2) }
        return a.rank == 2 ? diagonal(a, call.i, 0, 1) : nil
      }
    ) { $0.a.diag(diagonal: $0.i) },
    joined("cat([{a}, {b}], dim: {i})", "torch.cat([{a}, {b}], dim={i})", count: 2, isNew: false) {
      cat($0.operands, dim: $0.i)
    },
    joined("cat([{a}, {b}, {c}], dim: {i})", "torch.cat([{a}, {b}, {c}], dim={i})", count: 3, isNew: false) {
      cat($0.operands, dim: $0.i)
    },
    joined("stack([{a}, {b}], dim: {i})", "torch.stack([{a}, {b}], dim={i})", count: 2, isNew: true) {
      stack($0.operands, dim: $0.i)
    },
    moved(
      "{a}.flip({list})", nil, .fresh, rank: 1, with: { chooser, shape in chooser.dims(rank: shape.count) },
      shape: { a, call in
        let named = call.integers.compactMap { a.dimension($0) }
        return named.count == call.integers.count && Set(named).count == named.count ? a.shape : nil
      }
    ) { $0.a.flip($0.integers) },
    moved(
      "{a}.roll({i})", nil, .fresh, with: { chooser, _ in [chooser.random.integer(-3...5)] }, shape: { a, _ in a.shape }
    ) { $0.a.roll($0.i) },
    moved(
      "{a}.roll({i}, dims: {j})", "{a}.roll({i}, {j})", .fresh, rank: 1,
      with: { [$0.random.integer(-3...5), $0.dim($1.count)] },
      // What has no elements is not even looked at.
      shape: { a, call in a.count == 0 || (a.rank > 0 && a.dimension(call.j) != nil) ? a.shape : nil }
    ) { $0.a.roll($0.i, dims: $0.j) },
    moved(
      "{a}.repeat({i}, {j})", nil, .fresh, most: 2,
      with: { chooser, _ in [chooser.random.integer(1...3), chooser.random.integer(0...2)] },
      shape: { a, call in
        if a.rank > 2 || call.i < 0 || call.j < 0 { return nil }
        let whole = [Int](repeating: 1, count: 2 - a.rank) + a.shape
        return [whole[0] * call.i, whole[1] * call.j]
      }
    ) { $0.a.repeat($0.i, $0.j) },
    moved(
      "{a}.tril(diagonal: {i})", "{a}.tril({i})", .fresh, rank: 2,
      with: { chooser, _ in [chooser.random.integer(-2...2)] },
      shape: {
        a, _ in a.rank < 2 ? nil : a.shape
      }
    ) { $0.a.tril(diagonal: $0.i) },
    moved(
      "{a}.triu(diagonal: {i})", "{a}.triu({i})", .fresh, rank: 2,
      with: { chooser, _ in [chooser.random.integer(-2...2)] },
      shape: {
        a, _ in a.rank < 2 ? nil : a.shape
      }
    ) { $0.a.triu(diagonal: $0.i) },
  ]

  private static func joined(
    _ swift: String, _ python: String, count: Int, isNew: Bool, _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
  ) -> Row {
    Row(
      swift: swift, python: python, isExact: true, savesNothing: true,
      choose: { chooser in
        let a = chooser.operand(.any, .ranks((isNew ? 0 : 1)...(isNew ? 4 : 5)))
        let shape = chooser.shape(a)
        let d = chooser.dim(shape.count + (isNew ? 1 : 0))
        // Of one type: which of several is promoted to which is the pairs' business.
        let kind = Kind(chooser.type(a).dtype)
        let others = (1..<count).map { _ in
          isNew || shape.isEmpty
            ? chooser.operand(kind, .exactly(shape))
            : chooser.operand(kind, .exactlyBut(wrapped(d, shape.count), shape))
        }
        return Choice(operands: [a] + others, integers: [d])
      },
      type: { call in
        if isNew {
          guard let d = call.a.dimension(call.i, extra: 1) else { return .refused }
          let fit = call.operands.allSatisfy { $0.shape == call.a.shape }
          return fit ? .gives(call.a.dtype, call.a.shape.inserting(count, at: d)) : .refused
        }
        // As in PyTorch a vector without elements goes with any shape.
        let parts = call.operands.filter { $0.shape != [0] }
        guard let first = parts.first else { return call.a.dimension(call.i) == nil ? .refused : .gives(call.a) }
        guard first.rank > 0, let d = first.dimension(call.i) else { return .refused }
        let fit = parts.allSatisfy { $0.rank == first.rank && $0.shape.removing(d) == first.shape.removing(d) }
        return fit
          ? .gives(first.dtype, first.shape.replacing(d, with: parts.reduce(0) { $0 + $1.shape[d] })) : .refused
      }, apply: apply)
  }
}
