import Foundation
import Kindling
import TestSupport
import Testing

@Suite struct HigherDerivativeTests {
  /// The derivatives of f at x, the first at index 0, each of the one before it.
  private func derivatives(_ count: Int, of f: (Tensor) -> Tensor, at x: Tensor) -> [Tensor] {
    var current = f(x)
    return (0..<count).map { _ in
      current = grad(of: current.sum(), wrt: [x], createGraph: true)[0]
      return current
    }
  }

  @Test func powersAndSines() {
    let x = leaf([0.5, -2])
    let cube = derivatives(3, of: { $0.pow(3) }, at: x)
    #expect(isClose(cube[0], [0.75, 12]) && isClose(cube[1], [3, -12]))
    #expect(isClose(cube[2], [6, 6]))
    let sine = derivatives(3, of: { $0.sin() }, at: x)
    #expect(isClose(sine[0], [cos(0.5), cos(-2)]) && isClose(sine[1], [-sin(0.5), -sin(-2)]))
    #expect(isClose(sine[2], [-cos(0.5), -cos(-2)]))
    let exponential = derivatives(3, of: { $0.exp() }, at: x)
    for d in exponential { #expect(isClose(d, [exp(0.5), exp(-2)])) }
    #expect(x.grad == nil)
  }

  @Test func products() {
    // f(W) = Σ (XW)², with gradient 2XᵀXW, and the product of its second derivative with V is 2XᵀXV.
    let x = Tensor.randn(4, 3, dtype: .float64), v = Tensor.randn(3, 2, dtype: .float64)
    let w = Tensor.randn(3, 2, dtype: .float64, requiresGrad: true)
    let first = grad(of: x.mm(w).square().sum(), wrt: [w], createGraph: true)[0]
    #expect(isClose(first, (2 * x.t().mm(x).mm(w)).toArray()))
    #expect(isClose(grad(of: (first * v).sum(), wrt: [w])[0], (2 * x.t().mm(x).mm(v)).toArray()))
  }

  @Test func softmax() {
    let x = leaf([0.1, -0.4, 0.7]), v = Tensor([1.0, -2.0, 0.5], dtype: .float64)
    let s = x.softmax(dim: 0)
    let first = grad(of: s.dot(v), wrt: [x], createGraph: true)[0]
    // The derivative of softmax is diag(s) - s sᵀ.
    let jacobian = noGrad { s.diag() - s.outer(s) }
    #expect(isClose(first, jacobian.mv(v).toArray()))
    // Of first[0] = s₀ (v₀ - s·v): s₀ (δ₀ - s) (v₀ - s·v) - s₀ J v.
    let expected = noGrad {
      s[0] * ((Tensor([1.0, 0.0, 0.0], dtype: .float64) - s) * (v[0] - s.dot(v)) - jacobian.mv(v))
    }
    #expect(isClose(grad(of: first[0], wrt: [x])[0], expected.toArray()))
  }

  /// First derivatives as functions, differentiated once and twice more, against finite differences.
  @Test(arguments: [
    "tanh", "sigmoid", "gelu", "softplus", "log", "sqrt", "division", "logSoftmax", "logSumExp", "norm", "std",
    "cumsum", "cumprod", "cumprodWithZeros", "prod",
    "matmul", "gather", "slices",
  ])
  func againstFiniteDifferences(_ name: String) throws {
    let functions: [String: (Tensor) -> Tensor] = [
      "tanh": { $0.tanh() }, "sigmoid": { $0.sigmoid() }, "gelu": { $0.gelu() }, "softplus": { $0.softplus() },
      "log": { ($0 + 3).log() }, "sqrt": { ($0 + 3).sqrt() }, "division": { 1 / ($0 + 3) }, "norm": { $0.norm(dim: 1) },
      "logSoftmax": { $0.logSoftmax(dim: 0) }, "logSumExp": { $0.logSumExp(dim: 1) }, "std": { $0.std(dim: 0) },
      "cumprod": { $0.cumprod(dim: 1) }, "cumprodWithZeros": { ($0 * Tensor([1.0, 0, 1])).cumprod(dim: 1) },
      "cumsum": { $0.square().cumsum(dim: 1) }, "prod": { $0.prod(dim: 1) }, "matmul": { $0.t().matmul($0) },
      "gather": { $0.square().gather(dim: 1, index: Tensor([[0], [2]])) },
      "slices": { $0[0] * $0[1, .newAxis].flip([1]) * $0[.all, 0].sum() },
    ]
    let f = functions[name]!
    func derivative(_ g: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
      { x in
        enableGrad {
          // For the differences it is given plain tensors.
          let x = x.requiresGrad ? x : x.detach().requiresGrad_()
          return grad(of: g(x).sin().sum(), wrt: [x], createGraph: true)[0]
        }
      }
    }
    let x = Tensor([[0.3, -0.8, 1.1], [0.6, 0.2, -0.5]], dtype: .float64, requiresGrad: true)
    try gradientCheck({ f($0[0]) }, inputs: [x])
    try gradientCheck({ derivative(f)($0[0]) }, inputs: [x])
    try gradientCheck({ derivative(derivative(f))($0[0]) }, inputs: [x])
  }

  /// The second derivatives of xʸ at points where a logarithm or a quotient has no value: by x twice, by x and y, by y and
  /// x, by y twice.
  @Test func powersWhereTheirPartsHaveNoValue() {
    let (inf, nan) = (Double.infinity, Double.nan)
    let points: [(x: Double, y: Double, second: [Double])] = [
      (-2, 0, [-0.0, nan, -0.5, nan]), (-0.5, 0, [-0.0, nan, -2, nan]), (0, 0, [nan, nan, nan, nan]),
      (inf, 0, [-0.0, nan, 0, inf]), (-inf, 0, [-0.0, nan, 0, nan]), (0, -1, [inf, inf, inf, inf]),
      (0, -2, [inf, inf, inf, inf]), (0, 2, [2, 0, nan, nan]), (-2, 2, [2, nan, nan, nan]),
    ]
    for (x, y, second) in points {
      let base = leaf([x]), exponent = leaf([y])
      let first = grad(of: base.pow(exponent), wrt: [base, exponent], createGraph: true)
      let found = first.flatMap { grad(of: $0, wrt: [base, exponent], retainGraph: true).map { $0.item() } }
      let isSame = zip(found, second).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
      #expect(isSame, "\(x) to the power \(y): \(found)")
    }
  }

  @Test func gradNamesWhatItAnswers() {
    let a = leaf([2]), b = leaf([3]), c = leaf([4])
    let y = a * b
    let gradients = grad(of: y * y, wrt: [a, y, c, a])
    #expect(gradients.map { $0.item() } == [36, 12, 0, 36])
    #expect(a.grad == nil && b.grad == nil && !gradients[0].requiresGrad)
    // A gradient penalty: it reaches the leaves through the first gradient.
    let first = grad(of: a * a * b, wrt: [a], createGraph: true)[0]
    first.square().backward()
    // (2ab)²: 8ab² by a, 8a²b by b.
    #expect(a.grad?.item() == 144 && b.grad?.item() == 96)
  }

  @Test func gradientCheckFindsAWrongDerivative() {
    let x = leaf([1, 2])
    #expect(throws: KindlingError.self) { try gradientCheck({ WrongCube.apply($0[0]) }, inputs: [x]) }
    do {
      try gradientCheck({ WrongCube.apply($0[0]) }, inputs: [x])
    } catch {
      #expect("\(error)".hasPrefix("gradientCheck: input 0, element 1 of shape [2]: autograd says "), "\(error)")
    }
    #expect(throws: KindlingError("gradientCheck: input 0 is float32; finite differences need float64")) {
      try gradientCheck({ $0[0] }, inputs: [Tensor([1.0], requiresGrad: true)])
    }
    #expect(throws: KindlingError("gradientCheck: no input requires a gradient")) {
      try gradientCheck({ $0[0] }, inputs: [Tensor([1.0], dtype: .float64)])
    }
  }
}

