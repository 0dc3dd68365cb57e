import Kindling

/// A convolution: filters go over pictures, and each output channel is what one of them finds, at every place.
///
/// A picture of shape [n, inChannels, height, width] becomes one of shape [n, outChannels, …]; see `conv2d` for its size.
/// Without n it is one picture.
public final class Conv2d: Module {
  /// The filters, of shape [outChannels, inChannels / groups, rows, columns].
  public var weight: Parameter
  /// A number for each output channel, unless the layer was made without.
  public var bias: Parameter?

  /// How far a filter moves from one place to the next.
  public let stride: any IntOrPair
  /// What is put around a picture.
  public let padding: any ConvolutionPadding
  /// How far apart a filter's numbers lie.
  public let dilation: any IntOrPair
  /// Into how many groups the channels are divided.
  public let groups: Int

  /// How many channels the input has.
  public var inChannels: Int { weight.shape[1] * groups }
  /// How many channels the output has.
  public var outChannels: Int { weight.shape[0] }

  /// A layer with PyTorch's first numbers for the same seed: weight, then bias, evenly distributed in
  /// ±1/√(inChannels / groups · rows · columns).
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: any IntOrPair, stride: any IntOrPair = 1,
    padding: some ConvolutionPadding = 0, dilation: any IntOrPair = 1, groups: Int = 1, bias: Bool = true,
    device: Device = .cpu, dtype: DType = .float32
  ) {
    if groups < 1 || inChannels < 1 || outChannels < 1 || inChannels % groups != 0 || outChannels % groups != 0 {
      fail(
        "Conv2d",
        "\(inChannels) channels in and \(outChannels) out do not divide into \(groups) groups; all must be 1 or more")
    }
    let (rows, columns) = kernelSize.rowsAndColumns
    if rows < 1 || columns < 1 { fail("Conv2d", "a kernel of \(rows) × \(columns); sizes must be 1 or more") }
    let shape: Shape = [outChannels, inChannels / groups, rows, columns]
    shape.checkIsPossible(dtype, device, in: "Conv2d")
    let weight = Tensor.zeros(shape, dtype: dtype, device: device)
    // As in Linear, √5 stands for ±1/√fan in.
    Init.kaimingUniform_(weight, a: 5.0.squareRoot())
    self.weight = Parameter(weight)
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
    guard bias else { return }
    let bound = 1 / (Double(inChannels / groups) * Double(rows) * Double(columns)).squareRoot()
    self.bias = Parameter(Tensor.zeros(outChannels, dtype: dtype, device: device).uniform_(from: -bound, to: bound))
  }

  /// The convolution of the pictures and the weight, and the bias.
  public override func forward(_ x: Tensor) -> Tensor {
    conv2d(x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  override func members() -> [NamedMember] {
    let weight = ("weight", Member.parameter(weight))
    return bias.map { [weight, ("bias", .parameter($0))] } ?? [weight]
  }

  /// `3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)`.
  public override var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernel_size=(\(weight.shape[2]), \(weight.shape[3]))"
    text += ", stride=\(stride.rowsAndColumns)"
    if let named = padding as? NamedPadding { text += ", padding=\(named.rawValue)" }
    if let pair = (padding as? any IntOrPair)?.rowsAndColumns, pair != (0, 0) { text += ", padding=\(pair)" }
    if dilation.rowsAndColumns != (1, 1) { text += ", dilation=\(dilation.rowsAndColumns)" }
    if groups != 1 { text += ", groups=\(groups)" }
    return bias == nil ? text + ", bias=False" : text
  }
}
