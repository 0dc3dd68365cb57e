// Sums of products by Einstein's notation: einsum("ij,jk->ik", [x, y]) is the product of two matrices.

/// The sum of the products of the tensors' elements, as `equation` names their dimensions.
///
/// One letter stands for each dimension, and a comma between the tensors. Dimensions of one letter have one size, or 1, and go
/// together. Letters behind `->` are the result's dimensions, in that order; over all others is summed. Without `->` the
/// result has those that occur once, in the order of the alphabet. A letter twice in one tensor is its diagonal, and `...`
/// stands for any number of dimensions that are broadcast.
///
/// The tensors are multiplied from left to right, two at a time, as products of matrices. They must have one type.
public func einsum(_ equation: String, _ tensors: [Tensor]) -> Tensor {
  let terms = EinsumTerms(equation, tensors.map(\.shape))
  let operands = zip(tensors, terms.inputs).map { $0.aligned($1, to: terms.order) }
  var product = operands[0]
  for (n, operand) in operands.enumerated() {
    // Over what no later tensor has, and the result has not, is summed at once.
    let summed = terms.order.indices.filter { d in
      d >= terms.output.count && !operands[(n + 1)...].contains { $0.shape[d] != 1 }
    }
    product = n == 0 ? product.collapsed(summed) : product.contracted(operand, summing: summed)
  }
  return product.reshape(Shape(product.shape.prefix(terms.output.count)))
}

/// What an equation says of the dimensions. A dimension is named by its letter, or by its place in the ellipsis counted from
/// the last.
private struct EinsumTerms {
  /// For each tensor the names of its dimensions.
  private(set) var inputs: [[String]] = []
  private(set) var output: [String] = []
  /// The result's dimensions, and then those over which is summed.
  private(set) var order: [String] = []

  init(_ equation: String, _ shapes: [Shape]) {
    let sides = equation.filter { $0 != " " }.components(around: "->")
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if sides.count > 2 { fail("einsum", "'\(equation)' has more than one ->") }
    if terms.count != shapes.count || shapes.isEmpty {
      fail("einsum", "'\(equation)' names \(terms.count) tensors, and \(shapes.count) are given")
    }
    var hidden = 0
    for (term, shape) in zip(terms, shapes) {
      let letters = EinsumTerms.letters(term, in: equation)
      let rest = shape.count - letters.count { $0 != "..." }
      if rest < 0 || (rest > 0 && !letters.contains("...")) {
        fail("einsum", "'\(term)' of '\(equation)' does not name the dimensions of shape \(shape)")
      }
      hidden = max(hidden, rest)
      inputs.append(EinsumTerms.named(letters, ellipsis: rest))
    }
    let names = inputs.joined().filter { $0.count == 1 }
    if sides.count == 2 {
      let letters = EinsumTerms.letters(sides[1], in: equation)
      if Set(letters).count != letters.count { fail("einsum", "a letter stands twice behind -> of '\(equation)'") }
      for letter in letters where letter != "..." && !names.contains(letter) {
        fail("einsum", "'\(letter)' stands behind -> of '\(equation)', and not before it")
      }
      output = EinsumTerms.named(letters, ellipsis: hidden)
    } else {
      let once = Set(names).filter { name in names.count { $0 == name } == 1 }
      output = EinsumTerms.named(["..."] + once.sorted(), ellipsis: hidden)
    }
    for name in inputs.joined() + EinsumTerms.named(["..."], ellipsis: hidden)
    where !output.contains(name) && !order.contains(name) { order.append(name) }
    order = output + order
  }

  /// The letters of a term, and "..." for its ellipsis.
  private static func letters(_ term: String, in equation: String) -> [String] {
    let parts = term.components(around: "...")
    let letters =
      parts.count == 2 ? parts[0].map(String.init) + ["..."] + parts[1].map(String.init) : term.map(String.init)
    for letter in letters
    where letter != "..." && !(letter.count == 1 && letter.first!.isASCII && letter.first!.isLetter) {
      fail("einsum", "'\(letter)' in '\(equation)' is not a letter, and one ellipsis a tensor is allowed")
    }
    return letters
  }

  private static func named(_ letters: [String], ellipsis count: Int) -> [String] {
    letters.flatMap { $0 == "..." ? (0..<count).reversed().map { "...\($0)" } : [$0] }
  }
}

extension String {
  /// The parts before, between and after a separator.
  fileprivate func components(around separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}

extension Tensor {
  /// This tensor with the dimensions of `order`, of size 1 where it has none of the name; of a name that it has twice, the
  /// diagonal.
  fileprivate func aligned(_ names: [String], to order: [String]) -> Tensor {
    var (tensor, names) = (self, names)
    while let second = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      let first = names.firstIndex(of: names[second])!
      if tensor.shape[first] != tensor.shape[second] {
        fail(
          "einsum",
          "'\(names[first])' names dimensions of \(tensor.shape[first]) and \(tensor.shape[second]) places of a tensor")
      }
      tensor = tensor.diagonal(dim1: first, dim2: second)
      let name = names.remove(at: second)
      names.remove(at: first)
      names.append(name)
    }
    let present = order.filter { names.contains($0) }
    tensor = tensor.permute(present.map { names.firstIndex(of: $0)! })
    for (d, name) in order.enumerated() where !names.contains(name) { tensor = tensor.unsqueeze(d) }
    return tensor
  }

  /// The sum over some dimensions, which stay with size 1.
  fileprivate func collapsed(_ dims: [Int]) -> Tensor {
    let dims = dims.filter { shape[$0] != 1 }
    return dims.isEmpty ? self : sum(dims: dims, keepDim: true)
  }

  /// The product with `other`, summed over `dims`: one of batches of matrices, whose rows are the dimensions that this tensor
  /// alone has, whose columns those that the other has, and whose inner ones are summed over.
  fileprivate func contracted(_ other: Tensor, summing dims: [Int]) -> Tensor {
    _ = Shape.broadcast(shape, other.shape, in: "einsum")
    let x = collapsed(dims.filter { other.shape[$0] == 1 })
    let y = other.collapsed(dims.filter { self.shape[$0] == 1 })
    let inner = dims.filter { x.shape[$0] != 1 && y.shape[$0] != 1 }
    let kept = (0..<rank).filter { !inner.contains($0) }
    let batch = kept.filter { x.shape[$0] != 1 && y.shape[$0] != 1 }
    let columns = kept.filter { x.shape[$0] == 1 && y.shape[$0] != 1 }
    let rows = kept.filter { !batch.contains($0) && !columns.contains($0) }
    func sizes(_ dims: [Int], _ z: Tensor) -> [Int] { dims.map { z.shape[$0] } }
    func count(_ dims: [Int], _ z: Tensor) -> Int { sizes(dims, z).reduce(1, *) }
    let left = x.permute(batch + rows + inner + columns).reshape([count(batch, x), count(rows, x), count(inner, x)])
    let right = y.permute(batch + inner + columns + rows).reshape([count(batch, y), count(inner, y), count(columns, y)])
    let order = batch + rows + columns + inner
    let ones = [Int](repeating: 1, count: inner.count)
    let product = left.bmm(right).reshape(Shape(sizes(batch, x) + sizes(rows, x) + sizes(columns, y) + ones))
    return product.permute((0..<rank).map { place in order.firstIndex(of: place)! })
  }
}
