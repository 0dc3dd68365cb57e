/// Finds out how a tensor came about, and proves it: what is claimed is computed again from the captured numbers.
struct Explaining {
  private let tensors: [Walkthrough.Snapshot]

  init(_ tensors: [Walkthrough.Snapshot]) { self.tensors = tensors }

  private func values(_ i: Int) -> Tensor { tensors[i].values }

  // MARK: Operations

  /// How an operation's result came about.
  func operation(_ name: String, _ inputs: [Int], _ output: Int, _ ran: RunOperation) -> Walkthrough.Explanation {
    switch name {
    case "mm", "bmm":
      return checked(.product(inputs[0], inputs[1], transposed: (false, false)), output)
    case "sum", "mean":
      return sum(inputs[0], output, isMean: name == "mean")
    case "t", "transpose", "permute":
      return checked(.moved(of: inputs[0], permutation: permutation(ran.inputs[0], ran.output)), output)
    case "view", "unsqueeze", "squeeze":
      return checked(.moved(of: inputs[0], permutation: nil), output)
    case "clone", "to":
      return checked(.same(of: inputs[0]), output)
    case "copy_" where values(inputs[1]).shape == values(output).shape:
      return checked(.same(of: inputs[1]), output)
    case "masked_fill_" where inputs.count == 3 && values(inputs[1]).elementCount == 1:
      return elementwise([inputs[0], inputs[2]], [values(inputs[1]).item()], output)
    case "expand", "where", "masked_fill_":
      return elementwise(inputs, [], output)
    case "softmax", "log_softmax":
      return grouped(name == "softmax" ? .softmax : .logSoftmax, inputs, output)
    case "layer_norm":
      return grouped(.layerNorm, inputs, output, eps: ran.numbers?[0] ?? 0)
    case "rms_norm", "batch_norm":
      return .unknown(of: inputs)
    default:
      return ran.numbers.map { elementwise(inputs, numbers(name, inputs.count, $0), output) } ?? .unknown(of: inputs)
    }
  }

  /// The same for an operation on plain numbers.
  func plain(_ name: String, _ inputs: [Int], _ output: Int, _ numbers: [Double?]?) -> Walkthrough.Explanation {
    if let numbers { return elementwise(inputs, numbers, output) }
    if name == "sum" { return sum(inputs[0], output, isMean: false) }
    for transposed in [(false, false), (true, false), (false, true)] {
      let product = Walkthrough.Explanation.product(inputs[0], inputs[1], transposed: transposed)
      if case .product = checked(product, output) { return product }
    }
    return .unknown(of: inputs)
  }

  private func elementwise(_ inputs: [Int], _ numbers: [Double?], _ output: Int) -> Walkthrough.Explanation {
    let fits = inputs.allSatisfy { Shape.broadcast(values($0).shape, values(output).shape) == values(output).shape }
    return fits ? .elementwise(of: inputs, numbers: numbers) : .unknown(of: inputs)
  }

  /// As many of an operation's numbers as it was called with.
  private func numbers(_ name: String, _ inputCount: Int, _ given: [Double?]) -> [Double?] {
    switch name {
    case "sub" where inputCount == 1: [given[0].map { -$0 }]
    case "add", "rsub", "mul", "div", "pow", "leaky_relu": inputCount == 1 ? Array(given.prefix(1)) : []
    case "add_", "sub_", "mul_", "div_": given == [0] ? [] : given
    case "clamp", "clamp_", "fill_", "softplus": given
    case "eq", "ne", "lt", "le", "gt", "ge": given
    default: []
    }
  }

