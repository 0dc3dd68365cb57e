import Kindling

// A module's numbers as a whole: moved, saved, loaded.

extension ModuleBase {
  // MARK: Moving

  /// Moves parameters, their gradients and buffers to a device. Each stays the same object, so that an optimizer which holds
  /// it goes on.
  @discardableResult
  public func to(_ device: Device) -> Self { convert { $0.to(device) } }

  /// Converts parameters, their gradients and buffers of real numbers to float32 or float64. Each stays the same object, so
  /// that an optimizer which holds it goes on.
  @discardableResult
  public func to(_ dtype: DType) -> Self {
    if !dtype.isFloatingPoint { fail("\(typeName).to", "a module computes with float32 or float64, not with \(dtype)") }
    return convert { $0.dtype.isFloatingPoint ? $0.to(dtype) : $0 }
  }

  private func convert(_ conversion: (Tensor) -> Tensor) -> Self {
    func replace(_ tensor: Tensor) {
      let converted = conversion(tensor)
      if converted === tensor { return }
      let grad = tensor.grad
      tensor.grad = nil
      tensor.setData(converted)
      tensor.grad = grad.map(conversion)
    }
    noGrad {
      forEachMember(named: false) { _, member in
        switch member {
        case .parameter(let parameter): replace(parameter)
        case .buffer(let buffer): replace(buffer)
        case .module: break
        }
      }
    }
    return self
  }

  // MARK: Saving and loading

  /// All parameters and persistent buffers by name, sharing elements with the module: what is saved of a model.
  ///
  /// A tensor that two properties hold is there under both names, as in PyTorch.
  public func stateDict() -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    forEachStateEntry { state[$0] = $1.detach() }
    return state
  }

  private func forEachStateEntry(_ body: (_ name: String, _ tensor: Tensor) -> Void) {
    forEachMember(once: false) { name, member in
      switch member {
      case .parameter(let parameter): body(name, parameter)
      case .buffer(let buffer): if buffer.isPersistent { body(name, buffer) }
      case .module: break
      }
    }
  }

  /// Copies the numbers of `stateDict` into the parameters and buffers of the same names, converted to their types and
  /// devices: `load_state_dict` of PyTorch.
  ///
  /// - Parameters:
  ///   - stateDict: Tensors by name: `stateDict()` of such a module, or the tensors of `Safetensors.load(_:)`.
  ///   - strict: Whether the names must be the same on both sides. Without it those that match are loaded.
  /// - Returns: The names that the module has and `stateDict` lacks, and those that `stateDict` has and the module lacks.
  /// - Throws: `KindlingError` with all names that are missing, unexpected or of another shape. Nothing is loaded then.
  @discardableResult
  public func load(
    stateDict: [String: Tensor], strict: Bool = true
  ) throws -> (missing: [String], unexpected: [String]) {
    var own: [(name: String, tensor: Tensor)] = []
    forEachStateEntry { own.append(($0, $1)) }
    let names = Set(own.map(\.name))
    let missing = own.map(\.name).filter { stateDict[$0] == nil }
    let unexpected = stateDict.keys.filter { !names.contains($0) }.sorted()
    var problems = own.compactMap { name, tensor in
      stateDict[name].flatMap { given in
        given.shape == tensor.shape ? nil : "\(name) has shape \(given.shape) and should have \(tensor.shape)"
      }
    }
    if strict {
      if !missing.isEmpty { problems.insert("missing: \(missing.joined(separator: ", "))", at: 0) }
      if !unexpected.isEmpty { problems.append("unexpected: \(unexpected.joined(separator: ", "))") }
    }
    if !problems.isEmpty {
      throw KindlingError("this state dict does not fit \(typeName): " + problems.joined(separator: "; "))
    }
    noGrad {
      for (name, tensor) in own { if let given = stateDict[name] { tensor.copy_(given) } }
    }
    return (missing, unexpected)
  }
}
