import ExerciseKit
import Exercises
import Kindling

extension Exercise {
  static let matrixProduct = Exercise(
    number: 9, title: "the rule of mm", file: "Exercise9MatrixProduct.swift",
    checks: [
      Check("the value, for [2, 3] and [3, 4]") {
        let (a, b) = (matrix(2, 3), matrix(3, 4))
        try expect(
          "y", MatrixProduct.apply(a, b), a.mm(b),
          mistakes: [(Tensor.zeros(2, 4, dtype: .float64), "They are zeros: nothing is computed yet.")],
          hint: "It is a.mm(b).")
      },
      // Where all sizes are equal, no shape tells a matrix from its transpose. Only the numbers do.
      Check("both gradients, for [3, 3] and [3, 3]") { try expectGradients(matrix(3, 3), matrix(3, 3)) },
      Check("both gradients, for [2, 3] and [3, 4]") { try expectGradients(matrix(2, 3), matrix(3, 4)) },
      Check("x x, where one matrix is both factors") {
        let x = matrix(3, 3)
        let dy = matrix(3, 3)
        let expected = dy.mm(x.t()) + x.t().mm(dy)
        x.requiresGrad_()
        MatrixProduct.apply(x, x).backward(gradient: dy)
        guard let gradient = x.grad else { throw Wrong("No gradient arrives at x.") }
        try expect("dx", gradient, expected, hint: "Each factor brings its part; the engine adds them up.")
      },
      Check("the second derivative") {
        let (a, b) = (matrix(2, 3).requiresGrad_(), matrix(3, 2).requiresGrad_())
        let first = grad(of: MatrixProduct.apply(a, b).square().sum(), wrt: [a, b], createGraph: true)
        let missing =
          "What is saved must be the inputs, and the rest must be tensor operations: a number that was taken out of the "
          + "graph, by detach() or toArray(), has no history."
        if !first.allSatisfy(\.requiresGrad) { throw Wrong("The gradient cannot be differentiated. \(missing)") }
        let second = grad(of: first[0].sum() + first[1].square().sum(), wrt: [a, b])
        let right = grad(of: a.mm(b).square().sum(), wrt: [a, b], createGraph: true)
        let expected = grad(of: right[0].sum() + right[1].square().sum(), wrt: [a, b])
        for (name, (found, wanted)) in zip(["a", "b"], zip(second, expected)) {
          try expect("the second derivative by \(name)", found, wanted, hint: missing)
        }
      },
      Check("an input that wants no gradient") {
        for unwanted in 0...1 {
          let inputs = [matrix(2, 3), matrix(3, 4)]
          inputs[1 - unwanted].requiresGrad_()
          if Parts.of(inputs, matrix(2, 4))[unwanted] == nil { continue }
          throw Wrong(
            "Only \(["b", "a"][unwanted]) wants a gradient, and that of \(["a", "b"][unwanted]) was computed "
              + "as well. Return nil for it, where context.needsInputGradient(\(unwanted)) is false.")
        }
      },
    ])
}

/// Another matrix with each call, and the same in each run.
private func matrix(_ rows: Int, _ columns: Int) -> Tensor { .randn(rows, columns, dtype: .float64) }

private func expectGradients(_ a: Tensor, _ b: Tensor) throws {
  let dy = matrix(a.size(0), b.size(1))
  let (da, db) = (dy.mm(b.t()), a.t().mm(dy))
  let inputs = [a.clone().requiresGrad_(), b.clone().requiresGrad_()]
  let returned = Parts.of(inputs, dy)
  if returned.count != 2 {
    throw Wrong("backward returns \(returned.count) gradients. There is one for each input: a and b.")
  }
  if returned[0] == nil && returned[1] == nil {
    throw Wrong("backward returns nil for both: no gradient arrives, nothing is computed yet.")
  }
  let isSquare = a.shape == b.shape
  let known: [[Mistake]] =
    !isSquare
    ? [[(db, swapped)], [(da, swapped)]]
    : [
      [
        (db, swapped),
        (dy.mm(b), "There b is not transposed. The sum runs over the columns of y, and in b those are the columns."),
        (b.t().mm(dy), "The order is wrong: da has the rows of dy, so dy stands first."),
        (b.mm(dy), "The order is wrong, and b is not transposed: da has the rows of dy, so dy stands first."),
        (da.t(), "That is its transpose."), (dy, "That is dy, handed on unchanged."),
      ],
      [
        (da, swapped),
        (a.mm(dy), "There a is not transposed. The sum runs over the rows of y, and in a those are the rows."),
        (dy.mm(a.t()), "The order is wrong: db has the columns of dy, so dy stands last."),
        (dy.mm(a), "The order is wrong, and a is not transposed: db has the columns of dy, so dy stands last."),
        (db.t(), "That is its transpose."), (dy, "That is dy, handed on unchanged."),
      ],
    ]
  for (i, (name, expected)) in [("da", da), ("db", db)].enumerated() {
    guard let found = returned[i] else { throw Wrong("\(name) is nil: no gradient arrives at \(name.dropFirst()).") }
    try expect(
      name, found, expected, mistakes: known[i],
      hint: i == 0
        ? "a[i,l] occurs in row i of y, in every column j, with the factor b[l,j]; the changes add up over j."
        : "b[l,j] occurs in column j of y, in every row i, with the factor a[i,l]; the changes add up over i.")
  }
}

private let swapped = "The two have changed places: the gradient of a comes first, then that of b."

/// The rule, with a look at what it returns.
private enum Parts: DifferentiableFunction {
  nonisolated(unsafe) static var returned: [Tensor?] = []

  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    MatrixProduct.forward(context, inputs)
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    returned = MatrixProduct.backward(context, gradient)
    return [nil, nil]
  }
  static func of(_ inputs: [Tensor], _ dy: Tensor) -> [Tensor?] {
    apply(inputs[0], inputs[1]).backward(gradient: dy)
    return returned
  }
}
