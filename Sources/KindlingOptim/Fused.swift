import Kernels
import Kindling

// The optimizers' steps as kernels. Each does to every element what its rule's `step` says, but in one pass over memory,
// where a dozen tensor operations would make a dozen. A test holds the two against each other. The arithmetic is in
// Sources/Kernels/Optimizer.

extension SGDRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    let isFirst = state["momentum_buffer"] == nil
    let b = momentum == 0 ? nil : state.tensor("momentum_buffer", like: theta)
    theta.step(
      .sgd,
      KernelSGD(
        learningRate: learningRate, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
        nesterov: nesterov, firstStep: isFirst, maximize: maximize), gradient, b)
    return true
  }
}

extension AdagradRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    let sum = state.tensor("sum", like: theta, initially: initialAccumulatorValue)
    theta.step(
      .adagrad,
      KernelAdagrad(
        learningRate: learningRate / (1 + Double(state.step - 1) * learningRateDecay), weightDecay: weightDecay,
        epsilon: epsilon, maximize: maximize), gradient, sum)
    return true
  }
}

extension RMSpropRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    let v = state.tensor("square_avg", like: theta)
    let m = centered ? state.tensor("grad_avg", like: theta) : nil
    let b = momentum == 0 ? nil : state.tensor("momentum_buffer", like: theta)
    theta.step(
      .rmsprop,
      KernelRMSprop(
        learningRate: learningRate, alpha: alpha, epsilon: epsilon, weightDecay: weightDecay, momentum: momentum,
        maximize: maximize), gradient, v, m, b)
    return true
  }
}

extension AdamRule {
  /// One step of one parameter, by a kernel.
  public func fusedStep(_ theta: Tensor, _ gradient: Tensor, _ state: inout ParameterState) -> Bool {
    let m = state.tensor("exp_avg", like: theta), v = state.tensor("exp_avg_sq", like: theta)
    let vMax = amsgrad ? state.tensor("max_exp_avg_sq", like: theta) : nil
    theta.step(
      .adam,
      KernelAdam(
        learningRate: learningRate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, weightDecay: weightDecay,
        decoupled: isDecoupled, maximize: maximize, step: Int64(state.step)), gradient, m, v, vMax)
    return true
  }
}

extension Tensor {
  /// One step of a parameter, with the options of that kernel and what is remembered, in the kernel's order.
  fileprivate func step<Options: BitwiseCopyable>(
    _ step: OptimizerStep, _ options: Options, _ gradient: Tensor, _ first: Tensor?, _ second: Tensor? = nil,
    _ third: Tensor? = nil
  ) {
    let memory = KernelMemory(first: first?.pointer, second: second?.pointer, third: third?.pointer)
    withUnsafeBytes(of: options) { backend.step(step, $0.baseAddress!, operand, gradient.operand, memory) }
  }
}
