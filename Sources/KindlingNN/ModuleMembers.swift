import Kindling

// How a module finds what it holds: by looking at its stored properties, through Swift's `Mirror`, at every question. A
// property that has been given another value since is seen with that.

/// What a property holds.
enum Member {
  case parameter(Parameter)
  case buffer(Buffer)
  case module(Module)

  var identity: ObjectIdentifier {
    switch self {
    case .parameter(let parameter): ObjectIdentifier(parameter)
    case .buffer(let buffer): ObjectIdentifier(buffer)
    case .module(let module): ObjectIdentifier(module)
    }
  }
}

extension Module {
  /// What `pick` takes of all members of this module and those below it: of each module first what it holds itself, then
  /// module after module what those hold.
  ///
  /// - Parameters:
  ///   - named: Whether `pick` is told names. Putting them together costs.
  ///   - once: Whether what two properties hold comes once only.
  final func collect<T>(
    named: Bool = true, once: Bool = true, _ pick: (_ name: String, _ member: Member) -> T?
  ) -> [(name: String, value: T)] {
    var found: [(name: String, value: T)] = []
    var seen: Set<ObjectIdentifier> = []
    var path: [Module] = []
    func visit(_ module: Module, _ prefix: String) {
      if let start = path.firstIndex(where: { $0 === module }) {
        let types = path[start...].map(\.typeName) + [module.typeName]
        fail(
          module.typeName,
          "a module cannot hold itself, and this one does: \(types.joined(separator: " → ")); make the reference back weak")
      }
      path.append(module)
      let members = module.members()
      var isNew: [Bool] = []
      for (name, member) in members {
        isNew.append(!once || seen.insert(member.identity).inserted || isOnPath(member))
        if case .module = member { continue }
        if isNew.last!, let value = pick(named ? prefix + name : "", member) { found.append((named ? prefix + name : "", value)) }
      }
      for (i, (name, member)) in members.enumerated() where isNew[i] {
        guard case .module(let child) = member else { continue }
        if let value = pick(named ? prefix + name : "", member) { found.append((named ? prefix + name : "", value)) }
        visit(child, named ? prefix + name + "." : "")
      }
      path.removeLast()
    }
    func isOnPath(_ member: Member) -> Bool {
      if case .module(let module) = member { path.contains { $0 === module } } else { false }
    }
    visit(self, "")
    return found
  }
