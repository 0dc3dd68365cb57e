#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// print(tensor), letter for letter as PyTorch prints it: the same rounding, columns, line breaks and elision, and also the
// same words (`dtype=torch.float64`), so that what a program prints can be held against its Python twin with `diff`.

extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The tensor as PyTorch prints it, such as `tensor([1.0000, 2.5000], requires_grad=True)`.
  public var description: String { formatted() }

  /// The same as `description`.
  public var debugDescription: String { formatted() }

  /// The tensor as PyTorch prints it under `torch.set_printoptions`.
  ///
  /// - Parameters:
  ///   - precision: Digits behind the point, at most 1,074; no number has more.
  ///   - threshold: A tensor of more elements is shown in part.
  ///   - edgeItems: How many places are then shown at each end of a dimension; at least 1.
  ///   - lineWidth: How many characters a line may have.
  public func formatted(precision: Int = 4, threshold: Int = 1000, edgeItems: Int = 3, lineWidth: Int = 80)
    -> String
  {
    let isElided = elementCount > threshold
    let shown = noGrad { isElided ? edges(Swift.max(edgeItems, 1)) : detach() }
    let lineWidth = Swift.max(lineWidth, 0)
    let (cells, width) = shown.cells(precision: Swift.min(Swift.max(precision, 0), 1074))
    let body = TensorText(
      cells: cells, width: width, sizes: Array(shape), shownSizes: Array(shown.shape), lineWidth: lineWidth)
    let name = type(of: self) == Tensor.self ? "" : "\(type(of: self)) containing:\n"
    return name + withSuffixes("tensor(" + body.text(indent: 7), lineWidth: lineWidth)
  }

  /// The first and last `count` places of each dimension.
  private func edges(_ count: Int) -> Tensor {
    (0..<rank).reduce(detach()) { part, d in
      (shape[d] + 1) / 2 <= count
        ? part
        : cat(
          [part.narrow(dim: d, start: 0, length: count), part.narrow(dim: d, start: shape[d] - count, length: count)],
          dim: d)
    }
  }

  /// What stands behind the elements, each on the last line if it still fits there.
  private func withSuffixes(_ text: String, lineWidth: Int) -> String {
    var suffixes: [String] = []
    if device != .cpu { suffixes.append("device='\(device)'") }
    if elementCount == 0 && rank != 1 {
      suffixes.append("size=(" + shape.map(String.init).joined(separator: ", ") + ")")
    }
    // Where there are elements, those of float32, int64 and bool can be told apart.
    let isTold = dtype == .float64 || dtype == .int32 || (elementCount == 0 && dtype != .float32)
    if isTold { suffixes.append("dtype=torch.\(dtype)") }
    if let node {
      suffixes.append("grad_fn=<\(node.printedName)>")
    } else if requiresGrad {
      suffixes.append("requires_grad=True")
    }

    var result = text
    // PyTorch counts 2 more than there are.
    var lastLine = 2 + (text.split(separator: "\n", omittingEmptySubsequences: false).last?.count ?? 0)
    for suffix in suffixes {
      if lastLine + suffix.count + 2 > lineWidth {
        result += ",\n       " + suffix
        lastLine = 7 + suffix.count
      } else {
        result += ", " + suffix
        lastLine += suffix.count + 2
      }
    }
    return result + ")"
  }

  /// The elements as text, padded to one width. Only zeros, infinities and NaNs may be wider.
  private func cells(precision: Int) -> (cells: [String], width: Int) {
    let cells: [String]
    var width = 1
    switch dtype {
    case .bool:
      cells = toArray(of: Bool.self).map { $0 ? "True" : "False" }
      width = cells.map(\.count).max() ?? 1
    case .int32, .int64:
      cells = toArray(of: Int.self).map(String.init)
      width = cells.map(\.count).max() ?? 1
    case .float32, .float64:
      let values = toArray()
      let style = NumberStyle(for: values, precision: precision)
      cells = values.map(style.text)
      // Zeros, infinities and NaNs do not count for the width.
      for (value, cell) in zip(values, cells) where value.isFinite && value != 0 {
        width = Swift.max(width, cell.count)
      }
    }
    return (cells.map { String(repeating: " ", count: Swift.max(0, width - $0.count)) + $0 }, width)
  }
}

/// How the numbers of one tensor are written, all alike.
private struct NumberStyle {
  private let precision: Int
  private let isScientific: Bool
  private let isWhole: Bool

  /// The rule of PyTorch: scientific where the sizes differ much, or are very large or small; without digits behind the point
  /// where there are none.
  init(for values: [Double], precision: Int) {
    let sizes = values.filter { $0.isFinite && $0 != 0 }.map { Swift.abs($0) }
    let (smallest, largest) = (sizes.min() ?? 1, sizes.max() ?? 1)
    isScientific = largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4
    isWhole = sizes.allSatisfy { $0 == $0.rounded(.up) }
    self.precision = precision
  }

  func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if isScientific { return printed("%.*e", value, precision) }
    return isWhole ? printed("%.*f", value, 0) + "." : printed("%.*f", value, precision)
  }

}

/// The elements in brackets, line by line.
private struct TensorText {
  let cells: [String]
  /// What PyTorch takes for the width of each.
  let width: Int
  let sizes: [Int]
  /// The sizes of what `cells` has: smaller than `sizes` where the middle is left out.
  let shownSizes: [Int]
  let lineWidth: Int

  func text(indent: Int) -> String {
    if cells.isEmpty { return "[]" }
    return sizes.isEmpty ? cells[0] : block(dimension: 0, cells: cells[...], indent: indent)
  }

  private func block(dimension: Int, cells: ArraySlice<String>, indent: Int) -> String {
    let isLast = dimension == sizes.count - 1
    let count = shownSizes[dimension]
    let step = cells.count / count
    var parts = (0..<count).map { i -> String in
      let part = cells[(cells.startIndex + i * step)...].prefix(step)
      return isLast ? part[part.startIndex] : block(dimension: dimension + 1, cells: part, indent: indent + 1)
    }
    if count < sizes[dimension] { parts.insert(isLast ? " ..." : "...", at: count / 2) }
    let margin = String(repeating: " ", count: indent + 1)
    if isLast {
      let perLine = Swift.max(1, (lineWidth - indent) / (width + 2))
      let lines = stride(from: 0, to: parts.count, by: perLine).map {
        parts[$0...].prefix(perLine).joined(separator: ", ")
      }
      return "[" + lines.joined(separator: ",\n" + margin) + "]"
    }
    // An empty line more for each dimension further out.
    let lineBreaks = String(repeating: "\n", count: sizes.count - dimension - 1)
    return "[" + parts.joined(separator: "," + lineBreaks + margin) + "]"
  }
}

extension Node {
  /// PyTorch's name for the derivative of an operation: "masked_fill" is `MaskedFillBackward0`.
  fileprivate var printedName: String {
    let words = "\(name)".split(separator: "_")
    return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Backward0"
  }
}
