import Kindling

// Elements picked by indices and masks, and products of matrices and vectors.

/// Whether all `indices`, known before the program runs, name one of `size` places.
private func lie(_ indices: [Double], within size: Int, negative: Bool = false) -> Bool {
  indices.allSatisfy { $0 < Double(size) && $0 >= (negative ? -Double(size) : 0) }
}

extension Table {
  static let picks: [Row] = [
    Row(
      swift: "{a}.gather(dim: {i}, index: {b})", python: "{a}.gather({i}, {b})", isExact: true,
      choose: { chooser in
        let a = chooser.operand(.any, .rank(1))
        let d = chooser.dim(of: a)
        let shape = chooser.shape(a)
        if shape.isEmpty { return Choice(operands: [a, chooser.operand(.int64)], integers: [d]) }
        let place = wrapped(d, shape.count)
        let index = chooser.within(shape.replacing(place, with: chooser.random.integer(1...3)), except: place)
        return Choice(operands: [a, chooser.indices(below: shape[place], index)], integers: [d])
      },
      type: { call in
        guard call.a.rank > 0, let d = call.a.dimension(call.i) else { return .undefined }
        guard let known = call.b.known else { return .undefined }
        let fits =
          call.b.rank == call.a.rank
          && call.b.shape.indices.allSatisfy { $0 == d || call.b.shape[$0] <= call.a.shape[$0] }
        return fits && lie(known, within: call.a.shape[d]) ? .gives(call.a.dtype, call.b.shape) : .refused
      }, apply: { $0.a.gather(dim: $0.i, index: $0.b) }),
    Row(
      swift: "{a}.indexSelect(dim: {i}, index: {b})", python: "{a}.index_select({i}, {b})", isExact: true,
      choose: { chooser in
        let a = chooser.operand(.any, .rank(1))
        let d = chooser.dim(of: a)
        let shape = chooser.shape(a)
        let size = shape.isEmpty ? 1 : shape[wrapped(d, shape.count)]
        return Choice(operands: [a, chooser.indices(below: size, [chooser.random.integer(0...3)])], integers: [d])
      },
      type: { call in
        guard call.a.rank > 0, call.b.rank == 1, let known = call.b.known else { return .undefined }
        guard let d = call.a.dimension(call.i), lie(known, within: call.a.shape[d]) else { return .refused }
        return .gives(call.a.dtype, call.a.shape.replacing(d, with: known.count))
      }, apply: { $0.a.indexSelect(dim: $0.i, index: $0.b) }),
    Row(
      swift: "{a}[{b}]", python: "{a}[{b}]", isExact: true,
      choose: { chooser in
        let a = chooser.operand(.any, .rank(1))
        let shape = chooser.shape(a)
        if chooser.random.chance(0.5) {
          return Choice(operands: [a, chooser.mask(Array(shape.prefix(chooser.random.integer(0...shape.count))))])
        }
        return Choice(operands: [a, chooser.indices(below: shape.first ?? 1, chooser.someShape(1...2), negative: true)])
      },
      type: { call in
        guard let known = call.b.known else { return .undefined }
        if call.b.dtype == .bool {
          // A mask of no dimensions adds one.
          if call.b.rank > call.a.rank || Array(call.a.shape.prefix(call.b.rank)) != call.b.shape { return .refused }
          return .gives(call.a.dtype, [known.filter { $0 != 0 }.count] + call.a.shape.dropFirst(call.b.rank))
        }
        if call.a.rank == 0 { return .refused }
        // In PyTorch an index of no dimensions gives a view, as a number does.
        if call.b.rank == 0 { return .undefined }
        let shape = call.b.shape + call.a.shape.dropFirst()
        // Where nothing is read PyTorch does not look at the indices.
        if !lie(known, within: call.a.shape[0], negative: true) { return shape.contains(0) ? .undefined : .refused }
        return .gives(call.a.dtype, shape)
      }, apply: { $0.a[$0.b] }),
    Row(
      swift: "{a}[{b}].sum()", python: "{a}[{b}].sum()",
      choose: { chooser in
        let a = chooser.operand(.floating)
        return Choice(operands: [a, chooser.operand(.bool, .exactly(chooser.shape(a)))])
      }, type: { $0.a.shape == $0.b.shape ? .gives($0.a.dtype, []) : .undefined }, apply: { $0.a[$0.b].sum() }),
    Row(
      swift: "{a}.oneHot(numClasses: {i})", python: "F.one_hot({a}, {i})", isExact: true,
      choose: { chooser in
        let shape = chooser.someShape(0...2)
        return Choice(operands: [chooser.indices(below: 4, shape)], integers: [chooser.random.integer(4...5)])
      },
      type: { call in
        guard let known = call.a.known, call.i > 0 else { return .undefined }
        return lie(known, within: call.i) ? .gives(.int64, call.a.shape + [call.i]) : .refused
      }, apply: { $0.a.oneHot(numClasses: $0.i) }),
    Row(
      swift: "{a}.nonzero()", python: "{a}.nonzero()", effect: .freshInDisorder, isExact: true,
      choose: { chooser in Choice(operands: [chooser.mask(chooser.someShape(1...3))]) },
      type: { call in
        call.a.known.map { known in .gives(.int64, [known.filter { $0 != 0 }.count, call.a.rank]) } ?? .undefined
      }, apply: { $0.a.nonzero() }),
  ]

