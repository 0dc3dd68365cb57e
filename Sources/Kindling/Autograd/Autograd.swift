// What a user calls: requiresGrad, backward(), grad(of:wrt:), detach(), hooks.

extension Tensor {
  /// Whether operations on this tensor are recorded, so that gradients with respect to it can be asked for.
  ///
  /// It can be set on a leaf of floating-point type. A computed tensor has it if one of its inputs has.
  public var requiresGrad: Bool {
    get { isTracked }
    set {
      if !isLeaf {
        if newValue { return }
        fail("requiresGrad", "only a leaf can stop requiring a gradient, and this tensor was computed; use detach()")
      }
      if newValue {
        checkCanRequireGrad()
        if !tracksGradient { historyVersion &+= 1 }  // views that were taken before are part of it now
      }
      tracksGradient = newValue
    }
  }

  /// Sets `requiresGrad` and returns the tensor.
  @discardableResult
  public func requiresGrad_(_ requiresGrad: Bool = true) -> Tensor {
    self.requiresGrad = requiresGrad
    return self
  }

  /// Whether this tensor was made, rather than computed from tensors that require gradients. Only leaves collect `grad`.
  public var isLeaf: Bool {
    followBase()
    return node == nil
  }

  func checkCanRequireGrad() {
    if !dtype.isFloatingPoint {
      fail("requiresGrad", "only float32 and float64 tensors can require gradients, and this one is \(dtype)")
    }
  }

  func checkGradient(_ grad: Tensor) {
    if grad.shape != shape || grad.dtype != dtype {
      fail("grad", "a gradient of \(grad.dtype) \(grad.shape) does not fit a tensor of \(dtype) \(shape)")
    }
    if grad.device != device { fail("grad", "a gradient on \(grad.device) does not fit a tensor on \(device)") }
  }

  /// A tensor that shares the elements and has no history: for values that gradients should not flow through.
  public func detach() -> Tensor {
    window(layout)
  }

  /// Computes the gradient of this tensor with respect to every leaf that it came from, and adds it to the leaf's `grad`.
  ///
  /// - Parameters:
  ///   - gradient: The gradient of some later result with respect to this tensor, of its shape. May be left out for a
  ///     tensor of one element, where it is 1.
  ///   - retainGraph: Keeps the graph for another `backward()`, else it is freed as it is walked; if nil, as `createGraph` has
  ///     it.
  ///   - createGraph: Records how the gradients are computed, so that they can be differentiated in their turn. A leaf and its
  ///     `grad` then hold each other: set `grad` to nil when you are done, or use `grad(of:wrt:)`.
  public func backward(gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false) {
    let start = startGradient(gradient, in: "backward")
    let watcher = isWatched ? Watching.current : nil
    watcher?.walks(self)
    var engine = Engine(createGraph: createGraph, retainGraph: retainGraph ?? createGraph)
    AfterBackward.run { engine.run(from: self, gradient: start) }
    watcher?.walked(self)
  }

  fileprivate func startGradient(_ gradient: Tensor?, in operation: String) -> Tensor {
    if !isTracked {
      fail(
        operation,
        "this tensor has no graph: nothing it was computed from has requiresGrad, or it was computed inside noGrad")
    }
    if let gradient {
      if gradient.shape != shape {
        fail(operation, "the gradient given has shape \(gradient.shape), and the tensor \(shape)")
      }
      if gradient.device != device {
        fail(operation, "the gradient given is on \(gradient.device), and the tensor on \(device)")
      }
      return gradient
    }
    if elementCount != 1 {
      fail(
        operation,
        "a tensor of shape \(shape) is not a single number; reduce it with sum() or mean(), or pass backward(gradient:)"
      )
    }
    return noGrad { Tensor.ones(shape, dtype: dtype, device: device) }
  }

  /// Adds `gradient` to `grad`.
  func accumulate(_ gradient: consuming Tensor, createGraph: Bool) {
    if let grad {
      // In place, as in PyTorch: whoever holds `w.grad` sees it grow.
      if createGraph { self.grad = grad + gradient } else { grad.add_(gradient) }
    } else {
      self.grad = createGraph ? gradient : gradient.ownedContiguous()
    }
  }

