import Kindling

/// Functions to call before and after a module's `forward`.
final class ForwardHooks {
  typealias Before = (_ module: ModuleBase, _ input: Tensor) -> Tensor?
  typealias After = (_ module: ModuleBase, _ input: Tensor, _ output: Tensor) -> Tensor?

  fileprivate var before: [(id: Int, body: Before)] = []
  fileprivate var after: [(id: Int, body: After)] = []
  private var nextID = 0

  fileprivate func newID() -> Int {
    nextID += 1
    return nextID
  }

  func run(_ module: ModuleBase, _ x: Tensor, _ forward: (Tensor) -> Tensor) -> Tensor {
    let input = before.reduce(x) { input, hook in hook.body(module, input) ?? input }
    return after.reduce(forward(input)) { output, hook in hook.body(module, input, output) ?? output }
  }
}

/// Takes a forward hook away again.
public struct ForwardHookHandle {
  fileprivate let hooks: ForwardHooks
  fileprivate let id: Int

  /// Takes the hook away; does nothing the second time.
  public func remove() {
    hooks.before.removeAll { $0.id == id }
    hooks.after.removeAll { $0.id == id }
  }
}

extension ModuleBase {
  private func hookList() -> ForwardHooks {
    let list = hooks ?? ForwardHooks()
    hooks = list
    return list
  }

  /// Calls `hook` whenever the module has computed an output: to look at it, or to return another in its place.
  @discardableResult
  public func registerForwardHook(
    _ hook: @escaping (_ module: ModuleBase, _ input: Tensor, _ output: Tensor) -> Tensor?
  ) -> ForwardHookHandle {
    let list = hookList()
    let id = list.newID()
    list.after.append((id, hook))
    return ForwardHookHandle(hooks: list, id: id)
  }

  /// Calls `hook` whenever the module is given an input: to look at it, or to return another in its place.
  @discardableResult
  public func registerForwardPreHook(
    _ hook: @escaping (_ module: ModuleBase, _ input: Tensor) -> Tensor?
  ) -> ForwardHookHandle {
    let list = hookList()
    let id = list.newID()
    list.before.append((id, hook))
    return ForwardHookHandle(hooks: list, id: id)
  }
}
