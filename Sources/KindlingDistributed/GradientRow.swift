import Kindling
import KindlingNN

/// The gradients of all parameters of one type, one after the other, so that a single call adds them up over all processes.
///
/// Behind them stands a number for each parameter: in how many processes it got a gradient.
final class GradientRow {
  private let parameters: [(name: String, parameter: Parameter)]
  /// Where each parameter's numbers begin, and after the last one, where the counts do.
  private let places: [Int]
  /// The row, on the CPU: [numbers of all parameters + count of parameters].
  let numbers: Tensor
  /// The parameters that got no gradient when the row was last collected.
  private(set) var unused: [String] = []

  private init(_ parameters: [(name: String, parameter: Parameter)], _ dtype: DType) {
    self.parameters = parameters
    places = parameters.reduce(into: [0]) { $0.append($0.last! + $1.parameter.elementCount) }
    numbers = Tensor.zeros([places.last! + parameters.count], dtype: dtype)
  }

  /// A row for each type.
  static func rows(_ parameters: [(name: String, parameter: Parameter)]) -> [GradientRow] {
    [DType.float32, .float64].compactMap { dtype in
      let ofType = parameters.filter { $0.parameter.dtype == dtype && $0.parameter.requiresGrad }
      return ofType.isEmpty ? nil : GradientRow(ofType, dtype)
    }
  }

  private func part(_ i: Int) -> Tensor { numbers[places[i]..<places[i + 1]] }
  private func count(_ i: Int) -> Tensor { numbers[places[parameters.count] + i] }

  /// Takes the gradients from the parameters, and lays them into the row; or, if they are not the first of a step, adds them to
  /// what lies there.
  func collect(isFirst: Bool) {
    if isFirst { numbers.zero_() }
    unused = []
    for (i, (name, parameter)) in parameters.enumerated() {
      guard let gradient = parameter.grad else {
        unused.append(name)
        continue
      }
      let values = gradient.to(.cpu).flatten()
      if isFirst { part(i).copy_(values) } else { part(i).add_(values) }
      count(i).add_(1)
      parameter.grad = nil
    }
  }

  /// Gives the parameters what lies in the row, divided by a number.
  func handOut(dividedBy divisor: Int) {
    if divisor > 1 { numbers[0..<places[parameters.count]].div_(Double(divisor)) }
    let counts = numbers[places[parameters.count]...].toArray()
    for (i, (_, parameter)) in parameters.enumerated() where counts[i] > 0 {
      parameter.grad = part(i).view(parameter.shape).clone().to(parameter.device)
    }
  }
}
