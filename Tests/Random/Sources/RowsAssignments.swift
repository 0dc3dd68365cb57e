import Kindling

// Parts of a tensor assigned through a subscript: by place, by mask, by index.

/// `x[…] = value`, where the value is broadcast to the part.
private func part(
  _ swift: String, _ python: String? = nil, rank: Int = 1, isNumber: Bool = false,
  with integers: @escaping @Sendable (inout Chooser, [Int]) -> [Int],
  isDefined: @escaping @Sendable (Call<Type>) -> Bool = { _ in true },
  part shape: @escaping @Sendable ([Int], Call<Type>) -> [Int]?, _ apply: @escaping @Sendable (Call<Tensor>) -> Void
) -> Row {
  var row = Row(
    swift: swift, python: python ?? swift, effect: .write,
    choose: { chooser in
      let a = chooser.target(.floating, .rank(rank))
      let whole = chooser.shape(a)
      let places = integers(&chooser, whole)
      if isNumber { return Choice(operands: [a], integers: places) }
      let type = chooser.type(a)
      let part = shape(whole, Call(operands: [type], integers: places, reals: []))
      let kind: Kind = chooser.random.chance(0.1) ? .floating : Kind(type.dtype)
      return Choice(operands: [a, chooser.operand(kind, .broadcastsTo(part ?? []))], integers: places)
    },
    type: { call in
      if !isDefined(call) { return .undefined }
      guard call.a.rank >= rank, let part = shape(call.a.shape, call) else { return .refused }
      if !isNumber {
        // PyTorch lets go of leading ones.
        let value = Array(call.b.shape.drop { $0 == 1 })
        if !broadcasts(call.b.shape, to: part) {
          return broadcasts(value, to: part) ? .undefined : .refused
        }
      }
      return .gives(call.a.dtype, call.a.shape)
    },
    apply: { call in
      apply(call)
      return call.a
    })
  row.writesPart = true
  return row
}

/// `x[mask or indices] = value`, of the tensor's type: all elements that are named, or one for all of them.
private func picked(
  _ swift: String, byMask: Bool, value: Bool, _ apply: @escaping @Sendable (Call<Tensor>) -> Void
) -> Row {
  Row(
    swift: swift, python: swift, effect: .write,
    choose: { chooser in
      let a = chooser.target(.floating, .rank(1))
      let shape = chooser.shape(a)
      let index =
        byMask
        ? chooser.mask(Array(shape.prefix(chooser.random.integer(1...max(1, shape.count)))))
        : chooser.indices(below: shape.first ?? 1, [chooser.random.integer(0...2)], isUnique: true, negative: true)
      let reals = [chooser.real()]
      if !value { return Choice(operands: [a, index], reals: reals) }
      let named = part(of: Type(.bool, shape), at: chooser.type(index)) ?? []
      // All of it, a part of it, or one number.
      let wanted = chooser.random.element([named, Array(named.dropFirst()), []])
      return Choice(operands: [a, index, chooser.operand(Kind(chooser.type(a).dtype), .exactly(wanted))])
    },
    type: { call in
      guard let known = call.b.known else { return .undefined }
      if value && call.c.dtype != call.a.dtype { return .undefined }
      if call.b.dtype == .int64 {
        if call.a.rank == 0 { return .refused }
        let size = call.a.shape[0]
        if !known.allSatisfy({ $0 >= -Double(size) && $0 < Double(size) }) { return .refused }
        // Two values for one place: either may win.
        if Set(known.map { $0 < 0 ? Int($0) + size : Int($0) }).count < known.count { return .undefined }
      }
      guard let part = part(of: call.a, at: call.b) else { return .refused }
      // What broadcasts to the tensor, but not to the part, is refused by PyTorch alone.
      if value && !broadcasts(call.c.shape, to: part) { return .undefined }
      return .gives(call.a.dtype, call.a.shape)
    },
    apply: { call in
      apply(call)
      return call.a
    })
}

/// The shape of what a mask or indices name; nil where they do not fit.
private func part(of type: Type, at index: Type) -> [Int]? {
  guard let known = index.known else { return nil }
  if index.dtype == .int64 { return type.rank == 0 ? nil : index.shape + type.shape.dropFirst() }
  if index.rank > type.rank || Array(type.shape.prefix(index.rank)) != index.shape { return nil }
  return [known.filter { $0 != 0 }.count] + type.shape.dropFirst(index.rank)
}

