import Kindling
import KindlingNN
import TestSupport
import Testing

@Suite struct ConvolutionLayerTests {
  /// Hashes of the bit patterns that torch.nn.Conv2d starts with.
  @Test func conv2dStartsAsPyTorchs() {
    func check(_ seed: Int, _ weight: UInt64, _ bias: UInt64, _ make: () -> Conv2d) {
      manualSeed(seed)
      let layer = make()
      #expect(hash(layer.weight) == weight && hash(layer.bias!) == bias, "\(layer)")
    }
    check(0, 0xd345_8c4b_ed40_04db, 0x0ebb_6202_4c3b_5a68) { Conv2d(1, 6, kernelSize: 5) }
    check(0, 0xec8a_553c_db34_ad4f, 0xea93_d160_2aa3_9b01) { Conv2d(16, 32, kernelSize: 3) }
    check(42, 0xcf49_d71a_7719_7d59, 0x5517_0b31_ccf2_ec9a) { Conv2d(4, 8, kernelSize: [1, 3], groups: 4) }
  }

  private func hash(_ tensor: Tensor) -> UInt64 {
    tensor.toArray(of: Float.self).reduce(1_469_598_103_934_665_603) {
      ($0 ^ UInt64($1.bitPattern)) &* 1_099_511_628_211
    }
  }

  @Test func layersPrintAsPyTorchs() {
    let model = Sequential(
      Conv2d(3, 8, kernelSize: [3, 5], stride: 2, padding: [0, 2], dilation: 2, bias: false),
      Conv2d(8, 8, kernelSize: 3, padding: .same, groups: 4), MaxPool2d(2),
      MaxPool2d([2, 3], stride: 1, padding: [0, 1], dilation: 2, ceilMode: true), AvgPool2d(2, padding: 1),
      AdaptiveAvgPool2d([1, 2]), AdaptiveAvgPool2d(1))
    #expect(
      "\(model)" == """
        Sequential(
          (0): Conv2d(3, 8, kernel_size=(3, 5), stride=(2, 2), padding=(0, 2), dilation=(2, 2), bias=False)
          (1): Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=same, groups=4)
          (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
          (3): MaxPool2d(kernel_size=(2, 3), stride=1, padding=(0, 1), dilation=2, ceil_mode=True)
          (4): AvgPool2d(kernel_size=2, stride=2, padding=1)
          (5): AdaptiveAvgPool2d(output_size=(1, 2))
          (6): AdaptiveAvgPool2d(output_size=1)
        )
        """)
  }

  @Test func aNetworkOfConvolutionsTrains() {
    manualSeed(0)
    let model = Sequential(
      Conv2d(1, 4, kernelSize: 3, padding: 1), ReLU(), MaxPool2d(2), Conv2d(4, 8, kernelSize: 3, padding: 1), ReLU(),
      AdaptiveAvgPool2d(1), Flatten())
    #expect(model.namedParameters().map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
    let x = Tensor.randn(6, 1, 8, 8), y = Tensor.randn(6, 8)
    func step() -> Double {
      let loss = MSELoss()(model(x), y)
      model.zeroGrad()
      loss.backward()
      noGrad { for parameter in model.parameters() { parameter -= 0.1 * parameter.grad! } }
      return loss.item()
    }
    let first = step()
    for _ in 0..<30 { _ = step() }
    #expect(step() < 0.9 * first)
  }

  @Test func refusesGroupsThatDoNotDivide() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Conv2d(3, 4, kernelSize: 3, groups: 2)
    }
    #expect(
      fatalMessage(result)
        == "Conv2d: 3 channels in and 4 out do not divide into 2 groups; all must be 1 or more")
  }
}
