import Kindling

/// An optimizer that treats each parameter by itself, by a rule whose options may differ from group to group.
open class GroupedOptimizer<Rule: UpdateRule>: Optimizer {
  /// Parameters that share options. An option reads as if it were the group's own: `optimizer.groups[0].learningRate`.
  @dynamicMemberLookup
  public struct Group {
    /// The tensors to change.
    public let parameters: [Tensor]
    /// The options. Ends the program if they are set to what cannot be.
    public var rule: Rule {
      didSet { if let problem = rule.firstProblem { fail(owner, problem) } }
    }
    /// The optimizer's name, for messages.
    private let owner: String
    /// What the rule remembers, parameter by parameter.
    fileprivate(set) var states: [ParameterState]
    /// What schedules have noted of this group, under PyTorch's names, such as `initial_lr`.
    fileprivate var notes: [String: Double] = [:]

    /// Ends the program if the options cannot be, or if the group has a weight decay and the rule has none.
    fileprivate init(_ group: ParameterGroup, _ rule: Rule, owner: String) {
      var rule = rule
      rule.learningRate = group.learningRate ?? rule.learningRate
      if let weightDecay = group.weightDecay {
        let option = Rule.options.first { $0.name == "weightDecay" }
        if option?.set(weightDecay, in: &rule) != true { fail(owner, "a group has a weightDecay, which is no option") }
      }
      if let problem = rule.firstProblem { fail(owner, problem) }
      parameters = group.parameters
      self.rule = rule
      self.owner = owner
      states = parameters.map { _ in ParameterState(Rule.memory) }
    }

    /// An option.
    public subscript<Value>(dynamicMember path: WritableKeyPath<Rule, Value>) -> Value {
      get { rule[keyPath: path] }
      set { rule[keyPath: path] = newValue }
    }
  }

  /// The groups of parameters, with their options.
  public final var groups: [Group]

  /// The options that a group has unless it says otherwise.
  private final let defaults: Rule

  /// An optimizer by `rule` of parameters, or of groups of parameters, whose options may depart from the rule's.
  public init<P: ParameterOrGroup>(_ parameters: [P], _ rule: Rule) {
    let groups = P.groups(parameters)
    let owner = String(describing: Self.self)
    defaults = rule
    self.groups = groups.map { Group($0, rule, owner: owner) }
    super.init(groups.flatMap(\.parameters))
  }

