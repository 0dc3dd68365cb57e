import Kindling

// Writes in place: of whole tensors, of parts, by mask and by index. The first operand is written.

private func inPlace(
  _ swift: String, _ python: String? = nil, choose: @escaping @Sendable (inout Chooser) -> Choice,
  fits: @escaping @Sendable (Call<Type>) -> Bool, isDefined: @escaping @Sendable (Call<Type>) -> Bool = { _ in true },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python ?? swift, effect: .write, choose: choose,
    type: { call in
      if !isDefined(call) { return .undefined }
      return fits(call) ? .gives(call.a.dtype, call.a.shape) : .refused
    }, apply: apply)
}

/// A write of one tensor and of another, which is broadcast and converted to it.
private func withTensor(
  _ swift: String, _ python: String? = nil, on kind: Kind = .any, with reals: [Double] = [],
  fits: @escaping @Sendable (Type, Type) -> Bool = { DType.promoted($0, $1).rung <= $0.dtype.rung },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  inPlace(
    swift, python,
    choose: { chooser in
      let a = chooser.target(kind)
      let b = chooser.operand(kind, .broadcastsTo(chooser.shape(a)))
      return Choice(operands: [a, b], reals: reals.isEmpty ? [] : [chooser.random.element(reals)])
    }, fits: { fits($0.a, $0.b) && broadcasts($0.b.shape, to: $0.a.shape) }, apply)
}

/// A write of one tensor with numbers.
private func withNumbers(
  _ swift: String, _ python: String? = nil, on kind: Kind = .floating,
  _ numbers: @escaping @Sendable (inout Chooser) -> [Double] = { [$0.real()] },
  fits: @escaping @Sendable (DType) -> Bool = { $0.isFloatingPoint },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  inPlace(
    swift, python, choose: { Choice(operands: [$0.target(kind)], reals: numbers(&$0)) }, fits: { fits($0.a.dtype) },
    apply)
}

/// A write of one tensor with a whole number.
private func withInteger(
  _ swift: String, on kind: Kind = .numeric, fits: @escaping @Sendable (DType) -> Bool = { $0 != .bool },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  inPlace(
    swift, choose: { Choice(operands: [$0.target(kind)], integers: [$0.random.integer(-3...4)]) },
    fits: { fits($0.a.dtype) }, apply)
}

