import Kindling

extension ModuleBase {
  /// Lets messages say which part of a model has failed. Done once, when the first module is made.
  static let namesFailingParts: Void = { Computing.describe = place }()

  /// `model.2 (Linear)` for what the model, the outermost of these, calls `2`; the type alone if it is none of the model's
  /// parts, and nil for a module that nobody has called.
  private static func place(_ computing: [AnyObject]) -> String? {
    let modules = computing.compactMap { $0 as? ModuleBase }
    guard modules.count > 1, let failing = modules.last else { return nil }
    let name = modules[0].namedModules().first { $0.module === failing }?.name ?? ""
    return name.isEmpty ? failing.typeName : "model.\(name) (\(failing.typeName))"
  }
}
