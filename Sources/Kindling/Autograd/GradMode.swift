import Kernels

/// Whether operations on this thread are being recorded.
public var isGradEnabled: Bool { !KindlingThreadState().pointee.gradientsDisabled }

/// Runs `body` without recording: for updating weights, and for evaluation.
public func noGrad<R>(_ body: () throws -> R) rethrows -> R { try withGradMode(false, body) }

/// Runs `body` with recording on, also inside `noGrad`.
public func enableGrad<R>(_ body: () throws -> R) rethrows -> R { try withGradMode(true, body) }

package func withGradMode<R>(_ enabled: Bool, _ body: () throws -> R) rethrows -> R {
  let state = KindlingThreadState()
  let before = state.pointee.gradientsDisabled
  state.pointee.gradientsDisabled = !enabled
  defer { state.pointee.gradientsDisabled = before }
  return try body()
}

/// Runs `body` in anomaly mode: the first operation that makes a NaN out of inputs that have none, forward or
/// backward, ends the program with its name. Every result is read for it, so it is slow: for finding a fault.
/// `torch.autograd.detect_anomaly` of PyTorch.
public func detectAnomaly<R>(_ body: () throws -> R) rethrows -> R {
  let state = KindlingThreadState()
  let before = state.pointee.detectsAnomaly
  state.pointee.detectsAnomaly = true
  defer { state.pointee.detectsAnomaly = before }
  return try body()
}
