import ExerciseKit
import Exercises
import Kindling

extension Exercise {
  static let linearGradient = Exercise(
    number: 1, title: "the gradient of a linear layer", file: "Exercise1LinearGradient.swift",
    checks: [
      Check("the shapes, for 4 samples, 3 inputs and 2 outputs") {
        let layer = Layer(samples: 4, inputs: 3, outputs: 2)
        let (dx, dWeight, dBias) = layer.answer
        if [dx, dWeight, dBias].allSatisfy({ $0.toArray().allSatisfy { $0 == 0 } }) {
          throw Wrong("All three gradients are zeros: nothing is computed yet.")
        }
        try expectShape("dBias", dBias, "bias", layer.bias, shapesOfDBias(layer))
        try expectShape("dWeight", dWeight, "weight", layer.weight, [("Is it xᵀ dz? That is its transpose.", [3, 2])])
        try expectShape("dx", dx, "x", layer.x, [("Is it transposed?", [3, 4])])
      },
      // Where all sizes are equal, no shape tells a matrix from its transpose. Only the numbers do.
      Check("dBias, for 3 samples, 3 inputs and 3 outputs") {
        let layer = Layer(samples: 3, inputs: 3, outputs: 3)
        try expect(
          "dBias", layer.answer.dBias, layer.expected.dBias,
          mistakes: [
            (
              layer.dz.sum(dim: 1),
              "These are sums over the outputs. Each bias belongs to one output: sum over the samples."
            ),
            (layer.dz.mean(dim: 0), "That is a mean over the samples. Changes add up: it is a sum."),
            (layer.dz[0], "That is the first sample alone. The bias is added to every row."),
          ],
          hint: "b[o] occurs in column o of z, in every row, with the factor 1.")
      },
      Check("dWeight, for 3 samples, 3 inputs and 3 outputs") {
        let layer = Layer(samples: 3, inputs: 3, outputs: 3)
        let (x, dz) = (layer.x, layer.dz)
        try expect(
          "dWeight", layer.answer.dWeight, layer.expected.dWeight,
          mistakes: [
            (x.t().mm(dz), "That is its transpose, xᵀ dz. The first index of weight is the output."),
            (dz.t().mm(x) / 3, "That is a mean over the samples. Changes add up: it is a sum."),
            (dz.mm(x), "There dz is not transposed. The sum runs over the samples, and in dz they are the rows."),
            (dz.mm(x.t()), "There x is transposed, and not dz. The sum runs over the samples, the rows of both."),
          ],
          hint: "W[o,i] occurs in column o of z, in every row s, with the factor x[s,i]. The changes add up over s.")
      },
      Check("dx, for 3 samples, 3 inputs and 3 outputs") {
        let layer = Layer(samples: 3, inputs: 3, outputs: 3)
        let (weight, dz) = (layer.weight, layer.dz)
        try expect(
          "dx", layer.answer.dx, layer.expected.dx,
          mistakes: [
            (
              dz.mm(weight.t()),
              "There W is transposed, as in lesson 1. But here W is [out, in]: the sum over the outputs already runs down its "
                + "rows."
            ),
            (weight.mm(dz), "The order is wrong: in dz the samples are the rows, and they are the rows of dx."),
            (weight.t().mm(dz), "The order is wrong: in dz the samples are the rows, and they are the rows of dx."),
            (dz.mm(weight) / 3, "It is divided by 3. Changes add up: it is a sum."),
          ],
          hint: "x[s,i] occurs in row s of z, in every column o, with the factor W[o,i]. The changes add up over o.")
      },
    ])
}

/// A layer with some numbers, the answer for it, and what autograd finds.
private struct Layer {
  let x, weight, bias, dz: Tensor

  init(samples: Int, inputs: Int, outputs: Int) {
    manualSeed(1)
    x = .randn(samples, inputs, dtype: .float64)
    weight = .randn(outputs, inputs, dtype: .float64)
    bias = .randn(outputs, dtype: .float64)
    dz = .randn(samples, outputs, dtype: .float64)
  }

  var answer: (dx: Tensor, dWeight: Tensor, dBias: Tensor) { linearGradients(x: x, weight: weight, dz: dz) }

  var expected: (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let inputs = [x, weight, bias].map { $0.clone().requiresGrad_() }
    let z = inputs[0].mm(inputs[1].t()) + inputs[2]
    let gradients = grad(of: z, wrt: inputs, gradient: dz)
    return (gradients[0], gradients[1], gradients[2])
  }
}

private func shapesOfDBias(_ layer: Layer) -> [(words: String, shape: Shape)] {
  [
    ("Is it summed with keepDim?", [1, 2]),
    ("Is it summed over the outputs? It must be over the samples.", [4]),
    ("Is it dz itself? The bias is used by every sample, and the changes add up.", [4, 2]),
    ("A sum over everything is too much: each output has a bias of its own.", []),
  ]
}

private func expectShape(
  _ name: String, _ gradient: Tensor, _ owner: String, _ tensor: Tensor, _ known: [(words: String, shape: Shape)]
) throws {
  if gradient.shape == tensor.shape { return }
  let words = known.first { $0.shape == gradient.shape }?.words ?? ""
  throw Wrong(
    "\(name) has the shape \(gradient.shape), and \(owner) has \(tensor.shape). A gradient has the shape of what it belongs "
      + "to. \(words)")
}
