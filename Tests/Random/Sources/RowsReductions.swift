import Kindling

// Many elements to one, over all dimensions, one, or some.

/// The dimensions that `dims` names; nil where one is not there or named twice.
private func named(_ dims: [Int], of type: Type) -> Set<Int>? {
  let found = dims.compactMap { type.dimension($0) }
  return found.count == dims.count && Set(found).count == dims.count ? Set(found) : nil
}

/// The shape that is left of a reduction over `dims`; nil where they cannot be named so.
private func reduced(_ type: Type, _ dims: [Int], keepDim: Bool) -> [Int]? {
  guard let named = named(dims, of: type) else { return nil }
  if type.rank == 0 { return [] }
  return type.shape.indices.compactMap { named.contains($0) ? (keepDim ? 1 : nil) : type.shape[$0] }
}

/// A reduction of everything to one number.
private func whole(
  _ swift: String, _ python: String? = nil, on kind: Kind,
  needsElements: @escaping @Sendable (Call<Type>) -> Bool = never,
  gives result: @escaping @Sendable (DType) -> DType,
  with reals: @escaping @Sendable (inout Chooser) -> [Double] = { _ in [] },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python ?? swift,
    choose: { Choice(operands: [$0.operand(kind)], reals: reals(&$0)) },
    type: { needsElements($0) && $0.a.count == 0 ? .refused : .gives(result($0.a.dtype), []) }, apply: apply)
}

/// A reduction over one dimension (`{i}`) or over some (`{rest}`), which are kept or not (`{flag}`).
private func over(
  _ swift: String, _ python: String, on kind: Kind, needsElements: @escaping @Sendable (Call<Type>) -> Bool = never,
  several: Bool = false,
  gives result: @escaping @Sendable (DType) -> DType,
  with reals: @escaping @Sendable (inout Chooser) -> [Double] = { _ in [] },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python,
    choose: { chooser in
      let a = chooser.operand(kind, .rank(several ? 1 : 0))
      let dims = several ? chooser.dims(of: a) : [chooser.dim(of: a)]
      return Choice(operands: [a], integers: dims + [chooser.random.chance(0.4) ? 1 : 0], reals: reals(&chooser))
    },
    type: { call in
      guard let named = named(call.rest, of: call.a) else { return .refused }
      if needsElements(call) && call.a.rank > 0 && named.contains(where: { call.a.shape[$0] == 0 }) { return .refused }
      return .gives(result(call.a.dtype), reduced(call.a, call.rest, keepDim: call.flag))
    }, apply: apply)
}

/// An operation along one dimension that keeps the shape.
private func along(
  _ swift: String, _ python: String, on kind: Kind, gives result: @escaping @Sendable (DType) -> DType,
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python,
    choose: { chooser in
      let a = chooser.operand(kind, .rank(0))
      return Choice(operands: [a], integers: [chooser.dim(of: a)])
    },
    type: { $0.a.dimension($0.i) == nil ? .refused : .gives(result($0.a.dtype), $0.a.shape) }, apply: apply)
}

private func never(_ call: Call<Type>) -> Bool { false }
private func always(_ call: Call<Type>) -> Bool { true }
/// The largest of nothing is not a number; the sum of its squares is.
private func ifInfinite(_ call: Call<Type>) -> Bool { abs(call.x) == .infinity }
private func same(_ dtype: DType) -> DType { dtype }
private func numeric(_ dtype: DType) -> DType { dtype.numeric }
private func bool(_ dtype: DType) -> DType { .bool }
private func int64(_ dtype: DType) -> DType { .int64 }
private func correction(_ chooser: inout Chooser) -> [Double] { [chooser.random.element([0, 1, 1, 2])] }
private func power(_ chooser: inout Chooser) -> [Double] {
  [chooser.random.element([1, 2, 2, 3, 0.5, 1.5, .infinity, -.infinity])]
}

