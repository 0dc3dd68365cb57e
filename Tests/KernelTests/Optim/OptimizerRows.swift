// Written by Tests/Reference/generate.py from tables/optimizers.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling
import KindlingOptim

extension OptimizerTests {
  static let rows: [Row] = [
    Row(name: "SGD([w, b], learningRate: 0.1)") { w, b in SGD([w, b], learningRate: 0.1) },
    Row(name: "SGD([w, b])") { w, b in SGD([w, b]) },
    Row(name: "SGD([w, b], learningRate: 0.1, momentum: 0.9)") { w, b in SGD([w, b], learningRate: 0.1, momentum: 0.9) },
    Row(name: "SGD([w, b], learningRate: 0.1, momentum: 0.9, dampening: 0.5)") { w, b in SGD([w, b], learningRate: 0.1, momentum: 0.9, dampening: 0.5) },
    Row(name: "SGD([w, b], learningRate: 0.1, momentum: 0.9, nesterov: true)") { w, b in SGD([w, b], learningRate: 0.1, momentum: 0.9, nesterov: true) },
    Row(name: "SGD([w, b], learningRate: 0.1, weightDecay: 0.1)") { w, b in SGD([w, b], learningRate: 0.1, weightDecay: 0.1) },
    Row(name: "SGD([w, b], learningRate: 0.1, momentum: 0.8, weightDecay: 0.1, nesterov: true, maximize: true)") { w, b in SGD([w, b], learningRate: 0.1, momentum: 0.8, weightDecay: 0.1, nesterov: true, maximize: true) },
    Row(name: "SGD(groups(w, b), learningRate: 0.1, momentum: 0.9)") { w, b in SGD(groups(w, b), learningRate: 0.1, momentum: 0.9) },
    Row(name: "Adagrad([w, b])") { w, b in Adagrad([w, b]) },
    Row(name: "Adagrad([w, b], learningRate: 0.1, learningRateDecay: 0.05)") { w, b in Adagrad([w, b], learningRate: 0.1, learningRateDecay: 0.05) },
    Row(name: "Adagrad([w, b], learningRate: 0.1, weightDecay: 0.1)") { w, b in Adagrad([w, b], learningRate: 0.1, weightDecay: 0.1) },
    Row(name: "Adagrad([w, b], learningRate: 0.1, initialAccumulatorValue: 0.5, epsilon: 1e-3)") { w, b in Adagrad([w, b], learningRate: 0.1, initialAccumulatorValue: 0.5, epsilon: 1e-3) },
    Row(name: "Adagrad([w, b], learningRate: 0.1, maximize: true)") { w, b in Adagrad([w, b], learningRate: 0.1, maximize: true) },
    Row(name: "Adagrad(groups(w, b), learningRate: 0.1)") { w, b in Adagrad(groups(w, b), learningRate: 0.1) },
    Row(name: "RMSprop([w, b])") { w, b in RMSprop([w, b]) },
    Row(name: "RMSprop([w, b], learningRate: 0.05, alpha: 0.9)") { w, b in RMSprop([w, b], learningRate: 0.05, alpha: 0.9) },
    Row(name: "RMSprop([w, b], learningRate: 0.05, epsilon: 1e-3)") { w, b in RMSprop([w, b], learningRate: 0.05, epsilon: 1e-3) },
    Row(name: "RMSprop([w, b], learningRate: 0.05, momentum: 0.9)") { w, b in RMSprop([w, b], learningRate: 0.05, momentum: 0.9) },
    Row(name: "RMSprop([w, b], learningRate: 0.05, centered: true)") { w, b in RMSprop([w, b], learningRate: 0.05, centered: true) },
    Row(name: "RMSprop([w, b], learningRate: 0.05, alpha: 0.9, weightDecay: 0.1, momentum: 0.8, centered: true, maximize: true)") { w, b in RMSprop([w, b], learningRate: 0.05, alpha: 0.9, weightDecay: 0.1, momentum: 0.8, centered: true, maximize: true) },
    Row(name: "RMSprop(groups(w, b), learningRate: 0.05)") { w, b in RMSprop(groups(w, b), learningRate: 0.05) },
    Row(name: "Adam([w, b])") { w, b in Adam([w, b]) },
    Row(name: "Adam([w, b], learningRate: 0.1)") { w, b in Adam([w, b], learningRate: 0.1) },
    Row(name: "Adam([w, b], learningRate: 0.1, betas: (0.8, 0.95), epsilon: 1e-3)") { w, b in Adam([w, b], learningRate: 0.1, betas: (0.8, 0.95), epsilon: 1e-3) },
    Row(name: "Adam([w, b], learningRate: 0.1, weightDecay: 0.1)") { w, b in Adam([w, b], learningRate: 0.1, weightDecay: 0.1) },
    Row(name: "Adam([w, b], learningRate: 0.1, amsgrad: true)") { w, b in Adam([w, b], learningRate: 0.1, amsgrad: true) },
    Row(name: "Adam([w, b], learningRate: 0.1, betas: (0.5, 0.6), weightDecay: 0.1, amsgrad: true, maximize: true)") { w, b in Adam([w, b], learningRate: 0.1, betas: (0.5, 0.6), weightDecay: 0.1, amsgrad: true, maximize: true) },
    Row(name: "Adam(groups(w, b), learningRate: 0.1)") { w, b in Adam(groups(w, b), learningRate: 0.1) },
    Row(name: "AdamW([w, b])") { w, b in AdamW([w, b]) },
    Row(name: "AdamW([w, b], learningRate: 0.1)") { w, b in AdamW([w, b], learningRate: 0.1) },
    Row(name: "AdamW([w, b], learningRate: 0.1, betas: (0.8, 0.95), epsilon: 1e-3)") { w, b in AdamW([w, b], learningRate: 0.1, betas: (0.8, 0.95), epsilon: 1e-3) },
    Row(name: "AdamW([w, b], learningRate: 0.1, weightDecay: 0.1)") { w, b in AdamW([w, b], learningRate: 0.1, weightDecay: 0.1) },
    Row(name: "AdamW([w, b], learningRate: 0.1, amsgrad: true)") { w, b in AdamW([w, b], learningRate: 0.1, amsgrad: true) },
    Row(name: "AdamW([w, b], learningRate: 0.1, betas: (0.5, 0.6), weightDecay: 0.1, amsgrad: true, maximize: true)") { w, b in AdamW([w, b], learningRate: 0.1, betas: (0.5, 0.6), weightDecay: 0.1, amsgrad: true, maximize: true) },
    Row(name: "AdamW(groups(w, b), learningRate: 0.1)") { w, b in AdamW(groups(w, b), learningRate: 0.1) },
  ]
}
