import Kindling
import KindlingNN
import KindlingOptim

extension Arguments {
  fileprivate func reduction(_ place: Int) -> Reduction {
    switch text(place) {
    case "none": .none
    case "sum": .sum
    default: .mean
    }
  }
}

extension Arguments {
  fileprivate func divergenceReduction(_ place: Int) -> KLDivLoss.Reduction {
    switch text(place) {
    case "none": .none
    case "sum": .sum
    case "batchmean": .batchMean
    default: .mean
    }
  }

  /// A layer with the sample's options and parameters.
  fileprivate func batchNorm(_ make: (Int, Double, Double?, Bool, Bool) -> BatchNorm) -> Tensor {
    let layer = make(self[0].shape[1], real(3), optionalReal(4), flag(5), flag(6))
    if isTensor(1) { layer.weight = parameter(1) }
    if isTensor(2) { layer.bias = parameter(2) }
    return layer(self[0])
  }
}

extension Arguments {
  /// What attention finds, and where it has looked, if that is asked for.
  fileprivate func attention() -> [Tensor] {
    let layer = MultiheadAttention(
      self[3].shape[1], int(7), bias: isTensor(4), batchFirst: flag(8), dtype: self[3].dtype)
    layer.inProjWeight = parameter(3)
    layer.outProj.weight = parameter(5)
    if isTensor(4) { (layer.inProjBias, layer.outProj.bias) = (parameter(4), parameter(6)) }
    let (output, weights) = layer(
      self[0], self[1], self[2], keyPaddingMask: optionalTensor(9), needWeights: flag(10),
      attnMask: optionalTensor(11), averageAttnWeights: flag(12), isCausal: flag(13))
    return [output] + (weights.map { [$0] } ?? [])
  }
}

// Losses, layers and optimizers; PyTorch has losses as functions and as modules.
extension SampleEntry {
  static func losses() -> [SampleEntry] {
    functionAndModule("mse_loss", "MSELoss") { a in MSELoss(reduction: a.reduction(2))(a[0], a[1]) }
      + functionAndModule("l1_loss", "L1Loss") { a in L1Loss(reduction: a.reduction(2))(a[0], a[1]) }
      + functionAndModule("smooth_l1_loss", "SmoothL1Loss") { a in
        SmoothL1Loss(reduction: a.reduction(2), beta: a.real(3))(a[0], a[1])
      }
      + functionAndModule("binary_cross_entropy_with_logits", "BCEWithLogitsLoss", .size) { a in
        BCEWithLogitsLoss(
          weight: a.optionalTensor(2), reduction: a.reduction(3), posWeight: a.optionalTensor(4))(a[0], a[1])
      }
      + functionAndModule("nll_loss", "NLLLoss") { a in
        NLLLoss(weight: a.optionalTensor(2), ignoreIndex: a.int(3), reduction: a.reduction(4))(a[0], a[1])
      }
      + functionAndModule("cross_entropy", "CrossEntropyLoss") { a in
        CrossEntropyLoss(
          weight: a.optionalTensor(2), ignoreIndex: a.int(3), reduction: a.reduction(4), labelSmoothing: a.real(5))(
            a[0], a[1])
      }
      + functionAndModule("binary_cross_entropy", "BCELoss") { a in
        BCELoss(weight: a.optionalTensor(2), reduction: a.reduction(3))(a[0], a[1])
      }
      + functionAndModule("huber_loss", "HuberLoss") { a in
        HuberLoss(reduction: a.reduction(2), delta: a.real(3))(a[0], a[1])
      }
      + functionAndModule("kl_div", "KLDivLoss") { a in
        KLDivLoss(reduction: a.divergenceReduction(2), logTarget: a.flag(3))(a[0], a[1])
      }
      + [
        SampleEntry("nn.functional.dropout", ["Dropout", "dropout(Double, training: Bool)"]) { a in
          Dropout(a.real(1)).train(a.flag(2))(a[0])
        }
      ]
  }