  private func sum(_ of: Int, _ output: Int, isMean: Bool) -> Walkthrough.Explanation {
    let shape = values(of).shape
    var candidates: [[Int]] = []
    if values(output).elementCount == 1 { candidates.append(Array(0..<shape.count)) }
    candidates += (0..<shape.count).map { [$0] }
    if shape.count > 2 { candidates += (1..<shape.count).map { Array(0..<$0) } }
    for dims in candidates {
      let explanation = Walkthrough.Explanation.sum(of: of, dims: dims, isMean: isMean)
      if holds(explanation, output) { return explanation }
    }
    return .unknown(of: [of])
  }

  /// What a formula makes of groups along the last dimensions, or along another one.
  private func grouped(
    _ formula: Walkthrough.GroupFormula, _ of: [Int], _ output: Int, eps: Double = 0
  ) -> Walkthrough.Explanation {
    let rank = values(output).rank
    let candidates =
      formula == .layerNorm ? (1...rank).map { Array(rank - $0..<rank) } : (0..<rank).reversed().map { [$0] }
    let explanations = candidates.map { Walkthrough.Explanation.grouped(formula, of: of, dims: $0, eps: eps) }
    return explanations.first { holds($0, output) } ?? .unknown(of: of)
  }

  /// How a view's dimensions were those of the tensor that it looks at.
  private func permutation(_ tensor: Tensor, _ view: Tensor) -> [Int]? {
    var left = Array(0..<tensor.rank)
    return (0..<view.rank).map { i in
      let place = left.firstIndex { tensor.shape[$0] == view.shape[i] && tensor.strides[$0] == view.strides[i] }
      return left.remove(at: place ?? 0)
    }
  }

  // MARK: Rules

  /// How the gradient of one input came about. `local` is the derivative at each place, a tensor that is not captured yet; it
  /// belongs into the explanation.
  struct Found {
    var explanation: Walkthrough.Explanation
    var local: Tensor?
  }

  /// How the gradients of an operation's inputs came about; nil for one that wants none.
  func rules(
    of rule: AppliedRule, _ dy: Int, _ inputs: [Int], _ gradients: [Tensor?], _ forward: Walkthrough.Operation?
  ) -> [Found?] {
    // What each rule makes of a gradient of ones is the derivative itself, where elements do not depend on one another.
    let isElementwise =
      "\(rule.name)" == "where" || forward.map { $0.results[0].explanation.isElementwise } ?? false
    let ones = isElementwise ? rule.gradients(from: Tensor.onesLike(rule.gradient)) : []
    return gradients.enumerated().map { i, gradient in
      guard let gradient else { return nil }
      let result = gradient.to(.cpu).clone()
      if isElementwise, let local = ones[i]?.to(.cpu).clone() { return chain(dy, local, result) }
      var candidates: [Walkthrough.Explanation] = []
      switch "\(rule.name)" {
      case "mm", "bmm":
        candidates = [
          i == 0
            ? .product(dy, inputs[1], transposed: (false, true)) : .product(inputs[0], dy, transposed: (true, false))
        ]
      case "sum", "mean":
        if case .sum(_, let dims, let isMean)? = forward?.results[0].explanation {
          let count = dims.reduce(1) { $0 * Double(result.shape[$1]) }
          candidates = [.spread(of: dy, dims: dims, factor: isMean ? 1 / count : 1)]
        }
      case "t", "transpose", "permute":
        if case .moved(_, let order?)? = forward?.results[0].explanation {
          candidates = [.moved(of: dy, permutation: order.indices.map { order.firstIndex(of: $0)! })]
        }
      case "view", "unsqueeze", "squeeze":
        candidates = [.moved(of: dy, permutation: nil)]
      case "clone", "to":
        candidates = [.same(of: dy)]
      case "softmax", "log_softmax", "layer_norm":
        if let result = forward?.results[0], case .grouped(let formula, _, let dims, let eps) = result.explanation {
          candidates = [formula.gradient(of: i, dy, inputs, result.tensor, dims, eps, rank: values(inputs[0]).rank)]
        }
      default: break
      }
      return Found(explanation: candidates.first { holds($0, result) } ?? .unknown(of: [dy] + inputs))
    }
  }

