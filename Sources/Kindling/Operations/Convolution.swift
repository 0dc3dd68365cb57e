import Kernels

// Convolutions of pictures. With a picture x, a weight w and a gradient dy of the result, everything comes from one sum,
//
//     Σ dy[n, o, r, s] · w[o, i, a, b] · x[n, i, r + a, s + b]
//
// (for a step of 1 and no border). Without its first factor it is the convolution, without the second the gradient of the
// weight, without the third that of the picture. So the three operations below are each other's derivatives.

/// The convolution of pictures with a weight: at each place of a picture, the products of the filter's numbers and those
/// that it lies on, added up over all channels.
///
/// - Parameters:
///   - input: Pictures of shape [n, c, height, width], or one of shape [c, height, width].
///   - weight: A filter for each output channel, of shape [channels, c / groups, rows, columns].
///   - bias: A number added to each output channel.
///   - stride: How far the filter moves from one place to the next.
///   - padding: How many rows and columns of zeros are put around a picture; or `.same`, as many as make the output as large
///     as the picture, or `.valid`, none.
///   - dilation: How far apart the filter's numbers lie.
///   - groups: Into how many groups the channels are divided, each of which has output channels of its own.
/// - Returns: Pictures of shape [n, channels, …], with (size + 2 · padding - dilation · (kernel - 1) - 1) / stride + 1 rows or
///   columns, rounded down.
///
/// float32 and float64. Ends the program where shapes or types do not fit.
public func conv2d(
  _ input: Tensor, _ weight: Tensor, bias: Tensor? = nil, stride: any IntOrPair = 1,
  padding: some ConvolutionPadding = 0, dilation: any IntOrPair = 1, groups: Int = 1
) -> Tensor {
  let options = ConvolutionOptions(stride, padding, dilation, groups, kernel: weight.shape, in: "conv2d")
  let geometry = KernelConvolution(checking: input, weight, bias, options)
  if input.rank == 4 { return Tensor.convolved(input, weight, bias, geometry) }
  return Tensor.convolved(input.unsqueeze(0), weight, bias, geometry).squeeze(0).asOwner()
}

extension Tensor {
  /// y, the convolution of x and w. dx is w convolved with dy the other way, and dw the correlation of x and dy.
  static func convolved(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ geometry: KernelConvolution) -> Tensor {
    let shape = Shape([x.shape[0], w.shape[0], Int(geometry.out.0), Int(geometry.out.1)])
    let y = part(.output, x, w, bias, geometry, shape)
    let hasBias = bias != nil
    return y.recorded("conv2d", [x, w] + (bias.map { [$0] } ?? [])) { dy, saved in
      [
        saved.wants(0) ? transposedConvolved(dy, saved[1], geometry, saved.shape(0)) : nil,
        saved.wants(1) ? correlated(saved[0], dy, geometry, saved.shape(1)) : nil,
        hasBias && saved.wants(2) ? dy.sum(dims: [0, 2, 3]) : nil,
      ]
    }
  }

  /// The gradient of x, of shape `shape`, from that of y: what the convolution has gathered goes back to where it came from.
  private static func transposedConvolved(_ y: Tensor, _ w: Tensor, _ geometry: KernelConvolution, _ shape: Shape)
    -> Tensor
  {
    part(.input, y, w, nil, geometry, shape).recorded(
      "conv2d_input", y, w, { dx, saved in convolved(dx, saved[1], nil, geometry) },
      { dx, saved in correlated(dx, saved[0], geometry, saved.shape(1)) })
  }

  /// The gradient of w, of shape `shape`: what each of its numbers has met, times the gradient of what came out.
  private static func correlated(_ x: Tensor, _ y: Tensor, _ geometry: KernelConvolution, _ shape: Shape) -> Tensor {
    part(.weight, x, y, nil, geometry, shape).recorded(
      "conv2d_weight", x, y, { dw, saved in transposedConvolved(saved[1], dw, geometry, saved.shape(0)) },
      { dw, saved in convolved(saved[0], dw, nil, geometry) })
  }

  private static func part(
    _ part: ConvolutionPart, _ first: Tensor, _ second: Tensor, _ bias: Tensor?, _ geometry: KernelConvolution,
    _ shape: Shape
  ) -> Tensor {
    let out = first.uninitialized(shape, first.dtype)
    if out.elementCount == 0 { return out }
    let (a, b, c) = within { (first.contiguous(), second.contiguous(), bias?.contiguous()) }
    withExtendedLifetime(c) {
      out.backend.convolve(part, geometry, a.operand, b.operand, bias: c?.pointer, into: out.operand)
    }
    return out
  }
}

