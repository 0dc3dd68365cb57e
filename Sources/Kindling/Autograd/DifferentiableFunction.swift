/// An operation with a derivative of your own: `torch.autograd.Function`.
///
/// `forward` computes with plain tensors, unrecorded, and leaves in `context` what `backward` will need.
///
/// ```swift
/// enum Cube: DifferentiableFunction {
///   static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
///     context.saveForBackward(inputs[0])
///     return inputs[0].pow(3)
///   }
///   static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
///     [gradient * 3 * context.savedTensors[0].square()]
///   }
/// }
/// let y = Cube.apply(x)
/// ```
public protocol DifferentiableFunction {
  /// Computes the result from the inputs.
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor
  /// Computes the gradient of each input, in order, from that of the result; nil for an input that has none.
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?]
}

/// What passes from a function's `forward` to its `backward`.
public final class FunctionContext {
  private enum Kept {
    case input(Int)
    case output
    case other(Tensor)
  }
  private var saved: [Tensor] = []
  private var kept: [Kept] = []
  private var current: Saved?

  /// Anything besides tensors, such as sizes or options.
  public var extra: [String: any Sendable] = [:]

  /// Keeps tensors for `backward`: inputs, the result, or others.
  public func saveForBackward(_ tensors: Tensor...) { saved = tensors }

  /// The tensors kept by `saveForBackward`, in order. Ends the program if one has been written in place since.
  public var savedTensors: [Tensor] {
    guard let current else { return saved }
    return kept.map {
      switch $0 {
      case .input(let i): current[i]
      case .output: current.output
      case .other(let tensor): tensor
      }
    }
  }

  /// Whether the gradient of input `i` will be used.
  public func needsInputGradient(_ i: Int) -> Bool { current?.wants(i) ?? true }

  /// Replaces inputs and result by their places: the graph holds them already, and a result held by its own rule would
  /// never be freed.
  fileprivate func seal(_ inputs: [Tensor], _ output: Tensor) {
    kept = saved.map { tensor in
      if tensor === output { return .output }
      if let i = inputs.firstIndex(where: { $0 === tensor }) { return .input(i) }
      return .other(tensor)
    }
    saved = []
  }

  fileprivate func differentiating(_ saved: Saved, _ body: () -> [Tensor?]) -> [Tensor?] {
    current = saved
    defer { current = nil }
    return body()
  }
}

extension DifferentiableFunction {
  /// Applies the function to `inputs` and records it.
  public static func apply(_ inputs: Tensor...) -> Tensor {
    let context = FunctionContext()
    var output = noGrad { forward(context, inputs) }
    // A result that is an input, that looks at another tensor or that was there before has a history of its own.
    let isOwn = output.ownsStorageAlone() && !output.tracksGradient && !inputs.contains { $0 === output }
    if !isOwn { output = noGrad { output.clone() } }
    context.seal(inputs, output)
    let inputCount = inputs.count
    return output.recorded("function", inputs) { dy, saved in
      let gradients = context.differentiating(saved) { backward(context, dy) }
      if gradients.count != inputCount {
        fail("\(Self.self).backward", "\(gradients.count) gradients for \(inputCount) inputs")
      }
      return gradients
    }
  }
}