  static let products: [Row] = [
    product("{a}.mm({b})", 2, 2) { $0.a.mm($0.b) }.overflowing,
    product("{a}.mv({b})", 2, 1) { $0.a.mv($0.b) }.overflowing,
    product("{a}.dot({b})", 1, 1) { $0.a.dot($0.b) }.overflowing,
    product("{a}.bmm({b})", 3, 3) { $0.a.bmm($0.b) }.overflowing,
    product("{a}.matmul({b})", nil, nil) { $0.a.matmul($0.b) }.overflowing,
    Row(
      swift: "{c}.addmm({a}, {b})", python: "torch.addmm({c}, {a}, {b})",
      choose: { chooser in
        let a = chooser.operand(.floating, .ranks(2...2))
        let (kind, columns) = (Kind(chooser.type(a).dtype), chooser.size())
        let b = chooser.operand(kind, .exactly([chooser.shape(a).last ?? 1, columns]))
        return Choice(operands: [a, b, chooser.operand(kind, .exactly([columns]))])
      },
      type: { call in
        let (a, b, c) = (call.a, call.b, call.c)
        guard a.dtype == b.dtype, a.dtype == c.dtype, a.rank == 2, b.rank == 2, a.shape[1] == b.shape[0] else {
          return .refused
        }
        let shape = [a.shape[0], b.shape[1]]
        return broadcasts(c.shape, to: shape) ? .gives(a.dtype, shape) : .refused
      }, apply: { $0.c.addmm($0.a, $0.b) }
    ).overflowing,
    Row(
      swift: "{a}.outer({b})", python: "{a}.outer({b})",
      choose: { Choice(operands: [$0.operand(.floating, .ranks(1...1)), $0.operand(.floating, .ranks(1...1))]) },
      type: {
        $0.a.rank == 1 && $0.b.rank == 1
          ? .gives(DType.promoted($0.a, $0.b), [$0.a.shape[0], $0.b.shape[0]]) : .refused
      }, apply: { $0.a.outer($0.b) }),
    Row(
      swift: "scaledDotProductAttention({a}, {b}, {b})", python: "F.scaled_dot_product_attention({a}, {b}, {b})",
      choose: { chooser in
        let a = chooser.operand(.floating, .ranks(2...3))
        let shape = chooser.shape(a)
        let keys = Array(shape.dropLast(2)) + [chooser.size(), shape.last ?? 1]
        return Choice(operands: [a, chooser.operand(Kind(chooser.type(a).dtype), .exactly(keys))])
      },
      type: { call in
        let (a, b) = (call.a, call.b)
        if a.rank < 2 || b.rank < 2 || a.dtype != b.dtype || a.shape.last != b.shape.last { return .refused }
        guard let batch = broadcast(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))) else { return .refused }
        return .gives(a.dtype, batch + a.shape.suffix(2))
      }, apply: { scaledDotProductAttention($0.a, $0.b, $0.b) }
    ).cancellingInDerivative.overflowing,
  ]

  /// A product of tensors with so many dimensions; nil: any number from 1 to 4.
  private static func product(
    _ text: String, _ rankA: Int?, _ rankB: Int?, _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
  ) -> Row {
    Row(
      swift: text, python: text,
      choose: { chooser in
        let a = chooser.operand(.floating, .ranks((rankA ?? 1)...(rankA ?? 4)))
        let shape = chooser.shape(a)
        let rank = rankB ?? chooser.random.integer(1...3)
        let inner = shape.last ?? 1
        let columns = chooser.size()
        let batch = chooser.prefix(Array(shape.dropLast(2).suffix(max(rank - 2, 0))), for: rankB != nil)
        let wanted = rank == 1 ? [inner] : batch + [inner, columns]
        return Choice(operands: [a, chooser.operand(Kind(chooser.type(a).dtype), .exactly(wanted))])
      },
      type: { call in
        let (a, b) = (call.a, call.b)
        if a.dtype != b.dtype || rankA.map({ $0 != a.rank }) ?? (a.rank == 0) { return .refused }
        if rankB.map({ $0 != b.rank }) ?? (b.rank == 0) { return .refused }
        return .gives(a.dtype, productShape(a.shape, b.shape, batchesBroadcast: rankA == nil))
      }, apply: apply)
  }

  private static func productShape(_ a: [Int], _ b: [Int], batchesBroadcast: Bool) -> [Int]? {
    let inner = b.count == 1 ? b[0] : b[b.count - 2]
    if a[a.count - 1] != inner { return nil }
    let rows = a.count == 1 ? [] : [a[a.count - 2]]
    let columns = b.count == 1 ? [] : [b[b.count - 1]]
    let (x, y) = (Array(a.dropLast(2)), Array(b.dropLast(2)))
    if !batchesBroadcast && x != y { return nil }
    return broadcast(x, y).map { $0 + rows + columns }
  }
}
