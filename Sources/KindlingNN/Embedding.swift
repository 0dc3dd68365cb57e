import Kindling

/// A table that is learnt: a row of numbers for each index, in the place of the index.
///
/// The input is indices, int64, of any shape; the output has one dimension more, of size `embeddingDim`.
public final class Embedding: Module {
  /// The table, of shape [numEmbeddings, embeddingDim].
  public var weight: Parameter
  /// A row that is not learnt and begins as zeros: it stands for nothing, such as the rest of a sentence that is short.
  public let paddingIndex: Int?

  /// How many rows there are.
  public var numEmbeddings: Int { weight.shape[0] }
  /// How many numbers a row has.
  public var embeddingDim: Int { weight.shape[1] }

  /// A table with PyTorch's first numbers for the same seed: normally distributed, of mean 0 and deviation 1. The row of
  /// `paddingIndex`, which counts from the end if negative, is 0.
  public init(
    _ numEmbeddings: Int, _ embeddingDim: Int, paddingIndex: Int? = nil, device: Device = .cpu, dtype: DType = .float32
  ) {
    if numEmbeddings < 0 || embeddingDim < 0 {
      fail("Embedding", "\(numEmbeddings) rows of \(embeddingDim) numbers; sizes cannot be negative")
    }
    self.paddingIndex = paddingIndex.map { Tensor.checkedPadding($0, rows: numEmbeddings, in: "Embedding") }
    let table = Tensor.randn(numEmbeddings, embeddingDim, dtype: dtype, device: device)
    if let padding = self.paddingIndex { table[padding].zero_() }
    weight = Parameter(table)
  }

  /// The rows that the indices name.
  public override func forward(_ x: Tensor) -> Tensor { x.embedding(weight, paddingIndex: paddingIndex) }

  override func members() -> [NamedMember] { [("weight", .parameter(weight))] }

  /// `10, 3, padding_idx=0`.
  public override var extraDescription: String {
    "\(numEmbeddings), \(embeddingDim)" + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
  }
}