extension Table {
  static let writes: [Row] = [
    withTensor("{a}.add_({b})") { $0.a.add_($0.b) },
    withTensor(
      "{a}.sub_({b})",
      fits: { $0.dtype != .bool && $1.dtype != .bool && DType.promoted($0, $1).rung <= $0.dtype.rung }
    ) { $0.a.sub_($0.b) },
    withTensor("{a}.mul_({b})") { $0.a.mul_($0.b) },
    withTensor("{a}.div_({b})", fits: { a, _ in a.isFloat }) { $0.a.div_($0.b) },
    withTensor(
      "{a}.add_({b}, alpha: {x})", "{a}.add_({b}, alpha={x})", on: .floating, with: [-1, 0.5, 2]
    ) { $0.a.add_($0.b, alpha: $0.x) },
    withTensor("{a}.sub_({b}, alpha: {x})", "{a}.sub_({b}, alpha={x})", on: .floating, with: [-1, 0.5, 2]) {
      $0.a.sub_($0.b, alpha: $0.x)
    },
    inPlace(
      "{a}.copy_({b})",
      choose: { chooser in
        let a = chooser.target(.any)
        let type = chooser.type(a)
        let kind: Kind = type.isFloat ? .floating : type.dtype == .int64 ? [.int64, .bool] : .bool
        return Choice(operands: [a, chooser.operand(kind, .broadcastsTo(type.shape))])
      }, fits: { broadcasts($0.b.shape, to: $0.a.shape) }, isDefined: { $0.b.dtype.rung <= $0.a.dtype.rung }
    ) { $0.a.copy_($0.b) }.exact,
    withNumbers("{a}.add_({x})", on: .numeric) { $0.a.add_($0.x) },
    withNumbers("{a}.sub_({x})") { $0.a.sub_($0.x) },
    withNumbers("{a}.mul_({x})", on: .numeric) { $0.a.mul_($0.x) },
    withNumbers("{a}.div_({x})", on: .numeric) { $0.a.div_($0.x) },
    withInteger("{a}.add_({i})") { $0.a.add_($0.i) },
    withInteger("{a}.mul_({i})") { $0.a.mul_($0.i) },
    withNumbers("{a}.fill_({x})") { $0.a.fill_($0.x) }.exact,
    withInteger("{a}.fill_({i})", on: .any, fits: { _ in true }) { $0.a.fill_($0.i) }.exact,
    withNumbers("{a}.zero_()", on: .any, { _ in [] }, fits: { _ in true }) { $0.a.zero_() }.exact,
    withNumbers(
      "{a}.clamp_(min: {x}, max: {y})", "{a}.clamp_({x}, {y})",
      { [-$0.random.element([0.25, 0.5, 1]), $0.random.element([0, 0.5, 2])] }
    ) { $0.a.clamp_(min: $0.x, max: $0.y) }.exact,
    inPlace(
      "{a}.maskedFill_({b}, {x})", "{a}.masked_fill_({b}, {x})",
      choose: { chooser in
        let a = chooser.target(.floating)
        return Choice(
          operands: [a, chooser.operand(.bool, .broadcastsTo(chooser.shape(a)))], reals: [chooser.real()])
      }, fits: { broadcasts($0.b.shape, to: $0.a.shape) }
    ) { $0.a.maskedFill_($0.b, $0.x) }.exact,
    scattered("{a}.scatter_(dim: {i}, index: {b}, src: {c})", "{a}.scatter_({i}, {b}, {c})", isUnique: true) {
      $0.a.scatter_(dim: $0.i, index: $0.b, src: $0.c)
    }.exact,
    scattered("{a}.scatterAdd_(dim: {i}, index: {b}, src: {c})", "{a}.scatter_add_({i}, {b}, {c})", isUnique: false) {
      $0.a.scatterAdd_(dim: $0.i, index: $0.b, src: $0.c)
    },
    inPlace(
      "{a}.indexAdd_(dim: {i}, index: {b}, source: {c})", "{a}.index_add_({i}, {b}, {c})",
      choose: { chooser in
        let a = chooser.target(.floating, .rank(1))
        let shape = chooser.shape(a)
        let d = chooser.dim(of: a)
        let place = shape.isEmpty ? 0 : wrapped(d, shape.count)
        let count = chooser.random.integer(0...3)
        let index = chooser.indices(below: shape.isEmpty ? 1 : shape[place], [count])
        let wanted = shape.isEmpty ? [] : shape.replacing(place, with: count)
        return Choice(
          operands: [a, index, chooser.operand(Kind(chooser.type(a).dtype), .exactly(wanted))], integers: [d])
      },
      fits: { call in
        guard let d = call.a.dimension(call.i), let known = call.b.known, call.c.rank == call.a.rank else {
          return false
        }
        return call.c.shape == call.a.shape.replacing(d, with: known.count)
          && known.allSatisfy { $0 >= 0 && $0 < Double(call.a.shape[d]) }
      },
      isDefined: { $0.b.known != nil && $0.b.rank == 1 && $0.a.rank > 0 && $0.c.rank > 0 && $0.a.dtype == $0.c.dtype }
    ) { $0.a.indexAdd_(dim: $0.i, index: $0.b, source: $0.c) },
  ]

  /// A scatter along a dimension; where it does not add, no two elements may go to one place.
  private static func scattered(
    _ swift: String, _ python: String? = nil, isUnique: Bool, _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
  ) -> Row {
    inPlace(
      swift, python,
      choose: { chooser in
        let a = chooser.target(.floating, .rank(1))
        let shape = chooser.shape(a)
        let d = chooser.dim(of: a)
        if shape.isEmpty { return Choice(operands: [a, chooser.operand(.int64), a], integers: [d]) }
        let place = wrapped(d, shape.count)
        let count = isUnique ? min(1, shape[place]) : chooser.random.integer(0...3)
        let size = chooser.within(shape.replacing(place, with: count), except: place)
        let index = chooser.indices(below: shape[place], size)
        return Choice(
          operands: [a, index, chooser.operand(Kind(chooser.type(a).dtype), .exactly(size))], integers: [d])
      },
      fits: { call in
        guard let d = call.a.dimension(call.i), let known = call.b.known else { return false }
        return call.b.rank == call.a.rank && call.b.rank == call.c.rank
          && call.b.shape.indices.allSatisfy {
            call.b.shape[$0] <= call.c.shape[$0] && ($0 == d || call.b.shape[$0] <= call.a.shape[$0])
          } && known.allSatisfy { $0 >= 0 && $0 < Double(call.a.shape[d]) }
      },
      isDefined: { call in
        guard let d = call.a.dimension(call.i), call.a.rank > 0, call.b.rank > 0, call.c.rank > 0 else { return false }
        return call.b.known != nil && call.a.dtype == call.c.dtype && call.b.count > 0
          && (!isUnique || d >= call.b.rank || call.b.shape[d] <= 1)
      }, apply)
  }
}