extension Table {
  static let reductions: [Row] = [
    whole("{a}.sum()", on: .any, gives: numeric) { $0.a.sum() }.linear.overflowing,
    over("{a}.sum(dim: {i}, keepDim: {flag})", "{a}.sum(dim={i}, keepdim={flag})", on: .any, gives: numeric) {
      $0.a.sum(dim: $0.i, keepDim: $0.flag)
    }.linear.overflowing,
    over(
      "{a}.sum(dims: {rest}, keepDim: {flag})", "{a}.sum(dim={rest}, keepdim={flag})", on: .any, several: true,
      gives: numeric
    ) { $0.a.sum(dims: $0.rest, keepDim: $0.flag) }.linear.overflowing,
    whole("{a}.mean()", on: .floating, gives: same) { $0.a.mean() }.linear.overflowing,
    over("{a}.mean(dim: {i}, keepDim: {flag})", "{a}.mean(dim={i}, keepdim={flag})", on: .floating, gives: same) {
      $0.a.mean(dim: $0.i, keepDim: $0.flag)
    }.linear.overflowing,
    over(
      "{a}.mean(dims: {rest}, keepDim: {flag})", "{a}.mean(dim={rest}, keepdim={flag})", on: .floating, several: true,
      gives: same
    ) { $0.a.mean(dims: $0.rest, keepDim: $0.flag) }.linear.overflowing,
    whole("{a}.prod()", on: .any, gives: numeric) { $0.a.prod() }.overflowing,
    over("{a}.prod(dim: {i}, keepDim: {flag})", "{a}.prod(dim={i}, keepdim={flag})", on: .any, gives: numeric) {
      $0.a.prod(dim: $0.i, keepDim: $0.flag)
    }.overflowing,
    along("{a}.cumsum(dim: {i})", "{a}.cumsum(dim={i})", on: .any, gives: numeric) { $0.a.cumsum(dim: $0.i) }.linear
      .overflowing,
    along("{a}.cumprod(dim: {i})", "{a}.cumprod(dim={i})", on: .any, gives: numeric) { $0.a.cumprod(dim: $0.i) }
      .overflowing,
    along("{a}.sort(dim: {i}).values", "{a}.sort(dim={i}, stable=True).values", on: .any, gives: same) {
      $0.a.sort(dim: $0.i).values
    }.exact.linear,
    along("{a}.softmax(dim: {i})", "{a}.softmax(dim={i})", on: .floating, gives: same) {
      $0.a.softmax(dim: $0.i)
    }.cancellingInDerivative,
    along("{a}.logSoftmax(dim: {i})", "{a}.log_softmax(dim={i})", on: .floating, gives: same) {
      $0.a.logSoftmax(dim: $0.i)
    }.cancellingInSums,
    over(
      "{a}.logSumExp(dim: {i}, keepDim: {flag})", "{a}.logsumexp(dim={i}, keepdim={flag})", on: .floating, gives: same
    ) { $0.a.logSumExp(dim: $0.i, keepDim: $0.flag) }.cancellingInSums,
    over(
      "{a}.logSumExp(dims: {rest}, keepDim: {flag})", "{a}.logsumexp(dim={rest}, keepdim={flag})", on: .floating,
      several: true, gives: same
    ) { $0.a.logSumExp(dims: $0.rest, keepDim: $0.flag) }.cancellingInSums,
  ]

