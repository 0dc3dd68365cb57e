// What layers compute, one row each. Tests/Reference/tables/layers.py has a row of the same name with PyTorch's.

import Kindling
import KindlingNN

extension OperationTable {
  static func layers() -> OperationTable {
    var table = OperationTable(reference: "layers.json")
    table.addBatchNorm()
    table.addLayerNorm()
    table.addLookups()
    table.addAttention()
    return table
  }

  private mutating func addBatchNorm() {
    row("a.batchNorm(training: true)") { a in a.batchNorm(training: true) }
    row("a.batchNorm(weight: b, bias: c, training: true)") { a, b, c in
      a.batchNorm(weight: b, bias: c, training: true)
    }
    row("a.batchNorm(weight: b, training: true, eps: 0.1)") { a, b in
      a.batchNorm(weight: b, training: true, eps: 0.1)
    }
    row("a.batchNorm(runningMean: b, runningVar: c)") { a, b, c in a.batchNorm(runningMean: b, runningVar: c) }
    row(ofSeveral: "a.batchNorm(runningMean: b, runningVar: c, weight: d, bias: e)") { x in
      x[0].batchNorm(runningMean: x[1], runningVar: x[2], weight: x[3], bias: x[4])
    }
    row("running numbers of a.batchNorm(training: true)") { a, b, c in running(a, b, c, momentum: 0.1) }
    row("running numbers of a.batchNorm(training: true, momentum: 0.5)") { a, b, c in running(a, b, c, momentum: 0.5) }
  }

  private mutating func addLayerNorm() {
    row("a.layerNorm([3])") { a in a.layerNorm([3]) }
    row("a.layerNorm([3], weight: b)") { a, b in a.layerNorm([3], weight: b) }
    row("a.layerNorm([3], weight: b, bias: c, eps: 0.1)") { a, b, c in a.layerNorm([3], weight: b, bias: c, eps: 0.1) }
    row("a.layerNorm([2, 3], weight: b, bias: c)") { a, b, c in a.layerNorm([2, 3], weight: b, bias: c) }
    row("a.rmsNorm([3])") { a in a.rmsNorm([3]) }
    row("a.rmsNorm([3], weight: b, eps: 0.1)") { a, b in a.rmsNorm([3], weight: b, eps: 0.1) }
    row("a.rmsNorm([2, 3], weight: b)") { a, b in a.rmsNorm([2, 3], weight: b) }
  }

  private mutating func addAttention() {
    row("scaledDotProductAttention(a, b, c)") { a, b, c in scaledDotProductAttention(a, b, c) }
    row("scaledDotProductAttention(a, b, c, isCausal: true)") { a, b, c in
      scaledDotProductAttention(a, b, c, isCausal: true)
    }
    row("scaledDotProductAttention(a, b, c, scale: 0.3)") { a, b, c in scaledDotProductAttention(a, b, c, scale: 0.3) }
    row(ofSeveral: "scaledDotProductAttention(a, b, c, attnMask: d)") { x in
      scaledDotProductAttention(x[0], x[1], x[2], attnMask: x[3])
    }
    row(ofSeveral: "MultiheadAttention(4, 2)(a, b, c).output") { x in attend(x).output }
    row(ofSeveral: "MultiheadAttention(4, 2)(a, b, c).weights") { x in attend(x).weights! }
    row(ofSeveral: "MultiheadAttention(4, 2, batchFirst: true)(a, b, c, keyPaddingMask: h, attnMask: i).output") { x in
      attend(x, batchFirst: true, keyPaddingMask: x[7], attnMask: x[8]).output
    }
    row(ofSeveral: "MultiheadAttention(4, 2)(a, b, c, attnMask: h, averageAttnWeights: false).weights") { x in
      attend(x, attnMask: x[7], averageAttnWeights: false).weights!
    }
  }

  private mutating func addLookups() {
    row("a.embedding(b)") { a, b in a.embedding(b) }
    row("a.embedding(b, paddingIndex: 2)") { a, b in a.embedding(b, paddingIndex: 2) }
    row("a.embedding(b, paddingIndex: -1)") { a, b in a.embedding(b, paddingIndex: -1) }
    row("a.dropout(training: false)") { a in a.dropout(training: false) }
    row("a.dropout(0)") { a in a.dropout(0) }
    row("a.dropout(1)") { a in a.dropout(1) }
  }
}

/// The running numbers after a step in training, one under the other.
private func running(_ x: Tensor, _ mean: Tensor, _ variance: Tensor, momentum: Double) -> Tensor {
  let numbers = (mean: mean.detach().clone(), variance: variance.detach().clone())
  _ = x.batchNorm(runningMean: numbers.mean, runningVar: numbers.variance, training: true, momentum: momentum)
  return cat([numbers.mean, numbers.variance])
}

/// Attention of two heads with the weights x[3] to x[6], which are constants: a layer's own are parameters.
private func attend(
  _ x: [Tensor], batchFirst: Bool = false, keyPaddingMask: Tensor? = nil, attnMask: Tensor? = nil,
  averageAttnWeights: Bool = true
) -> (output: Tensor, weights: Tensor?) {
  let layer = MultiheadAttention(4, 2, batchFirst: batchFirst, device: x[0].device, dtype: x[0].dtype)
  (layer.inProjWeight, layer.inProjBias) = (Parameter(x[3]), Parameter(x[4]))
  (layer.outProj.weight, layer.outProj.bias) = (Parameter(x[5]), Parameter(x[6]))
  return layer(
    x[0], x[1], x[2], keyPaddingMask: keyPaddingMask, attnMask: attnMask, averageAttnWeights: averageAttnWeights)
}