private func first(_ chooser: inout Chooser, _ shape: [Int]) -> [Int] { [chooser.index(shape.first ?? 1)] }
private func last(_ chooser: inout Chooser, _ shape: [Int]) -> [Int] { [chooser.index(shape.last ?? 1)] }
private func range(_ chooser: inout Chooser, _ shape: [Int]) -> [Int] {
  Array(chooser.stretch(shape, dim: 0)[1...])
}
private func at(_ index: Int, in d: Int, of shape: [Int]) -> [Int]? {
  d >= 0 && d < shape.count && index >= -shape[d] && index < shape[d] ? shape.removing(d) : nil
}

extension Table {
  static let assignments: [Row] = [
    part("{a}[{i}] = {b}", with: first, part: { at($1.i, in: 0, of: $0) }) { $0.a[$0.i] = $0.b },
    part("{a}[{i}] += {b}", with: first, part: { at($1.i, in: 0, of: $0) }) { $0.a[$0.i] += $0.b },
    part("{a}[{i}] = 2.5", isNumber: true, with: first, part: { at($1.i, in: 0, of: $0) }) { $0.a[$0.i] = 2.5 },
    part("{a}[.ellipsis, {i}] = {b}", "{a}[..., {i}] = {b}", with: last, part: { at($1.i, in: $0.count - 1, of: $0) }) {
      $0.a[.ellipsis, $0.i] = $0.b
    },
    part(
      "{a}[.all, {i}] *= {b}", "{a}[:, {i}] *= {b}", rank: 2, with: { [$0.index($1.count > 1 ? $1[1] : 1)] },
      part: { at($1.i, in: 1, of: $0) }
    ) { $0.a[.all, $0.i] *= $0.b },
    part(
      "{a}[{i}..<{j}] = {b}", "{a}[{i}:{j}] = {b}", with: range, isDefined: isRange,
      part: { sliced($0, 0, slice($0.first ?? 0, $1.i, $1.j)) }
    ) { $0.a[$0.i..<$0.j] = $0.b },
    part(
      "{a}[{i}..<{j}] -= {b}", "{a}[{i}:{j}] -= {b}", with: range, isDefined: isRange,
      part: { sliced($0, 0, slice($0.first ?? 0, $1.i, $1.j)) }
    ) { $0.a[$0.i..<$0.j] -= $0.b },
    part(
      "{a}[.slice({i}, step: {j})] = {b}", "{a}[{i}::{j}] = {b}",
      with: { chooser, _ in [chooser.random.integer(-2...1), chooser.random.integer(1...3)] },
      part: { sliced($0, 0, slice($0.first ?? 0, $1.i, $0.first ?? 0, $1.j)) }
    ) { $0.a[.slice($0.i, step: $0.j)] = $0.b },
    part(
      "{a}[.slice({i}, step: {j})] = 0", "{a}[{i}::{j}] = 0", isNumber: true,
      with: { chooser, _ in [chooser.random.integer(-2...1), chooser.random.integer(1...3)] },
      part: { sliced($0, 0, slice($0.first ?? 0, $1.i, $0.first ?? 0, $1.j)) }
    ) { $0.a[.slice($0.i, step: $0.j)] = 0 },
    picked("{a}[{b}] = 0", byMask: true, value: false) { $0.a[$0.b] = 0 },
    picked("{a}[{b}] = {c}", byMask: true, value: true) { $0.a[$0.b] = $0.c },
    picked("{a}[{b}] += {x}", byMask: true, value: false) { $0.a[$0.b] += $0.x },
    picked("{a}[{b}] *= {c}", byMask: true, value: true) { $0.a[$0.b] *= $0.c },
    picked("{a}[{b}] = -1.5", byMask: false, value: false) { $0.a[$0.b] = -1.5 },
    picked("{a}[{b}] = {c}", byMask: false, value: true) { $0.a[$0.b] = $0.c }.named("{a}[indices] = {c}"),
    picked("{a}[{b}] -= {c}", byMask: false, value: true) { $0.a[$0.b] -= $0.c },
    picked("{a}[{b}] /= {x}", byMask: false, value: false) { $0.a[$0.b] /= $0.x },
  ]
}
