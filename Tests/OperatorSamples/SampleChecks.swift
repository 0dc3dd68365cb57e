import Kindling

/// One case of a file: a sample, and what PyTorch made of it.
struct SampleCase {
  let value: Value
  let outputs: [StoredTensor]
  /// For each tensor that gradients were asked of its gradient; nil for one that has none. Nil altogether where no output
  /// can be differentiated.
  let gradients: [[Double]?]?
  /// The derivatives of the weighted sum of the gradients with respect to the same tensors, and to what was given at the
  /// outputs.
  let second: [[Double]?]?
  /// What is not to be compared.
  let exception: Decision.Scope?

  init(_ value: Value, except exception: Decision.Scope? = nil) {
    self.value = value
    self.exception = exception
    outputs = value["outputs"]!.list!.map { StoredTensor($0)! }
    gradients = value["gradients"].map(SampleCase.numbers)
    second = exception == .derivatives ? nil : value["second"].map(SampleCase.numbers)
  }

  private static func numbers(_ value: Value) -> [[Double]?] {
    value.list!.map { $0.list?.map { $0.number! } }
  }

  var origin: String { value["from"]!.text! }

  /// The type that derivatives were computed in: those that passed through a float32 are right to its places.
  var precision: DType {
    let inputs = value["arguments"]!.list!.flatMap { $0.list ?? [$0] }.compactMap { StoredTensor($0)?.dtype }
    return (inputs + outputs.map(\.dtype)).contains(.float32) ? .float32 : .float64
  }
}

extension SampleEntry {
  /// What is wrong with a case in one layout.
  func problems(_ test: SampleCase, _ layout: Layout, on device: Device = .cpu) -> [String] {
    let arguments = Arguments(test.value, layout: layout, on: device, tracked: test.gradients != nil)
    let outputs = body(arguments)
    return valueProblems(outputs, test) + derivativeProblems(outputs, arguments.leaves, test)
      + inPlaceProblems(test, layout, on: device)
  }

  private func valueProblems(_ outputs: [Tensor], _ test: SampleCase) -> [String] {
    if outputs.count != test.outputs.count { return ["expected \(test.outputs.count) tensors, got \(outputs.count)"] }
    if test.exception == .values { return [] }
    return zip(outputs.indices, zip(outputs, test.outputs)).compactMap { place, pair in
      difference(of: pair.0, from: pair.1, precision).map { "output \(place): \($0)" }
    }
  }

  /// Operations in place must leave what the others give, if the tensor can hold it.
  private func inPlaceProblems(_ test: SampleCase, _ layout: Layout, on device: Device) -> [String] {
    guard !inPlace.isEmpty, let first = StoredTensor(test.value["arguments"]!.list![0]) else { return [] }
    let fits = first.dtype == test.outputs[0].dtype && first.expanded == nil && first.shape == test.outputs[0].shape
    if !fits { return [] }
    return inPlace.flatMap { body -> [String] in
      let arguments = Arguments(test.value, layout: layout, on: device, tracked: test.gradients != nil)
      let output = body(arguments)
      return (valueProblems([output], test) + derivativeProblems([output], arguments.leaves, test)).map {
        "in place: \($0)"
      }
    }
  }

  private func derivativeProblems(_ outputs: [Tensor], _ leaves: [Tensor], _ test: SampleCase) -> [String] {
    guard let expected = test.gradients else {
      let tracked = outputs.contains { $0.requiresGrad }
      return tracked ? ["an output requires a gradient, and PyTorch's does not"] : []
    }
    let differentiable = outputs.filter { $0.dtype.isFloatingPoint }
    if !differentiable.contains(where: \.requiresGrad) { return ["no output requires a gradient, and PyTorch's does"] }
    if test.exception == .derivatives { return [] }
    let given = differentiable.map { upstreamGradient($0).requiresGrad_(test.second != nil) }
    let gradients = self.gradients(of: differentiable, wrt: leaves, given: given, createGraph: test.second != nil)
    let problems = zip(leaves.indices, gradients).compactMap { place, gradient in
      // That of a tensor that was broadcast is a sum.
      let isSum = precision.gradients == .ofLargest && gradient.elementCount < outputs[0].elementCount
      let scale = isSum ? .ofOne : precision.gradients
      return test.check(gradient, expected[place], Tolerance.gradient(test.precision), scale).map {
        "gradient of tensor \(place): \($0)"
      }
    }
    guard let second = test.second, problems.isEmpty else { return problems }
    return secondProblems(gradients, of: leaves + given, test, expected, second)
  }

  private func secondProblems(
    _ gradients: [Tensor], of inputs: [Tensor], _ test: SampleCase, _ first: [[Double]?], _ expected: [[Double]?]
  ) -> [String] {
    // What PyTorch has no gradient of is left out of its sum, and is 0 here.
    let weighted = zip(gradients, first).filter { $1 != nil && $0.requiresGrad }.map {
      ($0.0 * upstreamGradient($0.0)).sum()
    }
    guard let sum = weighted.dropFirst().reduce(weighted.first, { $0! + $1 }) else {
      return expected.contains { $0?.contains { $0 != 0 } ?? false } ? ["the gradients have no history"] : []
    }
    return zip(expected.indices, grad(of: sum, wrt: inputs)).compactMap { place, derivative in
      test.check(derivative, expected[place], Tolerance.second(test.precision), .ofOne).map {
        "second derivative by tensor \(place): \($0)"
      }
    }
  }

  private func gradients(of outputs: [Tensor], wrt leaves: [Tensor], given: [Tensor], createGraph: Bool) -> [Tensor] {
    if outputs.count == 1 {
      return grad(of: outputs[0], wrt: leaves, gradient: given[0], createGraph: createGraph)
    }
    // As one number, whose gradient is that of all outputs.
    let total = zip(outputs, given).map { ($0 * $1).sum().to(.float64) }.reduce(Tensor(0.0, dtype: .float64), +)
    return grad(of: total, wrt: leaves, createGraph: createGraph)
  }
}

extension SampleCase {
  /// What keeps a derivative from being PyTorch's. Where PyTorch has none it is 0.
  fileprivate func check(
    _ got: Tensor, _ expected: [Double]?, _ tolerance: Double, _ scale: Precision.Scale
  ) -> String? {
    let got = got.toArray()
    var numbers = expected ?? [Double](repeating: 0, count: got.count)
    if exception == .derivativesThatAreNaN && numbers.count == got.count {
      numbers = zip(numbers, got).map { $0.isNaN ? $1 : $0 }
    }
    return difference(of: got, from: numbers, tolerance, scale)
  }
}

/// The gradient handed in at an output: multiples of an eighth, never 0. Tests/Reference/tables/inputs.py has the same line.
private func upstreamGradient(_ output: Tensor) -> Tensor {
  let numbers = (0..<output.elementCount).map { (Double((7 * $0) % 11) - 5.5) / 4 }
  return Tensor(numbers, shape: output.shape, dtype: output.dtype).to(output.device)
}
