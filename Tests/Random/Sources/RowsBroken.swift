import Kindling

// Operations that are wrong on purpose, one for each check, for `--self-test`: what finds nothing may be blind.

/// What is wrong, the check that must find it, and the rows. Where a row's Swift is the same as the library's, its Kindling is not.
struct Fault: Sendable {
  let name: String
  let check: Check
  let row: Row
}

private func faulty(
  _ name: String, _ python: String, shape: @escaping @Sendable ([Int]) -> [Int] = { $0 },
  _ apply: @escaping @Sendable (Tensor) -> Tensor
) -> Row {
  Row(
    swift: "\(name)({a})", python: python, choose: { Choice(operands: [$0.operand(.floating, .rank(1))]) },
    type: { $0.a.rank == 0 ? .undefined : .gives($0.a.dtype, shape($0.a.shape)) }, apply: { apply($0.a) })
}

/// x², whose derivative is said to be x.
private enum HalfSlope: DifferentiableFunction {
  static func forward(_ context: FunctionContext, _ inputs: [Tensor]) -> Tensor {
    context.saveForBackward(inputs[0])
    return inputs[0].square()
  }
  static func backward(_ context: FunctionContext, _ gradient: Tensor) -> [Tensor?] {
    [gradient * context.savedTensors[0]]
  }
}

extension Table {
  static let faults: [Fault] = [
    Fault(
      name: "a derivative half as large", check: .differences,
      row: faulty("halfSlope", "{a}.square()") { HalfSlope.apply($0) }),
    Fault(
      name: "a kernel that is wrong on the emulator", check: .emulator,
      row: faulty("otherThere", "{a} + 1") { $0.device == .cpu ? $0 + 1 : $0 + 1.25 }),
    Fault(
      name: "strides that are not looked at", check: .layouts,
      row: faulty("strideless", "{a} * 2") { $0.isContiguous ? $0 * 2 : $0.flip([0]) * 2 }),
    Fault(
      name: "a dimension that is not kept", check: .types,
      row: faulty("unkept", "{a}.sum(0, keepdim=True)", shape: { $0.replacing(0, with: 1) }) { $0.sum(dim: 0) }),
    Fault(
      name: "a history that is lost", check: .histories, row: faulty("unrecorded", "{a}.sin()") { $0.detach().sin() }),
    Fault(
      name: "a mistake where there is none", check: .endings,
      row: faulty("refusing", "{a}.exp()") { $0.elementCount > 2 ? $0.reshape(-1, 99991).exp() : $0.exp() }),
    Fault(
      name: "a value that is not PyTorch's", check: .torch, row: faulty("another", "{a}.tanh()") { $0.tanh() * 1.001 }),
  ]

  static let broken: [Row] = faults.map(\.row)
}
