import Kindling

// The optimizers' steps as kernels. Each does to every element what its rule's `step` says, but in one pass over memory,
// where a dozen tensor operations would make a dozen. A test holds the two against each other. The arithmetic is in
// Sources/Kernels/Optimizer.

extension SGDRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    let isFirst = state["momentum_buffer"] == nil
    theta.backend.step(
      .init(
        learningRate: learningRate, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
        nesterov: nesterov, firstStep: isFirst, maximize: maximize),
      theta.operand, gradient.operand,
      momentum: momentum == 0 ? nil : state.tensor("momentum_buffer", like: theta).pointer)
    return true
  }
}

extension AdagradRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    theta.backend.step(
      .init(
        learningRate: learningRate / (1 + Double(state.step - 1) * learningRateDecay), weightDecay: weightDecay,
        epsilon: epsilon, maximize: maximize),
      theta.operand, gradient.operand, sum: state.tensor("sum", like: theta, initially: initialAccumulatorValue).pointer
    )
    return true
  }
}

extension RMSpropRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    theta.backend.step(
      .init(
        learningRate: learningRate, alpha: alpha, epsilon: epsilon, weightDecay: weightDecay, momentum: momentum,
        maximize: maximize),
      theta.operand, gradient.operand, squareAverage: state.tensor("square_avg", like: theta).pointer,
      gradientAverage: centered ? state.tensor("grad_avg", like: theta).pointer : nil,
      momentum: momentum == 0 ? nil : state.tensor("momentum_buffer", like: theta).pointer)
    return true
  }
}

extension AdamRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    theta.backend.step(
      .init(
        learningRate: learningRate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, weightDecay: weightDecay,
        decoupled: isDecoupled, maximize: maximize, step: Int64(state.step)),
      theta.operand, gradient.operand, average: state.tensor("exp_avg", like: theta).pointer,
      squareAverage: state.tensor("exp_avg_sq", like: theta).pointer,
      maximumSquareAverage: amsgrad ? state.tensor("max_exp_avg_sq", like: theta).pointer : nil)
    return true
  }
}
