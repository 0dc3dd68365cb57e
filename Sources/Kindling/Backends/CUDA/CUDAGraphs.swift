import CUDADriver

/// A training step that has been recorded once and runs again as a whole.
///
/// On a GPU a small step costs mostly its launches; a replay queues all of them with a single call.
public final class CapturedStep {
  private let device: Device
  private let body: () -> Void
  private let graph: OpaquePointer?

  fileprivate init(_ device: Device, _ body: @escaping () -> Void, _ graph: OpaquePointer?) {
    self.device = device
    self.body = body
    self.graph = graph
  }

  /// Runs the step again: the same operations on the same tensors, with the values that they hold now.
  public func replay() {
    guard let graph, let backend = device.backend.unprofiled as? CUDABackend else { return body() }
    backend.check(KindlingCUDAReplay(backend.handle, graph), "replay")
  }

  deinit {
    if let graph, let backend = device.backend.unprofiled as? CUDABackend {
      KindlingCUDADestroyGraph(backend.handle, graph)
    }
  }
}

/// Records the operations of `body` on `device` as one graph, as `torch.cuda.graph` does. They do not run until `replay()`.
///
/// What the step is to leave behind must be written in place into tensors made before (`loss.copy_(…)`, an optimizer's
/// step on parameters that have been stepped once). No value may be read in `body`, since nothing has been computed.
/// Numbers written in it are frozen, but for Adam's step count, which goes on; on the device only, so that
/// `optimizer.stateDict()` still has the count of the recording. On the CPU there is nothing to record,
/// and a replay runs `body`.
public func captureStep(on device: Device, _ body: @escaping () -> Void) -> CapturedStep {
  guard device.backend.unprofiled is CUDABackend else { return CapturedStep(device, body, nil) }
  CapturedStep.begin(on: device)
  body()
  return CapturedStep.end(on: device)
}

extension CapturedStep {
  /// The first half of `captureStep`, for a step that is no closure but the rest of a loop's lines: from here to `end` the
  /// device records and runs nothing. On a CUDA device only.
  package static func begin(on device: Device) {
    let backend = device.backend.unprofiled as! CUDABackend
    backend.check(KindlingCUDABeginCapture(backend.handle), "captureStep")
  }

  /// The second half: the step from `begin` to here.
  package static func end(on device: Device) -> CapturedStep {
    let backend = device.backend.unprofiled as! CUDABackend
    var graph: OpaquePointer?
    backend.check(KindlingCUDAEndCapture(backend.handle, &graph), "captureStep")
    return CapturedStep(device, {}, graph)
  }
}