  static let extremes: [Row] = [
    whole("{a}.max()", on: .any, needsElements: always, gives: same) { $0.a.max() }.exact,
    whole("{a}.min()", on: .any, needsElements: always, gives: same) { $0.a.min() }.exact,
    over(
      "{a}.amax(dims: {rest}, keepDim: {flag})", "{a}.amax(dim={rest}, keepdim={flag})", on: .any,
      needsElements: always,
      several: true, gives: same
    ) { $0.a.amax(dims: $0.rest, keepDim: $0.flag) }.exact,
    over(
      "{a}.amin(dims: {rest}, keepDim: {flag})", "{a}.amin(dim={rest}, keepdim={flag})", on: .any,
      needsElements: always,
      several: true, gives: same
    ) { $0.a.amin(dims: $0.rest, keepDim: $0.flag) }.exact,
    over(
      "{a}.max(dim: {i}, keepDim: {flag}).values", "{a}.max(dim={i}, keepdim={flag}).values", on: .any,
      needsElements: always, gives: same
    ) { $0.a.max(dim: $0.i, keepDim: $0.flag).values }.exact.linear,
    over(
      "{a}.max(dim: {i}, keepDim: {flag}).indices", "{a}.max(dim={i}, keepdim={flag}).indices", on: .any,
      needsElements: always, gives: int64
    ) { $0.a.max(dim: $0.i, keepDim: $0.flag).indices }.exact,
    over(
      "{a}.min(dim: {i}, keepDim: {flag}).values", "{a}.min(dim={i}, keepdim={flag}).values", on: .any,
      needsElements: always, gives: same
    ) { $0.a.min(dim: $0.i, keepDim: $0.flag).values }.exact.linear,
    whole("{a}.argmax()", on: .numeric, needsElements: always, gives: int64) { $0.a.argmax() }.exact,
    over(
      "{a}.argmin(dim: {i}, keepDim: {flag})", "{a}.argmin(dim={i}, keepdim={flag})", on: .numeric,
      needsElements: always,
      gives: int64
    ) { $0.a.argmin(dim: $0.i, keepDim: $0.flag) }.exact,
    whole("{a}.any()", on: .any, gives: bool) { $0.a.any() }.exact,
    whole("{a}.all()", on: .any, gives: bool) { $0.a.all() }.exact,
    over(
      "{a}.any(dims: {rest}, keepDim: {flag})", "{a}.any(dim={rest}, keepdim={flag})", on: .any, several: true,
      gives: bool
    ) { $0.a.any(dims: $0.rest, keepDim: $0.flag) }.exact,
    over("{a}.all(dim: {i}, keepDim: {flag})", "{a}.all(dim={i}, keepdim={flag})", on: .any, gives: bool) {
      $0.a.all(dim: $0.i, keepDim: $0.flag)
    }.exact,
  ]

  static let spreads: [Row] = [
    whole("{a}.variance(correction: {x})", "{a}.var(correction={x})", on: .floating, gives: same, with: correction) {
      $0.a.variance(correction: $0.x)
    }.overflowing,
    over(
      "{a}.variance(dims: {rest}, correction: {x}, keepDim: {flag})",
      "{a}.var(dim={rest}, correction={x}, keepdim={flag})", on: .floating, several: true, gives: same, with: correction
    ) { $0.a.variance(dims: $0.rest, correction: $0.x, keepDim: $0.flag) }.overflowing,
    // In float64, as ours: the derivative of a spread of two is ±√½, whatever errors are put into them, and PyTorch's
    // float32 takes them from a rounded mean.
    over(
      "{a}.std(dim: {i}, correction: {x}, keepDim: {flag})",
      "{a}.double().std(dim={i}, correction={x}, keepdim={flag}).to({a}.dtype)",
      on: .floating, gives: same, with: correction
    ) { $0.a.std(dim: $0.i, correction: $0.x, keepDim: $0.flag) }.overflowing,
    // In float64 as well: the root of a long sum of roots shows PyTorch's order of adding up.
    whole(
      "{a}.norm({x})", "torch.linalg.vector_norm({a}.double(), {x}).to({a}.dtype)", on: .floating,
      needsElements: ifInfinite, gives: same,
      with: power
    ) { $0.a.norm($0.x) }.overflowing,
    over(
      "{a}.norm({x}, dims: {rest}, keepDim: {flag})",
      "torch.linalg.vector_norm({a}.double(), {x}, dim={rest}, keepdim={flag}).to({a}.dtype)",
      on: .floating, needsElements: ifInfinite, several: true, gives: same, with: power
    ) { $0.a.norm($0.x, dims: $0.rest, keepDim: $0.flag) }.overflowing,
  ]
}
