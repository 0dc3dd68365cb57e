import ExerciseKit

// What Tests/run exercise asks of this program, once it has been built with the files that are to be checked.

@main
struct Main {
  static func main() throws {
    try Program.main([
      .linearGradient, .mish, .topologicalOrder, .residualBlock, .adam, .transpose, .storage, .broadcasting,
      .matrixProduct, .backward, .trainingLoop, .convolution, .momentum,
    ])
  }
}