  /// This gradient, if nobody else can see its elements; else a copy. Two leaves may have been handed the same one.
  private consuming func ownedContiguous() -> Tensor {
    var gradient = self
    let isOurs =
      gradient.isContiguous && gradient.node == nil && isKnownUniquelyReferenced(&gradient)
      && gradient.ownsStorageAlone()
    return isOurs ? gradient.asOwner() : gradient.detach().clone()
  }
}

/// The gradients of `output` with respect to each of `inputs`, without touching anybody's `grad`.
///
/// - Parameters:
///   - output: A tensor of one element, or of any shape if `gradient` is given.
///   - inputs: Leaves or computed tensors that `output` came from.
///   - gradient: As for `backward(gradient:)`.
///   - retainGraph: Keeps the graph for another walk; if nil, as `createGraph` has it.
///   - createGraph: Records the computation of the gradients too, so that they can be differentiated again.
/// - Returns: One gradient for each input, of its shape; zeros where `output` does not depend on it.
public func grad(
  of output: Tensor, wrt inputs: [Tensor], gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false
) -> [Tensor] {
  let start = output.startGradient(gradient, in: "grad")
  for input in inputs where !input.isTracked {
    fail("grad", "an input of shape \(input.shape) does not require gradients, so nothing leads back to it")
  }
  var engine = Engine(targets: inputs, createGraph: createGraph, retainGraph: retainGraph ?? createGraph)
  engine.run(from: output, gradient: start)
  // The same tensor may have been asked for twice; the engine answers at its last place.
  return inputs.map { input in
    let place = inputs.lastIndex { $0 === input }!
    return engine.found[place] ?? Tensor.zeros(input.shape, dtype: input.dtype, device: input.device)
  }
}

// MARK: Hooks

/// Functions to call with the gradient of one tensor.
final class HookList {
  fileprivate var hooks: [(id: Int, body: (Tensor) -> Tensor?)] = []
  /// What `retainGrad()` does, after all others: it keeps the gradient that they leave.
  var keep: ((Tensor) -> Void)?
  private var nextID = 0

  fileprivate func add(_ body: @escaping (Tensor) -> Tensor?) -> Int {
    nextID += 1
    hooks.append((nextID, body))
    return nextID
  }

  func run(_ gradient: Tensor, for tensor: Tensor) -> Tensor {
    let result = hooks.reduce(gradient) { gradient, hook in
      guard let replacement = hook.body(gradient) else { return gradient }
      if replacement.shape != tensor.shape {
        fail("hook", "a gradient of shape \(replacement.shape) in the place of one of shape \(tensor.shape)")
      }
      if replacement.dtype != tensor.dtype || replacement.device != tensor.device {
        fail(
          "hook",
          "a gradient of \(replacement.dtype) on \(replacement.device) in the place of one of \(tensor.dtype) on "
            + "\(tensor.device); convert it with to(_:)")
      }
      return replacement
    }
    keep?(result)
    return result
  }
}

/// Takes a hook away again.
public struct HookHandle {
  fileprivate let list: HookList
  fileprivate let id: Int

  /// Takes the hook away; does nothing the second time.
  public func remove() { list.hooks.removeAll { $0.id == id } }
}

extension Tensor {
  /// Calls `hook` with this tensor's gradient whenever one is computed. What it returns takes the gradient's place.
  ///
  /// A hook of a computed tensor goes with the graph, when `backward()` frees it; that of a leaf stays until it is removed.
  /// Until then a hook that holds its own tensor keeps it alive: write `[weak x]` where there may be no `backward()`, and
  /// for leaves that are made anew in each step.
  @discardableResult
  public func registerHook(_ hook: @escaping (Tensor) -> Tensor?) -> HookHandle {
    if !isTracked { fail("registerHook", "a tensor that does not require gradients is never given one") }
    let list: HookList
    if let node {
      list = node.hooks ?? HookList()
      node.hooks = list
    } else {
      list = leafHooks ?? HookList()
      leafHooks = list
    }
    return HookHandle(list: list, id: list.add(hook))
  }

  /// Makes `backward()` keep this computed tensor's gradient in `grad`, as it does for a leaf. After a write in place that
  /// is the gradient of what the tensor holds since.
  public func retainGrad() {
    guard !isLeaf, let node else { return }
    let list = node.hooks ?? HookList()
    node.hooks = list
    // Weakly: the list hangs on a node that this tensor owns.
    list.keep = { [weak self] gradient in
      if let self { self.grad = self.grad.map { $0 + gradient } ?? gradient }
    }
  }
}
