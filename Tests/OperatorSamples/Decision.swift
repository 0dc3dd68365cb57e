/// Where Kindling does otherwise than PyTorch, and means to: of these samples something is not compared.
struct Decision: Sendable {
  /// What is not compared.
  enum Scope: Sendable {
    case everything
    case values
    case derivatives
    /// Derivatives that are NaN in PyTorch.
    case derivativesThatAreNaN
  }

  /// PyTorch's names.
  let entries: [String]
  let scope: Scope
  let reason: String
  let matches: @Sendable (Value) -> Bool

  /// The decision that a sample falls under, if there is one.
  static func of(_ entry: String, _ sample: Value) -> Decision? {
    all.first { $0.entries.contains(entry) && $0.matches(sample) }
  }

  static let all: [Decision] = [
    Decision(
      entries: [
        "softmax", "log_softmax", "norm", "norm/fro", "norm/inf", "linalg.vector_norm", "dist", "nn.functional.silu",
        "nn.functional.gelu", "nn.functional.leaky_relu", "nn.functional.softplus", "nn.functional.smooth_l1_loss",
        "nn.functional.cross_entropy", "nn.functional.binary_cross_entropy_with_logits",
        "nn.functional.binary_cross_entropy", "nn.functional.huber_loss", "nn.functional.kl_div",
      ], scope: .everything,
      reason: "integers and bools become float32 in every function of real numbers, and not in some of them"
    ) { refuses($0, "int64") || refuses($0, "bool") },
    Decision(
      entries: [
        "abs", "floor", "ceil", "round", "trunc", "clamp", "remainder", "__rmod__", "div/floor_rounding",
        "nn.functional.relu", "argmax", "argmin", "pow", "__rpow__",
      ], scope: .everything, reason: "bools are the integers 0 and 1 in arithmetic, as in PyTorch's sums and products"
    ) { refuses($0, "bool") },
    Decision(
      entries: ["arange"], scope: .everything,
      reason: "a range that ends before it starts is empty, as with Swift's stride(from:to:by:) and Python's range"
    ) { $0["error"]?.text?.hasPrefix("upper bound and lower bound") ?? false },
    Decision(
      entries: ["nn.functional.nll_loss"], scope: .everything,
      reason: "picking numbers and adding them up is arithmetic, and integers have it"
    ) { refuses($0, "int64") },
    Decision(
      entries: ["slice_scatter"], scope: .everything, reason: "what is assigned to a subscript is broadcast"
    ) { $0["error"]?.text?.hasPrefix("expected src to have a size") ?? false },
    Decision(
      entries: ["prod"], scope: .derivatives,
      reason: "the gradient is the product of the others; PyTorch divides, and infinity by itself is not a number"
    ) { origin($0).hasPrefix("extreme") },
    Decision(
      entries: ["__rdiv__"], scope: .derivatives,
      reason: "PyTorch takes 1 / x times y there, and the square of 1e-30 is 0 in float32"
    ) { origin($0).hasPrefix("extreme") },
    Decision(
      entries: ["norm", "norm/fro", "linalg.vector_norm", "dist", "std", "std/unbiased"], scope: .derivativesThatAreNaN,
      reason: "second derivatives of norms and spreads at 0 are finite; PyTorch divides 0 by 0"
    ) { !origin($0).hasPrefix("extreme") },
    Decision(
      entries: ["norm", "norm/fro", "linalg.vector_norm", "dist"], scope: .derivativesThatAreNaN,
      reason: "an element that is 0 has the derivative 0, also beside infinities; PyTorch multiplies it by NaN"
    ) { origin($0).hasPrefix("extreme, of all kinds") },
    Decision(
      entries: ["remainder", "__rmod__"], scope: .values,
      reason:
        "the rest of 1e30 is computed to the end; PyTorch's vectors give NaN where the quotient is too large for them"
    ) { origin($0).hasPrefix("extreme") },
    Decision(
      entries: ["clamp"], scope: .values,
      reason: "of an element and a bound that are 0 and -0 it is the element; in PyTorch the vector decides"
    ) { ["special", "extreme"].contains(String(origin($0).prefix { $0 != "," })) && hasTensor($0, from: 1) },
    Decision(
      entries: ["nn.functional.binary_cross_entropy"], scope: .derivatives,
      reason: "PyTorch's second derivative adds 1e-12 to what it divides by, and its first loses digits near 1"
    ) { ["sample 3, again", "sample 4, again", "sample 5, again"].contains(origin($0)) },
    Decision(
      entries: ["addmm"], scope: .values,
      reason: "the product is made, and then added; of -0 and 0 PyTorch's library keeps the one or the other"
    ) { origin($0).hasPrefix("zeros of both signs") },
    Decision(
      entries: ["einsum"], scope: .values,
      reason: "a sum of products begins with 0, which -0 leaves as it is; of one product PyTorch makes no sum"
    ) { origin($0).hasPrefix("zeros of both signs") },
    Decision(
      entries: ["nn.functional.layer_norm"], scope: .derivatives,
      reason: "one number less its mean is 0; PyTorch's is what rounding leaves of it"
    ) { ["sample 2", "sample 2, again"].contains(origin($0)) },
    Decision(
      entries: ["nn.functional.layer_norm"], scope: .values,
      reason: "the weight times -0 is -0, to which nothing is added where there is no bias; PyTorch adds 0"
    ) { origin($0).hasPrefix("zeros of both signs") },
    Decision(
      entries: ["nn.functional.kl_div"], scope: .derivativesThatAreNaN,
      reason: "where a target is 0 its gradient is 0, as the loss is; PyTorch divides 0 by 0"
    ) { origin($0).contains("zeros") },
    Decision(
      entries: ["logsumexp"], scope: .derivativesThatAreNaN,
      reason: "where all numbers are -∞ the gradient is 0; PyTorch takes -∞ from -∞"
    ) { origin($0).hasPrefix("extreme, minus infinity") },
    Decision(
      entries: ["nn.functional.binary_cross_entropy_with_logits"], scope: .values,
      reason: "a confident answer that is right has a small loss; PyTorch's is 0 or has lost its digits"
    ) { origin($0).hasPrefix("added") },
    Decision(
      entries: ["nn.functional.binary_cross_entropy_with_logits"], scope: .derivatives,
      reason: "a target of -∞ is no probability, and 0 times infinity is NaN in a rule that is right for probabilities"
    ) { origin($0).hasPrefix("extreme, minus infinity") },
  ]

  /// Whether one of the arguments from this place on is a tensor.
  private static func hasTensor(_ sample: Value, from place: Int) -> Bool {
    guard case .list(let arguments) = sample["arguments"] else { return false }
    return arguments.dropFirst(place).contains { $0["shape"] != nil }
  }

  private static func origin(_ sample: Value) -> String { sample["from"]!.text! }

  /// Whether a sample is one of an element type that PyTorch's operator does not take.
  private static func refuses(_ sample: Value, _ dtype: String) -> Bool {
    sample["error"] != nil && origin(sample).hasPrefix(dtype + ", ")
  }
}