  static func normalizations() -> [SampleEntry] {
    [
      SampleEntry(
        "nn.functional.scaled_dot_product_attention",
        [
          "scaledDotProductAttention(Tensor, Tensor, Tensor, attnMask: Tensor?, dropoutP: Double, isCausal: Bool, "
            + "scale: Double?)"
        ], .mixture
      ) { a in
        scaledDotProductAttention(
          a[0], a[1], a[2], attnMask: a.optionalTensor(3), isCausal: a.flag(4), scale: a.optionalReal(5))
      },
      SampleEntry(
        "nn.functional.batch_norm",
        [
          "batchNorm(runningMean: Tensor?, runningVar: Tensor?, weight: Tensor?, bias: Tensor?, training: Bool, "
            + "momentum: Double, eps: Double)"
        ]
      ) { a in
        a[0].batchNorm(
          runningMean: a.optionalTensor(1)?.clone(), runningVar: a.optionalTensor(2)?.clone(),
          weight: a.optionalTensor(3), bias: a.optionalTensor(4), training: a.flag(5), momentum: a.real(6),
          eps: a.real(7))
      },
      SampleEntry("nn.functional.layer_norm", ["layerNorm(Shape, weight: Tensor?, bias: Tensor?, eps: Double)"]) { a in
        a[0].layerNorm(a.shape(1), weight: a.optionalTensor(2), bias: a.optionalTensor(3), eps: a.real(4))
      },
      SampleEntry("nn.BatchNorm1d", ["BatchNorm1d"]) { a in
        a.batchNorm {
          BatchNorm1d(
            $0, eps: $1, momentum: $2, affine: $3, trackRunningStats: $4, device: a[0].device, dtype: a[0].dtype)
        }
      },
      SampleEntry("nn.BatchNorm2d", ["BatchNorm2d"]) { a in
        a.batchNorm {
          BatchNorm2d(
            $0, eps: $1, momentum: $2, affine: $3, trackRunningStats: $4, device: a[0].device, dtype: a[0].dtype)
        }
      },
      SampleEntry("nn.LayerNorm", ["LayerNorm"]) { a in
        let layer = LayerNorm(a.shape(1), eps: a.real(4), elementwiseAffine: a.isTensor(2), dtype: a[0].dtype)
        if a.isTensor(2) { layer.weight = a.parameter(2) }
        layer.bias = a.isTensor(3) ? a.parameter(3) : nil
        return layer(a[0])
      },
      SampleEntry("nn.functional.rms_norm", ["rmsNorm(Shape, weight: Tensor?, eps: Double?)"]) { a in
        a[0].rmsNorm(a.shape(1), weight: a.optionalTensor(2), eps: a.optionalReal(3))
      },
      SampleEntry("nn.RMSNorm", ["RMSNorm"]) { a in
        let layer = RMSNorm(
          a.shape(1), eps: a.optionalReal(3), elementwiseAffine: a.isTensor(2), dtype: a[0].dtype)
        if a.isTensor(2) { layer.weight = a.parameter(2) }
        return layer(a[0])
      },
      SampleEntry("nn.Embedding", ["Embedding"]) { a in
        let layer = Embedding(a[1].shape[0], a[1].shape[1], paddingIndex: a.optionalInt(2), dtype: a[1].dtype)
        layer.weight = a.parameter(1)
        return layer(a[0])
      },
      SampleEntry(severalOf: "nn.MultiheadAttention", ["MultiheadAttention"], .mixture) { a in a.attention() },
    ]
  }

  private static func functionAndModule(
    _ function: String, _ module: String, _ precision: Precision = .general,
    _ body: @escaping @Sendable (Arguments) -> Tensor
  ) -> [SampleEntry] {
    [
      SampleEntry("nn.functional." + function, [module], precision, body),
      SampleEntry("nn." + module, [module], precision, body),
    ]
  }

