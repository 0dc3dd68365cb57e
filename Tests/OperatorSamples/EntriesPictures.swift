import Kindling
import KindlingNN

extension Arguments {
  fileprivate func padding(_ place: Int) -> any ConvolutionPadding {
    value(place).text.map { NamedPadding(rawValue: $0)! } ?? ints(place)
  }

  /// The layer with the sample's weight and options; nil where they are none for a layer, and only the function can be asked.
  fileprivate func convolution() -> Conv2d? {
    let (shape, groups) = (self[1].shape, int(6))
    if !self[1].dtype.isFloatingPoint || shape.count != 4 || shape.contains(0) || groups < 1 || shape[0] % groups != 0 {
      return nil
    }
    let layer = Conv2d(
      shape[1] * groups, shape[0], kernelSize: [shape[2], shape[3]], stride: ints(3), padding: padding(4),
      dilation: ints(5), groups: groups, bias: isTensor(2), device: self[1].device, dtype: self[1].dtype)
    layer.weight = parameter(1)
    if isTensor(2) { layer.bias = parameter(2) }
    return layer
  }
}

// Convolutions and pools. Where a layer does the same, it is asked.
extension SampleEntry {
  static func pictures() -> [SampleEntry] {
    [
      SampleEntry(
        "nn.functional.conv2d",
        [
          "conv2d(Tensor, Tensor, bias: Tensor?, stride: any IntOrPair, padding: some ConvolutionPadding, "
            + "dilation: any IntOrPair, groups: Int)", "Conv2d",
        ]
      ) { a in
        guard let layer = a.convolution() else {
          return conv2d(
            a[0], a[1], bias: a.optionalTensor(2), stride: a.ints(3), padding: a.padding(4), dilation: a.ints(5),
            groups: a.int(6))
        }
        return layer(a[0])
      },
      SampleEntry(
        "nn.functional.max_pool2d",
        [
          "maxPool2d(Tensor, kernelSize: any IntOrPair, stride: (any IntOrPair)?, padding: any IntOrPair, "
            + "dilation: any IntOrPair, ceilMode: Bool)", "MaxPool2d",
        ]
      ) { a in
        MaxPool2d(a.ints(1), stride: a.ints(2), padding: a.ints(3), dilation: a.ints(4), ceilMode: a.flag(5))(a[0])
      },
      SampleEntry(
        "nn.functional.avg_pool2d",
        [
          "avgPool2d(Tensor, kernelSize: any IntOrPair, stride: (any IntOrPair)?, padding: any IntOrPair, "
            + "ceilMode: Bool, countIncludePad: Bool, divisorOverride: Int?)", "AvgPool2d",
        ]
      ) { a in
        AvgPool2d(
          a.ints(1), stride: a.ints(2), padding: a.ints(3), ceilMode: a.flag(4), countIncludePad: a.flag(5),
          divisorOverride: a.optionalInt(6))(a[0])
      },
      SampleEntry(
        "nn.functional.adaptive_avg_pool2d",
        ["adaptiveAvgPool2d(Tensor, outputSize: any IntOrPair)", "AdaptiveAvgPool2d"]
      ) { a in AdaptiveAvgPool2d(a.ints(1))(a[0]) },
    ]
  }
}
