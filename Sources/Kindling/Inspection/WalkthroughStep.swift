// What a `Walkthrough` has seen: tensors with all their numbers, and how each came about.

extension Walkthrough {
  /// A tensor as it was when an operation read or made it.
  public struct Snapshot {
    /// What the program calls it, such as `h` or `w1.grad`; else the expression that made it, such as `x.mm(w1)`; nil if neither
    /// is known.
    public internal(set) var name: String?
    /// The numbers, on the CPU, in order, and nobody else's.
    public let values: Tensor
  }

  /// How the elements of a tensor came about. Tensors are named by their place in `Walkthrough.tensors`.
  ///
  /// What is claimed has been computed again, in float64, from the numbers that were captured, and found to be so; where it was
  /// not, the explanation is `unknown`. (Of `elementwise` only the shapes are checked.)
  public enum Explanation: Sendable {
    /// out[i, j] = Σₖ a[i, k] · b[k, j] of the last two dimensions, which are exchanged first where `transposed` says so.
    case product(Int, Int, transposed: (Bool, Bool))
    /// Each element from those at its place in `of`, which are broadcast, and from numbers; nil stands for "none".
    case elementwise(of: [Int], numbers: [Double?])
    /// A gradient times the derivative of the operation at each place.
    case chain(gradient: Int, local: Int)
    /// The sum over dimensions, or the mean.
    case sum(of: Int, dims: [Int], isMean: Bool)
    /// Each element gets the gradient of the sum that it was in, times a factor.
    case spread(of: Int, dims: [Int], factor: Double)
    /// The same elements in other places: dimension i was dimension `permutation[i]`; nil for a reshape, which keeps their order.
    case moved(of: Int, permutation: [Int]?)
    /// The same elements.
    case same(of: Int)
    /// Each element from all of its group, which reaches along `dims`: from a row that becomes shares, for one.
    case grouped(GroupFormula, of: [Int], dims: [Int], eps: Double)
    /// An optimizer's step.
    case update(before: Int, of: [Int], formula: String, numbers: [(name: String, value: Double)])
    /// It was computed from these, in a way that is not told here.
    case unknown(of: [Int])

    /// The tensors that it speaks of.
    public var operands: [Int] {
      switch self {
      case .product(let a, let b, _): [a, b]
      case .elementwise(let of, _), .grouped(_, let of, _, _), .unknown(let of): of
      case .chain(let gradient, let local): [gradient, local]
      case .sum(let of, _, _), .spread(let of, _, _), .moved(let of, _), .same(let of): [of]
      case .update(let before, let of, _, _): [before] + of
      }
    }
  }

  /// One operation that ran, or the rules of one that `backward()` applied.
  public struct Operation {
    /// The parts of a training step.
    public enum Phase: String, Sendable {
      /// From the inputs to the loss.
      case forward
      /// From the loss back to the gradients.
      case backward
      /// From the gradients to new weights.
      case update
    }
    /// A tensor that it made.
    public struct Result {
      /// Its place in `Walkthrough.tensors`.
      public internal(set) var tensor: Int
      /// Of a rule: the input of the forward operation whose gradient it is.
      public let input: Int?
      /// How its elements came about.
      public let explanation: Explanation
    }
    /// The part of the step.
    public let phase: Phase
    /// The operation's name in PyTorch, or the optimizer's.
    public let name: String
    /// Of a rule: the place of the forward operation that it belongs to, in `Step.operations`; nil if that was not seen.
    public let forward: Int?
    /// Whether it is the rules of an operation, and not an operation.
    public let isRule: Bool
    /// Whether it wrote over its first input, which is there as it was before.
    public let writes: Bool
    /// Whether it is an operation on plain numbers, called like a function.
    let isPlain: Bool
    /// What it read; of a rule first the gradient that arrived.
    public let inputs: [Int]
    /// What it made: one tensor, or of a rule one for each input that wanted a gradient.
    public internal(set) var results: [Result]
    /// What a rule does, in words, where there are some.
    public let words: String
    /// The lines of the program that led to it, the innermost first. None where the program was built without them.
    public internal(set) var lines: [SourceLine] = []
    /// The part of a model that it ran in, such as `model.0 (Linear)`.
    public let module: String?
  }

  /// One training step.
  public struct Step {
    /// Its number.
    public let number: Int
    /// All that ran in it, in order.
    public internal(set) var operations: [Operation] = []
    /// The loss that `backward()` started from, or what it was said to be.
    public internal(set) var loss: Double?
  }
}
