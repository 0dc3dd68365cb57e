import Kindling
import Synchronization

/// What a class of modules says in the declarations of its properties. It is looked at once for each class: what `Mirror`
/// hands over does not show whether a property is weak, and of a lazy one before its first use there is no value.
final class DeclaredProperties: Sendable {
  /// The weak ones: references back to a parent, and no parts.
  let weak: Set<String>
  /// Whether any of them can be or hold a parameter, a buffer or a module. If not, nothing need be looked for.
  let canHoldMembers: Bool

  private static let known = Mutex<[ObjectIdentifier: DeclaredProperties]>([:])

  /// Those of the module's class. Ends the program if one of them cannot take part.
  static func of(_ module: ModuleBase) -> DeclaredProperties {
    let type = type(of: module)
    return known.withLock { known in
      if let properties = known[ObjectIdentifier(type)] { return properties }
      let properties = DeclaredProperties(type)
      known[ObjectIdentifier(type)] = properties
      return properties
    }
  }

  private init(_ owner: ModuleBase.Type) {
    let properties = StoredProperty.all(of: owner)
    for property in properties { DeclaredProperties.check(property, of: String(describing: owner)) }
    weak = Set(properties.lazy.filter { !$0.isStrong && $0.type is any OptionalType.Type }.map(\.name))
    canHoldMembers = properties.contains { KindlingNN.canHoldMembers($0.type) }
  }

  private static func check(_ property: StoredProperty, of owner: String) {
    if !property.isStrong && !(property.type is any OptionalType.Type) && isMember(property.type) {
      fail(
        owner,
        "the property \(property.name) is unowned, so that nothing keeps what it holds alive; "
          + "make it a let or a var, or a weak var if it refers back to a parent")
    }
    let lazyPrefix = "$__lazy_storage_$_"
    if property.name.hasPrefix(lazyPrefix), isMember(property.type) {
      fail(
        owner,
        "the property \(property.name.dropFirst(lazyPrefix.count)) is lazy, and parameters() would miss it until its "
          + "first use; make it a let and set it in init")
    }
  }

  private static func isMember(_ type: Any.Type) -> Bool {
    if let container = type as? any OptionalType.Type { return isMember(container.content) }
    return type is ModuleBase.Type || type is Parameter.Type || type is Buffer.Type
  }
}

/// A container's type, asked without a value for the type of what is in it.
private protocol OptionalType {
  static var content: Any.Type { get }
}

extension Optional: OptionalType {
  fileprivate static var content: Any.Type { Wrapped.self }
}
