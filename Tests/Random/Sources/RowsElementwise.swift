import Kindling

// Functions of each element, alone or with one of another tensor.

/// A function of one tensor that keeps the shape. Where Python's text is the same as Swift's it is left out.
func function(
  _ swift: String, _ python: String? = nil, on kind: Kind = .floating,
  gives result: @escaping @Sendable (DType) -> DType = { $0.floating },
  with numbers: @escaping @Sendable (inout Chooser) -> (integers: [Int], reals: [Double]) = { _ in ([], []) },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python ?? swift,
    choose: { chooser in
      let operand = chooser.operand(kind)
      let (integers, reals) = numbers(&chooser)
      return Choice(operands: [operand], integers: integers, reals: reals)
    },
    type: { .gives(result($0.a.dtype), $0.a.shape) }, apply: apply)
}

/// A function of two tensors that are broadcast.
func pair(
  _ swift: String, _ python: String? = nil, on kind: Kind = .any,
  gives result: @escaping @Sendable (Type, Type) -> DType? = { DType.promoted($0, $1) },
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python ?? swift,
    choose: { chooser in
      let a = chooser.operand(kind)
      return Choice(operands: [a, chooser.operand(kind, .broadcastsWith(chooser.shape(a)))])
    },
    type: { call in
      guard let dtype = result(call.a, call.b) else { return .refused }
      return .gives(dtype, broadcast(call.a.shape, call.b.shape))
    }, apply: apply)
}

private func real(_ chooser: inout Chooser) -> (integers: [Int], reals: [Double]) { ([], [chooser.real()]) }
private func integer(_ chooser: inout Chooser) -> (integers: [Int], reals: [Double]) {
  ([chooser.random.integer(-3...4)], [])
}
private func divisor(_ chooser: inout Chooser) -> (integers: [Int], reals: [Double]) {
  ([], [chooser.random.element([0.5, 1.25, 3, -2])])
}
private func wholeDivisor(_ chooser: inout Chooser) -> (integers: [Int], reals: [Double]) {
  ([chooser.random.element([2, 3, -2, -3])], [])
}
private func same(_ dtype: DType) -> DType { dtype }
private func numeric(_ dtype: DType) -> DType { dtype.numeric }
private func bool(_ dtype: DType) -> DType { .bool }
/// The type with a number that has a point.
private func withReal(_ dtype: DType) -> DType { dtype.floating }

extension Table {
  static let functions: [Row] =
    [
      function("{a}.exp()", on: .any) { $0.a.exp() },
      function("{a}.log()", on: .any) { $0.a.log() },
      function("{a}.log1p()", on: .any) { $0.a.log1p() },
      function("{a}.expm1()", on: .any) { $0.a.expm1() }.cancelling,
      function("{a}.exp2()", on: .any) { $0.a.exp2() },
      function("{a}.log2()", on: .any) { $0.a.log2() },
      function("{a}.sqrt()", on: .any) { $0.a.sqrt() },
      function("{a}.rsqrt()", on: .any) { $0.a.rsqrt() },
      function("{a}.sin()", on: .any) { $0.a.sin() },
      function("{a}.cos()", on: .any) { $0.a.cos() },
      function("{a}.tanh()", on: .any) { $0.a.tanh() }.cancelling,
      function("{a}.erf()", on: .any) { $0.a.erf() },
      function("{a}.sigmoid()", on: .any) { $0.a.sigmoid() }.cancelling,
      function("{a}.reciprocal()", on: .any) { $0.a.reciprocal() },
      function("{a}.gelu()", "F.gelu({a})") { $0.a.gelu() }.cancelling,
      function("{a}.gelu(approximate: .tanh)", "F.gelu({a}, approximate='tanh')") {
        $0.a.gelu(approximate: .tanh)
      }.cancelling,
      function("{a}.silu()", "F.silu({a})") { $0.a.silu() }.cancelling,
      function("{a}.softplus()", "F.softplus({a})") { $0.a.softplus() },
      function("{a}.leakyReLU({x})", "F.leaky_relu({a}, {x})", with: { ([], [$0.random.element([0.01, 0.25])]) }) {
        $0.a.leakyReLU($0.x)
      },
      function("{a}.relu()", on: .numeric, gives: same) { $0.a.relu() }.exact,
      function("-{a}", on: .numeric, gives: same) { -$0.a }.exact.linear,
      function("{a}.abs()", on: .numeric, gives: same) { $0.a.abs() }.exact,
      function("{a}.sign()", on: .numeric, gives: same) { $0.a.sign() }.exact.linear,
      function("{a}.square()", on: .numeric, gives: same) { $0.a.square() },
      function("{a}.trunc()", on: .numeric, gives: same) { $0.a.trunc() }.exact.linear,
      function("{a}.isFinite()", "{a}.isfinite()", on: .any, gives: bool) { $0.a.isFinite() }.exact,
      function("{a}.nanToNum()", "{a}.nan_to_num()", on: .numeric, gives: same) { $0.a.nanToNum() }.exact,
      function("{a}.floor()", on: .numeric, gives: same) { $0.a.floor() }.exact.linear,
      function("{a}.ceil()", on: .numeric, gives: same) { $0.a.ceil() }.exact.linear,
      function("{a}.round()", on: .numeric, gives: same) { $0.a.round() }.exact.linear,
      Row(
        swift: "{a}.clamp(min: {x}, max: {y})", python: "{a}.clamp(min={x}, max={y})", isExact: true,
        choose: {
          let bounds = [-$0.random.element([0.25, 0.5, 1]), $0.random.element([0, 0.5, 2])]
          return Choice(operands: [$0.operand(.floating)], reals: bounds)
        },
        // Where the bounds meet the derivative is 1 there, and nothing moves.
        type: { $0.x < $0.y ? .gives($0.a.dtype, $0.a.shape) : .undefined },
        apply: { $0.a.clamp(min: $0.x, max: $0.y) }),
      function("{a}.clamp(min: {x})", "{a}.clamp(min={x})", with: real) { $0.a.clamp(min: $0.x) }.exact,
      function("{a}.clamp(max: {x})", "{a}.clamp(max={x})", with: real) { $0.a.clamp(max: $0.x) }.exact,
      function("{a}.isNaN()", "{a}.isnan()", on: .any, gives: bool) { $0.a.isNaN() }.exact,
      function("{a}.isInf()", "{a}.isinf()", on: .any, gives: bool) { $0.a.isInf() }.exact,
      function("!{a}", "{a}.logical_not()", on: .any, gives: bool) { !$0.a }.exact,
      function("{a}.clone()", on: .any, gives: same) { $0.a.clone() }.exact.linear,
    ] + DType.allCases.filter(Kind.any.contains).map(conversion)

