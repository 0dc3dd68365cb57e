import Kindling
import KindlingDataFiles

/// Samples and the class of each, with names for people.
public struct LabelledData {
  /// The samples, float32: images as [n, 1, height, width] with pixels from 0 to 1, others as [n, features].
  public var x: Tensor
  /// The number of each sample's class, int64, [n].
  public var y: Tensor
  /// What the classes are called, in the order of their numbers.
  public var classNames: [String]
  /// What the features are called; empty for images.
  public var featureNames: [String]

  /// Samples of your own.
  public init(x: Tensor, y: Tensor, classNames: [String], featureNames: [String] = []) {
    (self.x, self.y, self.classNames, self.featureNames) = (x, y, classNames, featureNames)
  }

  /// The samples and their classes as pairs.
  public var dataset: TensorDataset { TensorDataset(x, y) }

  /// How many samples there are.
  public var count: Int { x.shape[0] }

  // MARK: Built in

  /// 1,797 handwritten digits, images of 8 × 8 pixels: x is [1797, 1, 8, 8].
  ///
  /// Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, CC BY 4.0.
  public static func digits() -> LabelledData {
    builtIn {
      let images = try IDX.tensor(
        from: UnsafeRawBufferPointer(start: digitsImages, count: digitsImagesByteCount), dtype: .float32)
      let labels = try IDX.tensor(from: UnsafeRawBufferPointer(start: digitsLabels, count: digitsLabelsByteCount))
      let white = 16.0
      return LabelledData(x: images.unsqueeze(1) / white, y: labels, classNames: (0..<10).map(String.init))
    }
  }

  /// 150 irises of three species, by four lengths in cm: x is [150, 4].
  ///
  /// Source: R. A. Fisher, "Iris", UCI, CC BY 4.0.
  public static func iris() -> LabelledData {
    builtIn {
      try table(
        UnsafeBufferPointer(start: irisTable, count: irisTableByteCount), ["setosa", "versicolor", "virginica"])
    }
  }

  /// 178 wines of three growers, by 13 measurements: x is [178, 13].
  ///
  /// Source: S. Aeberhard and M. Forina, "Wine", UCI, CC BY 4.0.
  public static func wine() -> LabelledData {
    builtIn {
      try table(UnsafeBufferPointer(start: wineTable, count: wineTableByteCount), ["grower 1", "grower 2", "grower 3"])
    }
  }

  /// What is built into the program cannot be damaged.
  private static func builtIn(_ read: () throws -> LabelledData) -> LabelledData {
    do { return try read() } catch { fail("LabelledData", "\(error)") }
  }

  /// A table whose last column is the class.
  private static func table(_ text: some Collection<UInt8>, _ classNames: [String]) throws -> LabelledData {
    let table = try CSV.table(from: text)
    let features = table.values.shape[1] - 1
    return LabelledData(
      x: table.values.narrow(dim: 1, start: 0, length: features).contiguous(),
      y: table.values.select(dim: 1, index: features).to(.int64), classNames: classNames,
      featureNames: Array(table.names.dropLast()))
  }

  // MARK: MNIST and its kind

  /// The classes of Fashion-MNIST.
  public static let fashionClasses = [
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
  ]

  /// Reads a folder of MNIST's four files: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
  /// `t10k-labels-idx1-ubyte`, compressed with gzip (`.gz`) or not.
  ///
  /// - Parameters:
  ///   - folder: Where they are.
  ///   - classNames: What the classes are called; by their numbers if nil.
  /// - Throws: `KindlingError` where a file is missing or damaged, or where the files do not fit each other.
  public static func mnist(
    folder: String, classNames: [String]? = nil
  ) throws -> (training: LabelledData, test: LabelledData) {
    var training = try part("train", of: folder)
    var test = try part("t10k", of: folder)
    if !training.x.shape.dropFirst().elementsEqual(test.x.shape.dropFirst()) {
      throw KindlingError(
        "\(folder): training images of shape \(training.x.shape) and test images of shape \(test.x.shape) differ in size"
      )
    }
    let classCount = 1 + max(training.y.max().item(as: Int.self), test.y.max().item(as: Int.self))
    let names = classNames ?? (0..<classCount).map(String.init)
    if classCount > names.count {
      throw KindlingError("\(folder): there is a label \(classCount - 1), and there are \(names.count) classes")
    }
    (training.classNames, test.classNames) = (names, names)
    return (training, test)
  }

  private static func part(_ name: String, of folder: String) throws -> LabelledData {
    let (imagesPath, labelsPath) = (
      try path("\(name)-images", "idx3-ubyte", in: folder), try path("\(name)-labels", "idx1-ubyte", in: folder)
    )
    let labels = try IDX.read(labelsPath, dtype: .int64)
    if labels.rank != 1 || labels.elementCount == 0 || labels.min().item() < 0 {
      throw KindlingError("\(labelsPath): shape \(labels.shape), and labels from 0 on, [n], are expected")
    }
    let images = try IDX.read(imagesPath, dtype: .float32)
    if images.rank != 3 || images.shape[0] != labels.shape[0] || images.elementCount == 0 {
      throw KindlingError(
        "\(imagesPath): shape \(images.shape), and [n, height, width] is expected, with n = \(labels.shape[0]) as in "
          + labelsPath)
    }
    let white = 255.0
    return LabelledData(x: images.unsqueeze(1) / white, y: labels, classNames: [])
  }

  /// The file of one of the names that it goes by.
  private static func path(_ start: String, _ kind: String, in folder: String) throws -> String {
    let names = ["\(start)-\(kind)", "\(start)-\(kind).gz", "\(start).\(kind)", "\(start).\(kind).gz"]
    let paths = names.map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    if let path = paths.first(where: { FileAccess.exists($0) }) { return path }
    throw KindlingError("\(folder): there is no \(names[0]) or \(names[1]); a folder of MNIST's four files is expected")
  }
}