// MARK: Sizes

/// What moves a filter, with [rows, columns] told apart.
struct ConvolutionOptions {
  let stride: (Int, Int)
  let dilation: (Int, Int)
  let groups: Int
  let padding: BorderSizes

  init(
    _ stride: any IntOrPair, _ padding: some ConvolutionPadding, _ dilation: any IntOrPair, _ groups: Int,
    kernel weight: Shape, in operation: String
  ) {
    if weight.count != 4 {
      fail(operation, "a weight of shape \(weight); it must be [out channels, in channels / groups, rows, columns]")
    }
    if groups < 1 { fail(operation, "\(groups) groups; there must be 1 or more") }
    self.stride = stride.checkedPair("stride", atLeast: 1, in: operation)
    self.dilation = dilation.checkedPair("dilation", atLeast: 1, in: operation)
    self.groups = groups
    let reach = ((weight[2] - 1) * self.dilation.0, (weight[3] - 1) * self.dilation.1)
    self.padding = padding.border(reach: reach, stride: self.stride, in: operation)
  }
}

extension KernelConvolution {
  /// The sizes of a convolution. Ends the program where anything does not fit, before any memory is asked for.
  fileprivate init(checking x: Tensor, _ w: Tensor, _ bias: Tensor?, _ options: ConvolutionOptions) {
    let (size, weight, groups) = (x.shape, w.shape, options.groups)
    KernelConvolution.checkOperands(x, w, bias)
    let channels = size[size.count - 3]
    if weight[0] % groups != 0 || weight[0] < groups {
      fail("conv2d", "\(weight[0]) output channels of a weight of shape \(weight) do not divide into \(groups) groups")
    }
    if channels != weight[1] * groups {
      fail(
        "conv2d",
        "an input of shape \(size) has \(channels) channels, and a weight of shape \(weight) in \(groups) "
          + "group\(groups == 1 ? "" : "s") takes \(weight[1] * groups)")
    }
    self.init()
    batch = size.count == 4 ? Int64(size[0]) : 1
    self.groups = Int64(groups)
    inChannels = Int64(channels)
    outChannels = Int64(weight[0])
    let border = options.padding
    let padded = [size[size.count - 2] + border.total.0, size[size.count - 1] + border.total.1]
    Shape([channels, padded[0], padded[1]]).checkIsPossible(x.dtype, x.device, in: "conv2d")
    func places(_ padded: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int64 {
      let room = padded - (kernel - 1) * dilation - 1
      if kernel == 0 || room < 0 {
        fail(
          "conv2d",
          "a kernel of \(weight[2]) × \(weight[3]) with dilation \(options.dilation) does not fit an input of shape "
            + "\(size), with its padding \(padded) along this dimension; the kernel must not be larger than that")
      }
      return Int64(room / stride + 1)
    }
    out = (
      places(padded[0], weight[2], options.stride.0, options.dilation.0),
      places(padded[1], weight[3], options.stride.1, options.dilation.1)
    )
    (`in`.0, `in`.1) = (Int64(size[size.count - 2]), Int64(size[size.count - 1]))
    kernel = (Int64(weight[2]), Int64(weight[3]))
    stride = (Int64(options.stride.0), Int64(options.stride.1))
    dilation = (Int64(options.dilation.0), Int64(options.dilation.1))
    padding = (Int64(border.before.0), Int64(border.before.1))
  }

  private static func checkOperands(_ x: Tensor, _ w: Tensor, _ bias: Tensor?) {
    x.checkIsPicture("conv2d")
    for other in [w] + (bias.map { [$0] } ?? []) {
      if other.dtype != x.dtype {
        fail("conv2d", "an input of \(x.dtype) and a weight or bias of \(other.dtype); convert one with to(_:)")
      }
      if other.backend !== x.backend { Tensor.failDevices(x, other, "conv2d") }
    }
    if let bias, bias.shape != [w.shape[0]] {
      fail("conv2d", "a bias of shape \(bias.shape) for \(w.shape[0]) output channels; it must be [\(w.shape[0])]")
    }
  }
}
