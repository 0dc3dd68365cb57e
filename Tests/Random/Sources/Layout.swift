import Kindling

/// How the elements of an input lie in memory. The values are the same in all.
enum Layout: String, CaseIterable, Codable {
  case inOrder = "in order"
  /// Column by column: the dimensions lie in memory from the last to the first.
  case transposed
  /// Every second place of each dimension of a larger tensor.
  case strided
  /// A part of a larger tensor, from some place on.
  case offset
  /// One place seen many times along a dimension, where the values allow it.
  case expanded
  /// One input after another, each in the next of these.
  case mixed

  /// The layout of the input at that place among all.
  private func own(_ place: Int) -> Layout {
    self == .mixed ? [.transposed, .expanded, .strided, .offset][place % 4] : self
  }

  /// The inputs of a program that this layout expands.
  func expands(_ program: Program) -> Set<Int> {
    Set(
      program.inputs.enumerated().filter { own($0.offset) == .expanded && Layout.constantDimension($0.element) != nil }
        .map(\.element.id))
  }

  /// A leaf with the input's values in this layout.
  func tensor(_ input: Program.Input, at place: Int, on device: Device) -> Tensor {
    let plain = Tensor(input.values, shape: Shape(input.shape), dtype: input.dtype, device: device)
    let laid = noGrad { lay(plain, input, own(place)) }
    return input.requiresGrad ? laid.requiresGrad_() : laid
  }

  private func lay(_ plain: Tensor, _ input: Program.Input, _ layout: Layout) -> Tensor {
    let rank = input.shape.count
    switch layout {
    case .inOrder, .mixed: return plain
    case .transposed where rank > 1:
      let order = Array((0..<rank).reversed())
      return plain.permute(order).clone().permute(order).detach()
    case .strided where rank > 0:
      var larger = Tensor.full(Shape(input.shape.map { 2 * $0 + 1 }), 7, dtype: input.dtype, device: plain.device)
      for d in 0..<rank {
        // Along this dimension the odd places.
        larger = larger.transpose(0, d)[.slice(1, step: 2)].transpose(0, d)
      }
      return larger.copy_(plain).detach()
    case .expanded:
      guard let d = Layout.constantDimension(input) else { return lay(plain, input, .transposed) }
      return plain.narrow(dim: d, start: 0, length: 1).clone().expand(Shape(input.shape)).detach()
    default:
      let line = Tensor.full([input.count + 5], 7, dtype: input.dtype, device: plain.device)
      return line.narrow(dim: 0, start: 3, length: input.count).copy_(plain.flatten()).reshape(Shape(input.shape))
        .detach()
    }
  }

  /// A dimension of at least two places along which nothing changes.
  static func constantDimension(_ input: Program.Input) -> Int? {
    if input.count == 0 { return nil }
    return input.shape.indices.first { d in
      let (size, inner) = (input.shape[d], input.shape[(d + 1)...].reduce(1, *))
      return size > 1
        && input.values.indices.allSatisfy { i in
          input.values[i].bitPattern == input.values[i - (i / inner % size) * inner].bitPattern
        }
    }
  }

  /// How the input is made, for a person to paste.
  func swift(_ input: Program.Input, at place: Int, _ plain: String) -> String {
    let rank = input.shape.count
    switch own(place) {
    case .inOrder, .mixed: return plain
    case .transposed where rank > 1, .expanded where rank > 1 && Layout.constantDimension(input) == nil:
      let order = Array((0..<rank).reversed())
      return "\(plain).permute(\(order)).clone().permute(\(order)).detach()"
    case .strided where rank > 0:
      let parts = (0..<rank).map { $0 == 0 ? ".slice(1, step: 2)" : ".slice(1, step: 2)" }.joined(separator: ", ")
      return
        "Tensor.zeros(\(input.shape.map { 2 * $0 + 1 }), dtype: .\(input.dtype))[\(parts)].copy_(\(plain)).detach()"
    case .expanded where Layout.constantDimension(input) != nil:
      return
        "\(plain).narrow(dim: \(Layout.constantDimension(input)!), start: 0, length: 1).clone().expand(\(input.shape)).detach()"
    default:
      let line =
        "Tensor.zeros(\(input.count + 5), dtype: .\(input.dtype)).narrow(dim: 0, start: 3, length: \(input.count))"
      return "\(line).copy_(\(plain).flatten()).reshape(\(input.shape)).detach()"
    }
  }
}