private enum WrongCube: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[0])
    return inputs[0].pow(3)
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * 2 * context.savedTensors[0].square()]
  }
}

/// e raised to x, with its result saved.
enum Exponential: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    let y = inputs[0].exp()
    context.saveForBackward(y)
    return y
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * context.savedTensors[0]]
  }
}

/// a x + b y, with a number and one gradient only if it is asked for.
private enum Blend: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.extra["weight"] = 0.25
    return 0.25 * inputs[0] + 0.75 * inputs[1]
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    let weight = context.extra["weight"] as! Double
    return [
      context.needsInputGradient(0) ? weight * gradient : nil,
      context.needsInputGradient(1) ? (1 - weight) * gradient : nil,
    ]
  }
}

/// The input itself, whose gradient comes back reversed.
private enum Reversal: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor { inputs[0] }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] { [-gradient] }
}

@Suite struct FunctionTests {
  @Test func derivativesOfOnesOwn() throws {
    let x = leaf([0.5, 1])
    try gradientCheck({ Exponential.apply($0[0]) }, inputs: [x])
    try gradientCheck({ Blend.apply($0[0].square(), $0[1]) }, inputs: [x, leaf([2, 3])])
    let first = grad(of: Exponential.apply(x).sum(), wrt: [x], createGraph: true)[0]
    #expect(isClose(grad(of: first.sum(), wrt: [x])[0], [exp(0.5), exp(1)]))
    Blend.apply(x, Tensor([2.0, 3.0], dtype: .float64)).sum().backward()
    #expect(x.grad?.toArray() == [0.25, 0.25])
    #expect(!Exponential.apply(Tensor([1.0])).requiresGrad)
  }

  @Test func aFunctionMayReturnItsInput() {
    let x = leaf([1, 2])
    let y = x * 3
    Reversal.apply(y).sum().backward()
    #expect(x.grad?.toArray() == [-3, -3])
    Reversal.apply(x).sum().backward()
    #expect(x.grad?.toArray() == [-4, -4] && x.isLeaf)
  }

  @Test func aSpoiledSavedTensorIsFound() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = leaf([1])
      let y = Exponential.apply(x)
      let loss = y.sum()
      noGrad { y += 1 }
      loss.backward()
    }
    #expect(
      fatalMessage(result).hasPrefix("backward: the gradient of function needs a tensor of shape [1] that has been"))
  }

  /// Where x² is infinite, GELU is x or 0 all around: its second derivative is 0 as PyTorch's, and not 0 · ∞.
  @Test func theSlopeOfGELUIsFlatFarOut() {
    let x = Tensor([2e19, -2e19, 3], dtype: .float32).requiresGrad_()
    let slope = grad(of: x.gelu().sum(), wrt: [x], createGraph: true)[0]
    let second = grad(of: slope.sum(), wrt: [x])[0].toArray()
    // φ(3) (2 - 9)
    #expect(second[0] == 0 && second[1] == 0 && abs(second[2] + 0.0310230) < 1e-6, "\(second)")
  }
}
