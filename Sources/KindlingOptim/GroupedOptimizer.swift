import Kindling

/// Parameters that share options, as an optimizer is given them. What is nil here is as the optimizer has it.
///
/// ```swift
/// SGD(groups: [ParameterGroup(body.parameters()), ParameterGroup(head.parameters(), learningRate: 0.1)], learningRate: 0.01)
/// ```
///
/// Any other option of a group is set afterwards: `optimizer.groups[1].momentum = 0.5`.
public struct ParameterGroup {
  /// The tensors to change.
  public let parameters: [Tensor]
  /// The size of a step, if it is not the optimizer's.
  public let learningRate: Double?
  /// How strongly these parameters are drawn towards 0, if not as the optimizer has it.
  public let weightDecay: Double?

  /// Parameters with options of their own.
  public init(_ parameters: [Tensor], learningRate: Double? = nil, weightDecay: Double? = nil) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }
}

/// An optimizer that treats each parameter by itself, by a rule whose options may differ from group to group.
open class GroupedOptimizer<Rule: UpdateRule>: Optimizer {
  /// Parameters that share options. An option reads as if it were the group's own: `optimizer.groups[0].learningRate`.
  @dynamicMemberLookup
  public struct Group {
    /// The tensors to change.
    public let parameters: [Tensor]
    /// The options. Ends the program if they are set to what cannot be.
    public var rule: Rule {
      didSet { if let problem = rule.problem { fail(owner, problem) } }
    }
    /// The optimizer's name, for messages.
    fileprivate var owner = ""
    /// What the rule remembers, parameter by parameter.
    fileprivate(set) var states: [Rule.State]

    init(_ group: ParameterGroup, _ rule: Rule) {
      parameters = group.parameters
      self.rule = rule
      self.rule.learningRate = group.learningRate ?? rule.learningRate
      self.rule.weightDecay = group.weightDecay ?? rule.weightDecay
      states = parameters.map { _ in Rule.State() }
    }

    /// An option.
    public subscript<Value>(dynamicMember path: WritableKeyPath<Rule, Value>) -> Value {
      get { rule[keyPath: path] }
      set { rule[keyPath: path] = newValue }
    }
  }

  /// The groups of parameters, with their options.
  public final var groups: [Group]

  /// An optimizer by `rule`, from whose options a group may depart.
  public init(groups: [ParameterGroup], rule: Rule) {
    self.groups = groups.map { Group($0, rule) }
    super.init(groups.flatMap(\.parameters))
    for g in self.groups.indices {
      self.groups[g].owner = typeName
      if let problem = self.groups[g].rule.problem { fail(typeName, problem) }
    }
  }

  /// The size of a step, of the first group; set for all.
  public final var learningRate: Double {
    get { groups[0].learningRate }
    set { for g in groups.indices { groups[g].learningRate = newValue } }
  }

  /// Changes each parameter by its gradient; those without one stay, and so does what is remembered of them.
  open override func step() {
    noGrad {
      for g in groups.indices {
        let rule = groups[g].rule
        for (i, parameter) in groups[g].parameters.enumerated() {
          if let gradient = parameter.grad { update(parameter, gradient, rule, &groups[g].states[i]) }
        }
      }
    }
  }

  private final func update(_ parameter: Tensor, _ gradient: Tensor, _ rule: Rule, _ state: inout Rule.State) {
    if gradient.backend !== parameter.backend {
      fail(typeName, "a parameter is on \(parameter.device) and its gradient on \(gradient.device)")
    }
    state.step += 1
    if parameter.isContiguous {
      rule.step(parameter, gradient.contiguous(), &state)
    } else {
      let copy = parameter.contiguous()
      rule.step(copy, gradient.contiguous(), &state)
      parameter.backend.copy(copy.operand, into: parameter.operand)
    }
    // A graph that has read the old numbers must not be walked with the new ones.
    parameter.storage.version &+= 1
  }

  // MARK: Saving and loading