  /// To int64 only what is small: what becomes of infinities and NaN is nowhere laid down.
  private static func conversion(_ dtype: DType) -> Row {
    let from: Kind = dtype == .int64 ? [.int64, .bool] : .any
    var row = function("{a}.to(.\(dtype))", "{a}.to(torch.\(dtype))", on: from, gives: { _ in dtype }) {
      $0.a.to(dtype)
    }
    row.effect = .conversion
    return row.linear
  }

  static let numbers: [Row] = [
    function("{a} + {x}", on: .any, gives: withReal, with: real) { $0.a + $0.x }.linear,
    function("{x} + {a}", on: .any, gives: withReal, with: real) { $0.x + $0.a }.linear,
    function("{a} + {i}", on: .any, gives: numeric, with: integer) { $0.a + $0.i }.linear,
    function("{a} - {x}", on: .numeric, gives: withReal, with: real) { $0.a - $0.x }.linear,
    function("{x} - {a}", on: .numeric, gives: withReal, with: real) { $0.x - $0.a }.linear,
    function("{i} - {a}", on: .numeric, gives: same, with: integer) { $0.i - $0.a }.linear,
    function("{a} * {x}", on: .any, gives: withReal, with: real) { $0.a * $0.x }.linear,
    function("{x} * {a}", on: .any, gives: withReal, with: real) { $0.x * $0.a }.linear,
    function("{a} * {i}", on: .any, gives: numeric, with: integer) { $0.a * $0.i }.linear,
    function("{a} / {x}", on: .any, with: real) { $0.a / $0.x }.linear,
    function("{a} / {i}", on: .any, with: integer) { $0.a / $0.i }.linear,
    function("{x} / {a}", on: .any, with: real) { $0.x / $0.a },
    function("{i} / {a}", on: .any, with: integer) { $0.i / $0.a },
    function("{a} % {x}", on: .any, gives: withReal, with: divisor) { $0.a % $0.x },
    function("{a}.floorDivide({i})", "{a} // {i}", on: .int64, gives: same, with: wholeDivisor) {
      $0.a.floorDivide($0.i)
    }.exact,
    Row(
      swift: "{a}.pow({i})", python: "{a}.pow({i})",
      choose: { Choice(operands: [$0.operand(.numeric)], integers: [$0.random.integer(-2...3)]) },
      type: { $0.a.dtype == .int64 && $0.i < 0 ? .refused : .gives($0.a.dtype, $0.a.shape) }, apply: { $0.a.pow($0.i) }
    ),
    function("{a}.pow({x})", on: .numeric, with: { ([], [$0.random.element([-0.5, 0.5, 1.5, 2, 2.5])]) }) {
      $0.a.pow($0.x)
    },
    function(
      "Tensor.pow({x}, {a})", "torch.pow({x}, {a})", on: .any, with: { ([], [$0.random.element([0, 0.5, 1, 2])]) }
    ) { Tensor.pow($0.x, $0.a) },
    function("{a} < {x}", on: .any, gives: bool, with: real) { $0.a < $0.x }.comparing,
    function("{a} >= {x}", on: .any, gives: bool, with: real) { $0.a >= $0.x }.comparing,
    function("{x} < {a}", on: .any, gives: bool, with: real) { $0.x < $0.a }.comparing,
    function("{x} != {a}", on: .any, gives: bool, with: real) { $0.x != $0.a }.comparing,
    function("{i} >= {a}", on: .any, gives: bool, with: integer) { $0.i >= $0.a }.comparing,
    function("{a} == {x}", on: .any, gives: bool, with: real) { $0.a == $0.x }.comparing,
    function("{a} != {i}", on: .any, gives: bool, with: integer) { $0.a != $0.i }.comparing,
    function("{a} > {i}", on: .any, gives: bool, with: integer) { $0.a > $0.i }.comparing,
    function("{a} <= {i}", on: .any, gives: bool, with: integer) { $0.a <= $0.i }.comparing,
  ]

