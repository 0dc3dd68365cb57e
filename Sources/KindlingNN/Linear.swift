import Kindling

/// y = x Wᵀ + b: each output is a weighted sum of all inputs, plus a number of its own.
///
/// The input has any number of dimensions, the last of them of size `inFeatures`; in the output it has size `outFeatures`.
public final class Linear: Module {
  /// W, of shape [outFeatures, inFeatures].
  public var weight: Parameter
  /// b, of shape [outFeatures], unless the layer was made without.
  public var bias: Parameter?

  /// The size of the input's last dimension.
  public var inFeatures: Int { weight.shape[1] }
  /// The size of the output's last dimension.
  public var outFeatures: Int { weight.shape[0] }

  /// A layer with PyTorch's first numbers for the same seed: weight, then bias, evenly distributed in ±1/√inFeatures.
  public init(
    _ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, device: Device = .cpu, dtype: DType = .float32
  ) {
    if inFeatures < 0 || outFeatures < 0 {
      fail("Linear", "\(inFeatures) inputs and \(outFeatures) outputs; sizes cannot be negative")
    }
    Shape([outFeatures, inFeatures]).checkIsPossible(dtype, device, in: "Linear")
    let weight = Tensor.zeros(outFeatures, inFeatures, dtype: dtype, device: device)
    // √5 stands for ±1/√inFeatures once the factors of He's rule are worked out; PyTorch has it so, to the last bit.
    Init.kaimingUniform_(weight, a: 5.0.squareRoot())
    self.weight = Parameter(weight)
    guard bias else { return }
    let bound = inFeatures > 0 ? 1 / Double(inFeatures).squareRoot() : 0
    self.bias = Parameter(Tensor.zeros(outFeatures, dtype: dtype, device: device).uniform_(from: -bound, to: bound))
  }

  /// x Wᵀ + b.
  public override func forward(_ x: Tensor) -> Tensor {
    if x.rank == 0 || x.size(-1) != inFeatures {
      fail(
        "Linear",
        "an input of shape \(x.shape) does not fit a layer of \(inFeatures) inputs: its last dimension must have that size"
      )
    }
    return bias.map { x.matmul(weight.t(), plus: $0) } ?? x.matmul(weight.t())
  }

  override func members() -> [NamedMember] {
    let weight = ("weight", Member.parameter(weight))
    return bias.map { [weight, ("bias", .parameter($0))] } ?? [weight]
  }

  /// `in_features=784, out_features=100, bias=True`.
  public override var extraDescription: String {
    "in_features=\(inFeatures), out_features=\(outFeatures), bias=\(bias == nil ? "False" : "True")"
  }
}
