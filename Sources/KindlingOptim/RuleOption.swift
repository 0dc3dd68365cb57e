import Kindling

/// One option of a rule: what it is called here and in PyTorch's state dicts, where its value is, and what that may be.
public struct RuleOption<Rule> {
  /// Which numbers an option may be.
  public enum Range: Sendable {
    /// 0 or more.
    case nonNegative
    /// 0 or more and less than 1.
    case fraction
    /// Any but NaN and the infinities.
    case finite
  }

  private enum Place {
    case number(WritableKeyPath<Rule, Double>, Range)
    case flag(WritableKeyPath<Rule, Bool>)
  }

  /// What it is called here, for messages.
  let name: String
  /// PyTorch's name, for state dicts.
  let key: String
  private let place: Place

  /// An option that is a number: `.init("learningRate", "lr", \.learningRate)`.
  public init(_ name: String, _ key: String, _ path: WritableKeyPath<Rule, Double>, _ range: Range = .nonNegative) {
    (self.name, self.key, place) = (name, key, .number(path, range))
  }

  /// An option that is on or off.
  public init(_ name: String, _ key: String, _ path: WritableKeyPath<Rule, Bool>) {
    (self.name, self.key, place) = (name, key, .flag(path))
  }

  /// What is wrong with its value; nil if nothing is.
  func problem(of rule: Rule) -> String? {
    guard case .number(let path, let range) = place else { return nil }
    let value = rule[keyPath: path]
    return switch range {
    case .nonNegative: value >= 0 && value.isFinite ? nil : "\(name) is \(value), and must be 0 or more"
    case .fraction: (0..<1).contains(value) ? nil : "\(name) is \(value), and must be 0 or more and less than 1"
    case .finite: value.isFinite ? nil : "\(name) is \(value)"
    }
  }

  /// Its value, as a state dict has it.
  func entry(of rule: Rule) -> Tensor {
    switch place {
    case .number(let path, _): Tensor(rule[keyPath: path], dtype: .float64)
    case .flag(let path): Tensor(rule[keyPath: path])
    }
  }

  /// Gives it a value; 0 and 1 are off and on.
  ///
  /// - Returns: Whether it can have such a value; if not, nothing has changed.
  func set(_ value: Double, in rule: inout Rule) -> Bool {
    switch place {
    case .number(let path, _): rule[keyPath: path] = value
    case .flag(let path):
      if value != 0 && value != 1 { return false }
      rule[keyPath: path] = value == 1
    }
    return true
  }
}