  static func modules() -> [SampleEntry] {
    [
      SampleEntry("nn.Linear", ["Linear"]) { a in
        let linear = Linear(a[1].shape[1], a[1].shape[0], bias: a.isTensor(2), dtype: a[1].dtype)
        linear.weight = a.parameter(1)
        if a.isTensor(2) { linear.bias = a.parameter(2) }
        return linear(a[0])
      },
      SampleEntry("nn.ReLU", ["ReLU"], .elementwise) { a in ReLU()(a[0]) },
      SampleEntry("nn.LeakyReLU", ["LeakyReLU"], .elementwise) { a in LeakyReLU(a.real(1))(a[0]) },
      SampleEntry("nn.GELU", ["GELU"], .gelu) { a in GELU(approximate: a.approximation(1))(a[0]) },
      SampleEntry("nn.SiLU", ["SiLU"], .saturating) { a in SiLU()(a[0]) },
      SampleEntry("nn.Sigmoid", ["Sigmoid"], .saturating) { a in Sigmoid()(a[0]) },
      SampleEntry("nn.Tanh", ["Tanh"], .saturating) { a in Tanh()(a[0]) },
      SampleEntry("nn.Softplus", ["Softplus"], .saturating) { a in
        Softplus(beta: a.real(1), threshold: a.real(2))(a[0])
      },
      SampleEntry("nn.Softmax", ["Softmax"]) { a in Softmax(dim: a.int(1))(a[0]) },
      SampleEntry("nn.LogSoftmax", ["LogSoftmax"]) { a in LogSoftmax(dim: a.int(1))(a[0]) },
    ]
  }

  static func optimizers() -> [SampleEntry] {
    [
      SampleEntry(severalOf: "optim.SGD", ["SGD"]) { a in
        a.steps {
          SGD(
            $0, learningRate: a.real(2), momentum: a.real(3), dampening: a.real(4), weightDecay: a.real(5),
            nesterov: a.flag(6), maximize: a.flag(7))
        }
      },
      SampleEntry(severalOf: "optim.Adagrad", ["Adagrad"]) { a in
        a.steps {
          Adagrad(
            $0, learningRate: a.real(2), learningRateDecay: a.real(3), weightDecay: a.real(4),
            initialAccumulatorValue: a.real(5), epsilon: a.real(6), maximize: a.flag(7))
        }
      },
      SampleEntry(severalOf: "optim.RMSprop", ["RMSprop"]) { a in
        a.steps {
          RMSprop(
            $0, learningRate: a.real(2), alpha: a.real(3), epsilon: a.real(4), weightDecay: a.real(5),
            momentum: a.real(6), centered: a.flag(7), maximize: a.flag(8))
        }
      },
      SampleEntry(severalOf: "optim.Adam", ["Adam"]) { a in
        a.steps {
          Adam(
            $0, learningRate: a.real(2), betas: (a.real(3), a.real(4)), epsilon: a.real(5), weightDecay: a.real(6),
            amsgrad: a.flag(7), maximize: a.flag(8))
        }
      },
      SampleEntry(severalOf: "optim.AdamW", ["AdamW"]) { a in
        a.steps {
          AdamW(
            $0, learningRate: a.real(2), betas: (a.real(3), a.real(4)), epsilon: a.real(5), weightDecay: a.real(6),
            amsgrad: a.flag(7), maximize: a.flag(8))
        }
      },
    ]
  }
}

extension Arguments {
  /// The first tensor after each step along the rows of the second.
  fileprivate func steps(_ optimizer: ([Tensor]) -> Optimizer) -> [Tensor] {
    let weight = self[0].clone().requiresGrad_()
    let rule = optimizer([weight])
    return (0..<self[1].shape[0]).map { step in
      weight.grad = self[1][step].clone()
      rule.step()
      return weight.detach().clone()
    }
  }
}