  private func chain(_ dy: Int, _ local: Tensor, _ result: Tensor) -> Found {
    if local.shape == result.shape && result.shape == values(dy).shape {
      if (local == 1).all().item(as: Bool.self), holds(.same(of: dy), result) {
        return Found(explanation: .same(of: dy))
      }
      if agree(values(dy).to(.float64) * local.to(.float64), result, scale: nil) {
        return Found(explanation: .chain(gradient: dy, local: 0), local: local)
      }
    }
    return Found(explanation: .unknown(of: [dy]))
  }

  // MARK: Proof

  private func checked(_ explanation: Walkthrough.Explanation, _ output: Int) -> Walkthrough.Explanation {
    holds(explanation, output) ? explanation : .unknown(of: explanation.operands)
  }

  private func holds(_ explanation: Walkthrough.Explanation, _ output: Int) -> Bool {
    holds(explanation, values(output))
  }

  /// Whether the explanation gives these numbers.
  private func holds(_ explanation: Walkthrough.Explanation, _ result: Tensor) -> Bool {
    unwatched { noGrad { computed(explanation).map { agree($0.value, result, scale: $0.scale) } ?? false } }
  }

  /// What an explanation gives, in float64, and the sum of the absolute values of what was added up for it.
  private func computed(_ explanation: Walkthrough.Explanation) -> (value: Tensor, scale: Tensor?)? {
    switch explanation {
    case .product(let a, let b, let transposed):
      func operand(_ i: Int, _ isTransposed: Bool) -> Tensor {
        let x = values(i).to(.float64)
        return isTransposed ? x.transpose(-2, -1) : x
      }
      let (x, y) = (operand(a, transposed.0), operand(b, transposed.1))
      if x.rank != y.rank || x.size(-1) != y.size(-2) { return nil }
      return (x.matmul(y), x.abs().matmul(y.abs()))
    case .sum(let of, let dims, let isMean):
      let x = values(of).to(.float64)
      if dims.isEmpty { return (x, x.abs()) }
      let count = isMean ? dims.reduce(1) { $0 * Double(x.shape[$1]) } : 1
      return (x.sum(dims: dims) / count, x.abs().sum(dims: dims) / count)
    case .spread(let of, let dims, let factor):
      var x = values(of).to(.float64) * factor
      for d in dims.sorted() where x.rank < Shape.maximumRank { x = x.rank > d && x.shape[d] == 1 ? x : x.unsqueeze(d) }
      return (x, nil)
    case .moved(let of, let permutation?):
      return permutation.count == values(of).rank ? (values(of).permute(permutation), nil) : nil
    case .moved(let of, nil): return (values(of).flatten(), nil)
    case .same(let of): return (values(of), nil)
    case .grouped(let formula, let of, let dims, let eps): return formula.computed(of.map(values), dims, eps)
    default: return nil
    }
  }

  /// Whether two tensors agree as far as rounding allows: a sum of n terms is off by n roundings at most.
  private func agree(_ x: Tensor, _ y: Tensor, scale: Tensor?) -> Bool {
    var (x, y, scale) = (x.to(.float64), y.to(.float64), scale)
    if x.elementCount == y.elementCount { (x, y, scale) = (x.flatten(), y.flatten(), scale?.flatten()) }
    if Shape.broadcast(x.shape, y.shape) != y.shape { return false }
    let size = scale ?? x.abs()
    // Of an infinity or a NaN nothing is asked: added up in another order it may be the other.
    let isSame = (x == y).logicalOr((x - y).abs() <= 1e-3 * size + 1e-30).logicalOr(
      x.isFinite().logicalAnd(y.isFinite()).logicalNot())
    return isSame.all().item(as: Bool.self)
  }
}

extension Walkthrough.Explanation {
  fileprivate var isElementwise: Bool {
    if case .elementwise = self { return true }
    return false
  }
}
