// What is asked of every row of an operation table, on any device. Each check gives back what is wrong, in sentences.

import Kindling
import TestSupport

extension Operation {
  var cases: [ReferenceCase] { OperationTable.referenceCases[reference]?[name] ?? [] }

  /// gelu is a difference from 1 in PyTorch and right to the last places of 1; derivatives too are made of such
  /// differences, and of sums over what was broadcast.
  private var scale: Scale {
    reference == "elementwise.json" && !name.contains("gelu") ? .fixed(1e-2) : .ofLargest
  }

  /// The values against PyTorch's, type and shape included.
  func checkValues(on device: Device, _ tolerance: Tolerance) -> [String] {
    cases.compactMap { test in
      let output = body(test.inputs.map { $0.tensor(on: device) })
      return difference(of: output, from: test.output, tolerance, scale).map { "\(describe(test)): \($0)" }
    }
  }

  /// The gradients against PyTorch's. What PyTorch gives no gradient must not have one here.
  func checkGradients(on device: Device, _ tolerance: Tolerance) -> [String] {
    cases.flatMap { test -> [String] in
      let inputs = leaves(of: test, on: device)
      let output = body(inputs)
      guard let expected = test.gradients else {
        return output.requiresGrad ? ["\(describe(test)): the output requires a gradient, and PyTorch's does not"] : []
      }
      if !output.requiresGrad {
        return ["\(describe(test)): the output does not require a gradient, and PyTorch's does"]
      }
      let wanted = inputs.indices.filter { expected[$0] != nil }
      let upstream = upstreamGradient(output.shape, output.dtype, on: device)
      let gradients = grad(of: output, wrt: wanted.map { inputs[$0] }, gradient: upstream)
      return zip(wanted, gradients).compactMap { place, gradient in
        difference(
          of: gradient.toArray(), from: expected[place]!, test.precision, tolerance, .ofLargest
        ).map { "\(describe(test)): gradient of input \(place): \($0)" }
      }
    }
  }

  /// The gradients against finite differences, and second derivatives against finite differences of the gradients.
  func checkFiniteDifferences(on device: Device) -> [String] {
    cases.flatMap { test -> [String] in
      var problems: [String] = []
      // Contiguous: finite differences move single elements, and those of an expanded input are not its own.
      func points() -> [Tensor] { leaves(of: test, on: device, contiguous: true) }
      if test.finiteDifferences ?? 0 >= 1 {
        do { try gradientCheck(body, inputs: points()) } catch { problems.append("\(describe(test)): \(error)") }
      }
      if test.finiteDifferences ?? 0 >= 2 {
        do { try gradientCheck({ gradientSum($0, of: test) }, inputs: points()) } catch {
          problems.append("\(describe(test)): second derivative: \(error)")
        }
      }
      return problems
    }
  }

  /// The gradients of all inputs, weighted and added up: one number, whose gradient holds the second derivatives.
  private func gradientSum(_ inputs: [Tensor], of test: ReferenceCase) -> Tensor {
    // Finite differences call this inside noGrad with plain tensors, and the first gradient is wanted even so.
    let outside = !inputs.contains { $0.requiresGrad }
    let leaves = inputs.enumerated().map { place, input in
      let isWanted = outside && input.dtype.isFloatingPoint && !test.isConstant(place)
      return isWanted ? input.detach().requiresGrad_() : input
    }
    let sum = enableGrad {
      let output = body(leaves)
      let wanted = leaves.filter { $0.requiresGrad }
      let upstream = upstreamGradient(output.shape, output.dtype, on: output.device)
      // Weighted once more: a plain sum would hide second derivatives that cancel out. Where the operation is linear
      // its gradient depends on no input; 0 times one makes it a result that can be differentiated all the same.
      return grad(of: output, wrt: wanted, gradient: upstream, createGraph: true).map {
        ($0 * upstreamGradient($0.shape, $0.dtype, on: $0.device)).sum()
      }.reduce(wanted[0].sum() * 0, +)
    }
    return outside ? sum.detach() : sum
  }

  /// The case's numbers over and over, 100,000 of them, so that large arrays take the paths of large arrays: for
  /// operations that treat each element alone. Every copy must come out as the small case did.
  func checkLarge(on device: Device, _ tolerance: Tolerance) -> [String] {
    let suitable = cases.filter { test in
      test.output.shape.elementCount > 30
        && test.inputs.allSatisfy { $0.views.isEmpty && $0.shape == test.output.shape }
    }
    return suitable.compactMap { test in
      let copies = 100_000 / test.output.shape.elementCount
      let output = body(test.inputs.map { $0.repeated(copies).tensor(on: device) })
      return difference(of: output, from: test.output.repeated(copies), tolerance, scale).map {
        "\(describe(test)), \(copies) times: \($0)"
      }
    }
  }

  /// The inputs, those requiring a gradient for which PyTorch gave one (or might have).
  private func leaves(of test: ReferenceCase, on device: Device, contiguous: Bool = false) -> [Tensor] {
    test.inputs.enumerated().map { place, stored in
      let tensor = stored.tensor(on: device)
      let leaf = contiguous ? tensor.contiguous().detach() : tensor.detach()
      return stored.dtype.isFloatingPoint && !test.isConstant(place) ? leaf.requiresGrad_() : leaf
    }
  }

  private func describe(_ test: ReferenceCase) -> String {
    "\(name) with \(test.inputs.map { "\($0)" }.joined(separator: ", "))"
  }
}

/// The gradient handed in at an output: multiples of an eighth, never 0. tables/inputs.py has the same line.
func upstreamGradient(_ shape: Shape, _ dtype: DType, on device: Device) -> Tensor {
  let numbers = (0..<shape.elementCount).map { (Double((7 * $0) % 11) - 5.5) / 4 }
  return Tensor(numbers, shape: shape, dtype: dtype).to(device)
}
