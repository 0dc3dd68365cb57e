import Kindling
import Testing

/// One of PyTorch's operators, and how Kindling does the same.
struct SampleEntry: Sendable, CustomTestStringConvertible {
  /// PyTorch's name, with its variant behind a slash.
  let name: String
  /// The public operations that are called, as `PublicOperations` spells them.
  let covers: [String]
  let precision: Precision
  /// The layouts that can be asked; `view` refuses some.
  let layouts: [Layout]
  /// What Kindling makes of a sample.
  let body: @Sendable (Arguments) -> [Tensor]
  /// The same in place, where there is such an operation: the tensor written to.
  let inPlace: [@Sendable (Arguments) -> Tensor]

  var testDescription: String { name }

  static let all: [SampleEntry] =
    arithmetic() + functions() + reductions() + products() + views() + joining() + indexing() + creation() + losses()
    + normalizations() + pictures() + modules() + optimizers()
}

extension SampleEntry {
  init(
    _ name: String, _ covers: [String], _ precision: Precision = .general, layouts: [Layout] = Layout.allCases,
    inPlace: [@Sendable (Arguments) -> Tensor] = [], _ body: @escaping @Sendable (Arguments) -> Tensor
  ) {
    self.init(
      name: name, covers: covers, precision: precision, layouts: layouts, body: { [body($0)] }, inPlace: inPlace)
  }

  init(
    severalOf name: String, _ covers: [String], _ precision: Precision = .general, layouts: [Layout] = Layout.allCases,
    _ body: @escaping @Sendable (Arguments) -> [Tensor]
  ) {
    self.init(name: name, covers: covers, precision: precision, layouts: layouts, body: body, inPlace: [])
  }
}
