import DigitsData
import Kindling

/// The handwritten digits that are built into the lessons: 1,797 images of 8 × 8 grey pixels, and what they show.
enum Digits {
  static let count = 1797
  /// The brightest pixel.
  private static let white = 16.0

  /// The first `samples` images, pixels scaled to 0…1, [samples, 64], and their labels as rows of ten numbers that are 1
  /// at the digit and 0 elsewhere, [samples, 10]. Both float32.
  static func load(samples: Int) throws -> (x: Tensor, y: Tensor) {
    let images = try IDX.tensor(
      from: UnsafeRawBufferPointer(start: digitsImages, count: digitsImagesByteCount), name: "the built-in images")
    let labels = try IDX.tensor(
      from: UnsafeRawBufferPointer(start: digitsLabels, count: digitsLabelsByteCount), name: "the built-in labels")
    let x = images[0..<samples].to(.float32).reshape(samples, 64) / white
    let y = labels[0..<samples].to(.int64).oneHot(numClasses: 10).to(.float32)
    return (x, y)
  }
}