  /// All that the optimizer would need to go on: options and what it remembers, under PyTorch's names, such as
  /// `param_groups.0.lr` and `state.3.exp_avg`, where parameters are counted through all groups. The tensors share elements
  /// with the optimizer.
  public final func stateDict() -> [String: Tensor] {
    var entries: [String: Tensor] = [:]
    var index = 0
    for (g, group) in groups.enumerated() {
      let prefix = "param_groups.\(g)."
      entries[prefix + "params"] = Tensor(Array(index..<index + group.parameters.count))
      for (name, path) in Rule.numbers { entries[prefix + name] = Tensor(group.rule[keyPath: path], dtype: .float64) }
      for (name, path) in Rule.flags { entries[prefix + name] = Tensor(group.rule[keyPath: path]) }
      for state in group.states {
        if state.step > 0 {
          entries["state.\(index).step"] = Tensor(state.step)
          for (name, path) in Rule.State.tensors { entries["state.\(index).\(name)"] = state[keyPath: path] }
        }
        index += 1
      }
    }
    return entries
  }

  /// Takes over options and memory from `stateDict`, in copies: `load_state_dict` of PyTorch.
  ///
  /// - Throws: `KindlingError` if it is not that of an optimizer of this kind with as many parameters of these shapes in
  ///   these groups. Nothing is taken over then.
  public final func load(stateDict: [String: Tensor]) throws {
    var entries = stateDict
    var loaded = groups
    var index = 0
    for g in loaded.indices {
      try loadOptions(of: g, &loaded[g].rule, from: &entries)
      for (i, parameter) in loaded[g].parameters.enumerated() {
        loaded[g].states[i] = try loadState(of: index, parameter, from: &entries)
        index += 1
      }
    }
    if let stranger = entries.keys.min() { throw misfit("there is no place for \(stranger)") }
    groups = loaded
  }

  private final func misfit(_ problem: String) -> KindlingError {
    KindlingError("this state dict does not fit \(typeName): \(problem)")
  }

  private final func loadOptions(of g: Int, _ options: inout Rule, from entries: inout [String: Tensor]) throws {
    func take(_ name: String) throws -> Tensor {
      guard let entry = entries.removeValue(forKey: "param_groups.\(g).\(name)") else {
        throw misfit("param_groups.\(g).\(name) is missing")
      }
      return entry
    }
    let count = try take("params").elementCount
    if count != groups[g].parameters.count {
      throw misfit("group \(g) has \(count) parameters there and \(groups[g].parameters.count) here")
    }
    var rule = options
    func number(_ name: String) throws -> Double { try self.number("param_groups.\(g).\(name)", take(name)) }
    for (name, path) in Rule.numbers { rule[keyPath: path] = try number(name) }
    for (name, path) in Rule.flags {
      let flag = try number(name)
      if flag != 0 && flag != 1 { throw misfit("param_groups.\(g).\(name) is \(flag), and should be true or false") }
      rule[keyPath: path] = flag == 1
    }
    if let problem = rule.problem { throw misfit(problem) }
    options = rule
  }

  /// The number that an entry holds, and nothing besides.
  private final func number(_ name: String, _ entry: Tensor) throws -> Double {
    if entry.elementCount != 1 { throw misfit("\(name) has shape \(entry.shape), and should be a single number") }
    return entry.item()
  }

  private final func loadState(
    of index: Int, _ parameter: Tensor, from entries: inout [String: Tensor]
  ) throws -> Rule.State {
    var state = Rule.State()
    guard let entry = entries.removeValue(forKey: "state.\(index).step") else { return state }
    let step = try number("state.\(index).step", entry)
    // PyTorch keeps it as a float. Up to 2⁵³ a Double has every whole number, and no training gets there.
    guard (0...0x1p53).contains(step), step == step.rounded() else {
      throw misfit("state.\(index).step is \(step), and should be a whole number of steps")
    }
    state.step = Int(step)
    for (name, path) in Rule.State.tensors {
      guard let tensor = entries.removeValue(forKey: "state.\(index).\(name)") else { continue }
      if tensor.shape != parameter.shape {
        throw misfit("state.\(index).\(name) has shape \(tensor.shape), and its parameter \(parameter.shape)")
      }
      state[keyPath: path] = noGrad { tensor.to(parameter.device).to(parameter.dtype).contiguous().clone() }
    }
    return state
  }
}
