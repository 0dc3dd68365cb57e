import Kindling

// A program as text: as Swift, for a person to paste, and as Python, for PyTorch to run.

extension Program {
  /// A name for each value, in the order in which they come.
  var names: [Int: String] {
    var names: [Int: String] = [:]
    for id in ids {
      let n = names.count
      names[id] = n < 26 ? String(UnicodeScalar(UInt8(97 + n))) : "v\(n)"
    }
    return names
  }

  func name(_ id: Int) -> String { names[id] ?? "?" }

  /// The program as lines of Swift.
  func swift(layout: Layout = .inOrder, device: Device = .cpu) -> String {
    let names = names
    var lines: [String] = []
    for (place, input) in inputs.enumerated() {
      let made = layout.swift(input, at: place, input.swift)
      let placed = device == .cpu ? made : "\(made).to(.\(device == .cudaEmulator ? "cudaEmulator" : "cuda"))"
      lines.append("let \(names[input.id]!) = \(placed)\(input.requiresGrad ? ".requiresGrad_()" : "")")
    }
    for statement in statements {
      let text = statement.filled(statement.row.swift, names, Program.swift)
      let isWrite = statement.row.effect == .write
      let line = statement.isRecorded ? text : "noGrad { \(text) }"
      lines.append(isWrite ? line : "let \(names[statement.id]!) = \(line)")
    }
    let terms = outputs.enumerated().map { place, id in
      let type = Analysis(self).variables[id]?.type ?? Type(.float32, [])
      let weights = "Tensor(\(Program.weights(type.count, place)), shape: \(type.shape), dtype: .\(type.dtype))"
      return isWeighted ? "(\(names[id]!) * \(weights)).sum()" : "\(names[id]!).sum()"
    }
    if !terms.isEmpty { lines.append("(\(terms.joined(separator: " + "))).backward()") }
    return lines.joined(separator: "\n")
  }

  /// The program as lines of Python, one for each input and each statement.
  var python: PythonProgram {
    let names = names
    let inputs = inputs.map { input in
      let values = input.values.map { Program.python($0, input.dtype) }.joined(separator: ", ")
      let grad = input.requiresGrad ? "True" : "False"
      return "\(names[input.id]!) = tensor([\(values)], \(input.shape), torch.\(input.dtype), \(grad))"
    }
    let lines = statements.map { statement in
      let text = statement.filled(statement.row.python, names, Program.python)
      let line = statement.row.effect == .write ? text : "\(names[statement.id]!) = \(text)"
      return statement.isRecorded ? line : "with torch.no_grad(): \(line)"
    }
    let values = self.inputs.map(\.id) + statements.filter { $0.row.effect != .write }.map(\.id)
    return PythonProgram(
      inputs: inputs, statements: lines, values: values.map { names[$0]! }, outputs: outputs.map { names[$0]! },
      leaves: self.inputs.filter(\.requiresGrad).map { names[$0.id]! }, isWeighted: isWeighted)
  }

  fileprivate static func swift(_ x: Double) -> String {
    if x.isNaN { return "Double.nan" }
    return x.isInfinite ? (x < 0 ? "-Double.infinity" : "Double.infinity") : "\(x)"
  }

  fileprivate static func python(_ x: Double) -> String { x.isNaN ? "nan" : "\(x)" }

  private static func python(_ x: Double, _ dtype: DType) -> String {
    switch dtype {
    case .bool: x == 0 ? "False" : "True"
    case .int64: "\(Int(x))"
    default: python(x)
    }
  }
}

/// A program for the Python that runs PyTorch.
struct PythonProgram: Codable {
  let inputs: [String]
  let statements: [String]
  /// The names of what is looked at, of what is summed, and of what gradients are for.
  let values, outputs, leaves: [String]
  let isWeighted: Bool
}

extension Program.Input {
  /// How it is made in Swift, without a gradient.
  fileprivate var swift: String {
    switch dtype {
    case .bool: "Tensor(\(values.map { $0 != 0 }), shape: \(shape))".typed("Bool", values.isEmpty)
    case .int64: "Tensor(\(values.map { Int($0) }), shape: \(shape))".typed("Int", values.isEmpty)
    default:
      "Tensor([\(values.map { Program.swift($0) }.joined(separator: ", "))], shape: \(shape), dtype: .\(dtype))"
        .typed("Double", values.isEmpty)
    }
  }
}

extension String {
  /// An array literal without elements has no type of its own.
  fileprivate func typed(_ type: String, _ isEmpty: Bool) -> String {
    isEmpty ? replacing("Tensor([]", with: "Tensor([\(type)]()") : self
  }
}

extension Program.Statement {
  /// The row's text with names and numbers put in.
  fileprivate func filled(_ text: String, _ names: [Int: String], _ number: (Double) -> String) -> String {
    let isSwift = text == row.swift && number(.nan) == "Double.nan"
    var result = ""
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      let close = rest[open...].firstIndex(of: "}")!
      result += place(String(rest[rest.index(after: open)..<close]), names, number, isSwift)
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  private func place(_ key: String, _ names: [Int: String], _ number: (Double) -> String, _ isSwift: Bool) -> String {
    switch key {
    case "a": names[operands[0]]!
    case "b": names[operands[1]]!
    case "c": names[operands[2]]!
    case "i": "\(integers[0])"
    case "j": "\(integers[1])"
    case "k": "\(integers[2])"
    case "l": "\(integers[3])"
    case "list": "\(integers)"
    case "rest": "\(integers.dropLast())"
    case "flag": integers.last != 0 ? (isSwift ? "true" : "True") : (isSwift ? "false" : "False")
    case "x": number(reals[0])
    case "y": number(reals[1])
    default: "{\(key)}"
    }
  }
}