  /// Puts parameters under the optimizer that it has not had, such as those of layers that were frozen: `add_param_group` of
  /// PyTorch. What the group says nothing of is as the optimizer was made.
  public final func addParameterGroup(_ group: ParameterGroup) {
    add(group.parameters)
    groups.append(Group(group, defaults, owner: typeName))
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

  /// Counts a step that the device has made by itself, from a graph: what is plain again afterwards, and what is saved, go on
  /// from there. The recording of the graph has counted the first.
  package final func countReplay() {
    for g in groups.indices {
      for i in groups[g].states.indices where groups[g].states[i].step > 0 { groups[g].states[i].step += 1 }
    }
  }

  private final func update(_ parameter: Tensor, _ gradient: Tensor, _ rule: Rule, _ state: inout ParameterState) {
    if gradient.backend !== parameter.backend {
      fail(typeName, "a parameter is on \(parameter.device) and its gradient on \(gradient.device)")
    }
    state.step += 1
    let before = isWatched ? Watching.before(parameter) : nil
    defer { if let before { show(before, gradient, parameter, rule, state) } }
    if before != nil { return unwatched { change(parameter, gradient, rule, &state) } }
    change(parameter, gradient, rule, &state)
  }

  private final func change(_ parameter: Tensor, _ gradient: Tensor, _ rule: Rule, _ state: inout ParameterState) {
    if !fused || !updateFused(parameter, gradient, rule, &state) {
      rule.step(parameter, gradient, &state)
    }
  }

  /// Shows a step to whoever looks on.
  private final func show(
    _ before: Tensor, _ gradient: Tensor, _ parameter: Tensor, _ rule: Rule, _ state: ParameterState
  ) {
    let remembered = Rule.memory.compactMap { name in state[name].map { (name, $0) } }
    Watching.current?.updated(
      ParameterUpdate(
        name: typeName, formula: rule.formula, numbers: rule.numbers(at: state.step),
        inputs: [("θ", before), ("g", gradient)] + remembered, parameter: parameter))
  }

  /// Makes the step by a kernel, if there is one.
  private final func updateFused(
    _ parameter: Tensor, _ gradient: Tensor, _ rule: Rule, _ state: inout ParameterState
  ) -> Bool {
    if parameter.isContiguous {
      if !rule.fusedStep(parameter, gradient.contiguous(), &state) { return false }
    } else {
      let copy = parameter.contiguous()
      if !rule.fusedStep(copy, gradient.contiguous(), &state) { return false }
      parameter.backend.copy(copy.operand, into: parameter.operand)
    }
    // A graph that has read the old numbers must not be walked with the new ones. Tensor operations see to that themselves.
    parameter.storage.version &+= 1
    return true
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
      for option in Rule.options { entries[prefix + option.key] = option.entry(of: group.rule) }
      for (name, number) in group.notes { entries[prefix + name] = Tensor(number, dtype: .float64) }
      for state in group.states {
        if state.step > 0 {
          entries["state.\(index).step"] = Tensor(state.step)
          for name in Rule.memory { entries["state.\(index).\(name)"] = state[name] }
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
      loaded[g].notes = try loadNotes(of: g, from: &entries)
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
    for option in Rule.options {
      let name = "param_groups.\(g).\(option.key)"
      let value = try number(name, take(option.key))
      if !option.set(value, in: &rule) { throw misfit("\(name) is \(value), and should be true or false") }
    }
    if let problem = rule.firstProblem { throw misfit(problem) }
    options = rule
  }

  private final func loadNotes(of g: Int, from entries: inout [String: Tensor]) throws -> [String: Double] {
    var notes: [String: Double] = [:]
    for key in ScheduleNote.allCases.map(\.rawValue) {
      let name = "param_groups.\(g).\(key)"
      if let entry = entries.removeValue(forKey: name) { notes[key] = try number(name, entry) }
    }
    return notes
  }

  /// The number that an entry holds, and nothing besides.
  private final func number(_ name: String, _ entry: Tensor) throws -> Double {
    if entry.elementCount != 1 { throw misfit("\(name) has shape \(entry.shape), and should be a single number") }
    return entry.item()
  }

  private final func loadState(
    of index: Int, _ parameter: Tensor, from entries: inout [String: Tensor]
  ) throws -> ParameterState {
    var state = ParameterState(Rule.memory)
    guard let entry = entries.removeValue(forKey: "state.\(index).step") else { return state }
    let step = try number("state.\(index).step", entry)
    // PyTorch keeps it as a float. Up to 2⁵³ a Double has every whole number, and no training gets there.
    guard (0...0x1p53).contains(step), step == step.rounded() else {
      throw misfit("state.\(index).step is \(step), and should be a whole number of steps")
    }
    state.step = Int(step)
    for name in Rule.memory {
      guard let tensor = entries.removeValue(forKey: "state.\(index).\(name)") else { continue }
      if tensor.shape != parameter.shape {
        throw misfit("state.\(index).\(name) has shape \(tensor.shape), and its parameter \(parameter.shape)")
      }
      state[name] = noGrad { tensor.to(parameter.device).to(parameter.dtype).contiguous().clone() }
    }
    return state
  }
}

// MARK: For schedules

extension GroupedOptimizer: ScheduledOptimizer {
  var groupCount: Int { groups.count }

  func number(_ key: String, ofGroup g: Int) -> Double? {
    Rule.options.first { $0.key == key }?.entry(of: groups[g].rule).item()
  }

  func setNumber(_ key: String, ofGroup g: Int, to value: Double) {
    _ = Rule.options.first { $0.key == key }?.set(value, in: &groups[g].rule)
  }

  func note(_ note: ScheduleNote, ofGroup g: Int) -> Double? { groups[g].notes[note.rawValue] }

  func setNote(_ note: ScheduleNote, ofGroup g: Int, to value: Double) { groups[g].notes[note.rawValue] = value }
}
