import ExerciseKit

// What Tests/run puzzle asks of this program, once the kernels that are to be checked have been compiled.

@main
struct Main {
  static func main() throws {
    try Program.main([
      .map, .guarded, .twoDimensions, .broadcast, .blockSum, .gridSum, .convolution, .prefixSum, .softmax, .transpose,
      .product, .histogram,
    ])
  }
}