  static let pairs: [Row] = [
    pair("{a} + {b}") { $0.a + $0.b }.linear,
    pair("{a} - {b}", gives: { $0.dtype == .bool || $1.dtype == .bool ? nil : DType.promoted($0, $1) }) {
      $0.a - $0.b
    }.linear,
    pair("{a} * {b}") { $0.a * $0.b },
    pair("{a} / {b}", gives: { DType.promoted($0, $1).floating }) { $0.a / $0.b },
    pair("{a}.pow({b})", on: .floating) { $0.a.pow($0.b) },
    pair("{a}.maximum({b})") { $0.a.maximum($0.b) }.exact,
    pair("{a}.minimum({b})") { $0.a.minimum($0.b) }.exact,
    pair("{a}.clamp(min: {b})", "{a}.clamp(min={b})", on: .numeric) { $0.a.clamp(min: $0.b) }.exact,
    pair("{a}.clamp(max: {b})", "{a}.clamp(max={b})", on: .numeric) { $0.a.clamp(max: $0.b) }.exact,
    pair("{a} < {b}", gives: { _, _ in .bool }) { $0.a < $0.b }.comparing,
    pair("{a} <= {b}", gives: { _, _ in .bool }) { $0.a <= $0.b }.comparing,
    pair("{a} > {b}", gives: { _, _ in .bool }) { $0.a > $0.b }.comparing,
    pair("{a} >= {b}", gives: { _, _ in .bool }) { $0.a >= $0.b }.comparing,
    pair("{a} == {b}", gives: { _, _ in .bool }) { $0.a == $0.b }.comparing,
    pair("{a} != {b}", gives: { _, _ in .bool }) { $0.a != $0.b }.comparing,
    pair("{a}.logicalAnd({b})", "{a}.logical_and({b})", gives: { _, _ in .bool }) { $0.a.logicalAnd($0.b) }.exact,
    pair("{a}.logicalOr({b})", "{a}.logical_or({b})", gives: { _, _ in .bool }) { $0.a.logicalOr($0.b) }.exact,
    pair("{a}.logicalXor({b})", "{a}.logical_xor({b})", gives: { _, _ in .bool }) { $0.a.logicalXor($0.b) }.exact,
  ]

  static let choices: [Row] = [
    Row(
      swift: "Tensor.where({a}, {b}, {c})", python: "torch.where({a}, {b}, {c})", isExact: true,
      choose: { chooser in
        let a = chooser.operand(.bool)
        let b = chooser.operand(.numeric, .broadcastsWith(chooser.shape(a)))
        let both = broadcast(chooser.shape(a), chooser.shape(b)) ?? []
        return Choice(operands: [a, b, chooser.operand(.numeric, .broadcastsWith(both))])
      },
      type: { call in
        let shape = broadcast(call.b.shape, call.c.shape).flatMap { broadcast(call.a.shape, $0) }
        return .gives(DType.promoted(call.b, call.c), shape)
      }, apply: { Tensor.where($0.a, $0.b, $0.c) }),
    chosen("Tensor.where({a}, {b}, {x})", "torch.where({a}, {b}, {x})") { Tensor.where($0.a, $0.b, $0.x) },
    chosen("Tensor.where({a}, {x}, {b})", "torch.where({a}, {x}, {b})") { Tensor.where($0.a, $0.x, $0.b) },
    chosen("{b}.maskedFill({a}, {x})", "{b}.masked_fill({a}, {x})") { $0.b.maskedFill($0.a, $0.x) },
  ]

  /// A choice between a tensor and a number.
  private static func chosen(_ swift: String, _ python: String, _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor)
    -> Row
  {
    Row(
      swift: swift, python: python, isExact: true, savesNothing: false,
      choose: { chooser in
        let a = chooser.operand(.bool)
        let b = chooser.operand(.floating, .broadcastsWith(chooser.shape(a)))
        return Choice(operands: [a, b], reals: [chooser.real()])
      },
      type: { .gives($0.b.dtype, broadcast($0.a.shape, $0.b.shape)) }, apply: apply)
  }
}
