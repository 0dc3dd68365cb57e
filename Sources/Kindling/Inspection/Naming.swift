/// What to call the tensors of a step: by the line that made them, else by the call.
enum Naming {
  /// Names what has no name yet. `given` are names that stay.
  static func name(_ tensors: inout [Walkthrough.Snapshot], in step: Walkthrough.Step, given: Set<String>) {
    nameByLines(&tensors, step, given)
    for operation in step.operations {
      for input in operation.inputs where tensors[input].name == nil {
        if operation.isRule, input == operation.inputs[0], let forward = operation.forward {
          tensors[input].name = tensors[step.operations[forward].results[0].tensor].name.map { "\(bracketed($0)).grad" }
        } else if tensors[input].values.elementCount == 1 && !operation.isRule {
          tensors[input].name = shown(tensors[input].values.item())
        }
      }
      for result in operation.results {
        if let name = tensors[result.tensor].name, !isCall(name, operation.isRule) { continue }
        if let input = result.input, operation.isRule {
          guard let forward = operation.forward else { continue }
          guard let name = tensors[step.operations[forward].inputs[input]].name else { continue }
          // A gradient that is handed on unchanged has two names; the program's own says more.
          if tensors[result.tensor].name == nil || !isCall(name, true) {
            tensors[result.tensor].name = "\(bracketed(name)).grad"
          }
        } else if operation.writes {
          tensors[result.tensor].name = tensors[operation.inputs[0]].name
        } else {
          tensors[result.tensor].name = call(operation, result.explanation, tensors)
        }
      }
    }
  }

  /// Whether a name of a rule's gradient comes from an expression and not from a variable.
  private static func isCall(_ name: String, _ isRule: Bool) -> Bool { isRule && name.contains("(") }

  /// `h` for the last that was computed in a line `let h = …`.
  private static func nameByLines(
    _ tensors: inout [Walkthrough.Snapshot], _ step: Walkthrough.Step, _ given: Set<String>
  ) {
    var last: [SourceLine: Walkthrough.Operation] = [:]
    var order: [SourceLine] = []
    for operation in step.operations where !operation.isRule {
      for line in operation.lines {
        if last.updateValue(operation, forKey: line) == nil { order.append(line) }
      }
    }
    for line in order {
      guard let text = SourceFile.of(line.path)?.line(line.line), let name = assigned(in: text) else { continue }
      let place = last[line]!.results[0].tensor
      if let known = tensors[place].name, given.contains(known) || known.hasSuffix(".grad") { continue }
      tensors[place].name = name
    }
  }

  /// The variable that a line sets or writes: `h` of `let h = x.mm(w1)`, `gradH[h < 0] = 0` or `assign(0, to: &gradH, …)`.
  static func assigned(in text: String) -> String? {
    func name(_ text: some StringProtocol) -> String? {
      let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      return name.isEmpty || name.first!.isNumber ? nil : String(name)
    }
    let text = text.drop { $0 == " " || $0 == "\t" }
    if let place = text.firstIndex(of: "&") { return name(text[text.index(after: place)...]) }
    for keyword in ["let ", "var "] where text.hasPrefix(keyword) { return name(text.dropFirst(keyword.count)) }
    guard let variable = name(text) else { return nil }
    let rest = text.dropFirst(variable.count).drop { $0 != "=" && $0 != "(" }
    return rest.first == "=" && rest.dropFirst().first != "=" ? variable : nil
  }

  /// The call as it would stand in a program: `x.mm(w1)`.
  private static func call(
    _ operation: Walkthrough.Operation, _ explanation: Walkthrough.Explanation, _ tensors: [Walkthrough.Snapshot]
  ) -> String? {
    let inputs = operation.inputs.compactMap { tensors[$0].name }
    guard let x = inputs.first, inputs.map(\.count).reduce(0, +) < 40 else { return nil }
    var numbers: [String] = []
    if case .elementwise(_, let given) = explanation { numbers = given.compactMap { $0 }.map(shown) }
    if operation.isPlain { return "\(operation.name)(\((inputs + numbers).joined(separator: ", ")))" }
    let signs = ["add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "gt": ">", "le": "<=", "ge": ">="]
    if let sign = signs[operation.name] {
      if inputs.count == 2 { return "\(bracketed(x)) \(sign) \(bracketed(inputs[1]))" }
      if let number = numbers.first {
        return operation.name == "mul" ? "\(number) * \(bracketed(x))" : "\(bracketed(x)) \(sign) \(number)"
      }
    }
    return "\(bracketed(x)).\(operation.name)(\((inputs.dropFirst() + numbers).joined(separator: ", ")))"
  }

  private static func shown(_ number: Double) -> String {
    number == number.rounded() && Swift.abs(number) < 1e6 ? "\(Int(number))" : "\(Float(number))"
  }

  /// With brackets around it, if a call on it would else belong to its last part.
  private static func bracketed(_ text: String) -> String {
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == " " && depth == 0 { return "(\(text))" }
    }
    return text
  }
}

/// A program's source, if it still lies where it was built from.
package struct SourceFile {
  /// The lines, the first at 0.
  package let lines: [String]

  private nonisolated(unsafe) static var known: [String: SourceFile?] = [:]

  /// The file at a path, read once.
  package static func of(_ path: String) -> SourceFile? {
    if let file = known[path] { return file }
    let file = (try? FileAccess.bytes(of: path, for: "SourceFile")).map {
      SourceFile(
        lines: String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
          String.init))
    }
    known[path] = file
    return file
  }

  /// A line, counted from 1.
  func line(_ number: Int) -> String? { number >= 1 && number <= lines.count ? lines[number - 1] : nil }
}
