import Foundation

/// The public operations of the library, read from its sources: those of `Tensor`, functions of tensors, initialisers,
/// layers, losses and optimizers. What only describes a tensor or leads a gradient through a graph is not among them.
///
/// An operation is written with its parameters' types, and with their labels where there are some:
/// `amax(dims: [Int], keepDim: Bool)`, `+(Tensor, S)`. Where it is put (`dtype`, `device`, `generator`, `requiresGrad`) is
/// left out.
enum PublicOperations {
  static let all: Set<String> = Set(files.flatMap { operations(in: text($0)) })

  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")

  private static let files: [String] =
    folder("Kindling/Operations")
    + ["Creation", "Indexing", "LiteralAssignment", "RandomCreation", "Tensor"].map {
      "Kindling/Tensor/\($0).swift"
    } + folder("KindlingNN") + folder("KindlingOptim")

  private static func folder(_ path: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: sources.appending(path: path).path)) ?? []
    return files.filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" }
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOf: sources.appending(path: path), encoding: .utf8)) ?? ""
  }

  /// The operations that a file declares: functions, subscripts and initialisers in an extension of `Tensor`, functions
  /// outside of any type or in `Init`, and classes of layers, losses and optimizers.
  private static func operations(in source: String) -> [String] {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var (isOfTensor, isOfInit) = (false, false)
    return lines.indices.compactMap { number in
      let line = lines[number]
      if let first = line.first, first.isLetter {
        isOfTensor = line.hasPrefix("extension Tensor {")
        isOfInit = line.hasSuffix(" Init {")
      }
      let layer = #/public final class (\w+): (Module|ModuleBase|BatchNorm|Loss|GroupedOptimizer.*) \{/#
      if let match = line.prefixMatch(of: layer) { return String(match.1) }
      // A declaration may take several lines.
      let isOperation = line.hasPrefix("public func") || (isOfTensor || isOfInit) && line.hasPrefix("  public ")
      let found = isOperation ? operation(lines[number...].prefix(6).joined(separator: " ")) : nil
      return isOfInit ? found.map { "Init.\($0)" } : found
    }
  }

  /// One declaration, as a name with the types of its parameters; nil for one that is no function.
  private static func operation(_ declaration: String) -> String? {
    let name = #/ *public (final |static |convenience )*(prefix )?(func )?(init|subscript|[^\s(<]+|<=?)( ?<.*?>)? ?\(/#
    guard let match = declaration.prefixMatch(of: name), match.3 != nil || ["init", "subscript"].contains(match.4)
    else {
      return nil
    }
    let isLabelled = match.4.first!.isLetter && match.4 != "subscript" || match.4.first == "`"
    let placed: Set = ["dtype", "device", "generator", "requiresGrad"]
    let shown = parameters(declaration[match.range.upperBound...]).compactMap { parameter -> String? in
      let parts = parameter.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      let label = parts[0].prefix { $0 != " " }
      let type = parts[1].prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces)
      if placed.contains(String(label)) { return nil }
      return isLabelled && label != "_" ? "\(label): \(type)" : type
    }
    let isNumber = declaration.prefix { $0 != "{" }.contains("-> any TensorScalar")
    return (match.2 ?? "") + match.4.replacing("`", with: "") + "(\(shown.joined(separator: ", ")))"
      + (isNumber ? " of a number" : "")
  }

  /// The parameters up to the closing bracket, apart at the commas that stand in no brackets of their own.
  private static func parameters(_ text: Substring) -> [String] {
    var depth = 0
    var parameters = [""]
    for character in text {
      if character == ")" && depth == 0 { break }
      if "([<".contains(character) { depth += 1 }
      if ")]>".contains(character) { depth -= 1 }
      if character == "," && depth == 0 {
        parameters.append("")
      } else {
        parameters[parameters.count - 1].append(character)
      }
    }
    return parameters == [""] ? [] : parameters
  }
}
