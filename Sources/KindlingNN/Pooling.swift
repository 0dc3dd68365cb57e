import Kindling

// Pools as modules. What each computes, and for which sizes, is said at the function of the same name.

/// The largest number of each window of a picture.
public final class MaxPool2d: Module {
  /// How large a window is.
  public let kernelSize: any IntOrPair
  /// How far it moves.
  public let stride: any IntOrPair
  /// How far it may begin before a picture.
  public let padding: any IntOrPair
  /// How far apart the numbers of a window lie.
  public let dilation: any IntOrPair
  /// Whether a last window that hangs over the end counts.
  public let ceilMode: Bool

  /// A pool with windows of that size, which move as far as they are large if nothing is said.
  public init(
    _ kernelSize: any IntOrPair, stride: (any IntOrPair)? = nil, padding: any IntOrPair = 0,
    dilation: any IntOrPair = 1, ceilMode: Bool = false
  ) {
    (self.kernelSize, self.stride, self.padding) = (kernelSize, stride ?? kernelSize, padding)
    (self.dilation, self.ceilMode) = (dilation, ceilMode)
  }

  /// The largest number of each window.
  public override func forward(_ x: Tensor) -> Tensor {
    maxPool2d(x, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// `kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False`.
  public override var extraDescription: String {
    "kernel_size=\(kernelSize.shown), stride=\(stride.shown), padding=\(padding.shown), dilation=\(dilation.shown)"
      + ", ceil_mode=\(ceilMode ? "True" : "False")"
  }
}

/// The mean of each window of a picture.
public final class AvgPool2d: Module {
  /// How large a window is.
  public let kernelSize: any IntOrPair
  /// How far it moves.
  public let stride: any IntOrPair
  /// How many rows and columns of zeros are put around a picture.
  public let padding: any IntOrPair
  /// Whether a last window that hangs over the end counts.
  public let ceilMode: Bool
  /// Whether the zeros around a picture count as elements.
  public let countIncludePad: Bool
  /// What sums are divided by, in the place of the number of elements.
  public let divisorOverride: Int?

  /// A pool with windows of that size, which move as far as they are large if nothing is said.
  public init(
    _ kernelSize: any IntOrPair, stride: (any IntOrPair)? = nil, padding: any IntOrPair = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) {
    (self.kernelSize, self.stride, self.padding) = (kernelSize, stride ?? kernelSize, padding)
    (self.ceilMode, self.countIncludePad, self.divisorOverride) = (ceilMode, countIncludePad, divisorOverride)
  }

  /// The mean of each window.
  public override func forward(_ x: Tensor) -> Tensor {
    avgPool2d(
      x, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }

  /// `kernel_size=2, stride=2, padding=0`.
  public override var extraDescription: String {
    "kernel_size=\(kernelSize.shown), stride=\(stride.shown), padding=\(padding.shown)"
  }
}

/// The means of windows that divide a picture evenly: pictures of any size come out in one.
public final class AdaptiveAvgPool2d: Module {
  /// How many rows and columns come out.
  public let outputSize: any IntOrPair

  /// A pool that makes pictures of that size.
  public init(_ outputSize: any IntOrPair) { self.outputSize = outputSize }

  /// The means.
  public override func forward(_ x: Tensor) -> Tensor { adaptiveAvgPool2d(x, outputSize: outputSize) }

  /// `output_size=1`.
  public override var extraDescription: String { "output_size=\(outputSize.shown)" }
}

extension IntOrPair {
  /// As PyTorch prints it: a number as it is, a pair in brackets.
  fileprivate var shown: String { self is Int ? "\(self)" : "\(rowsAndColumns)" }
}
