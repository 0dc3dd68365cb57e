/// Where the time of training steps goes: operations forward, rules backward, updates, the kernels that they call, and when
/// the device was at work on those.
///
/// An operation begins with its first kernel, or where it has none, when it is done; what lies between operations is the
/// program's own time.
package final class Profile: Watcher {
  /// A part of a step. The device's own lane is empty on the CPU.
  package enum Lane: Int, CaseIterable {
    case step, forward, backward, update, kernels, device
  }

  /// Something that took a while. Times are in seconds from the profile's beginning.
  package struct Event {
    package let lane: Lane
    package let name: String
    package let start, duration: Double
  }

  /// What happened, each lane in order.
  package private(set) var events: [Event] = []
  private let mostEvents: Int
  private let beginning = ContinuousClock.now
  private var phase = Lane.forward
  private var last = ContinuousClock.now
  private var stepStart = ContinuousClock.now

  /// - Parameter mostEvents: After this many nothing more is noted.
  package init(mostEvents: Int = 20_000) {
    self.mostEvents = mostEvents
    events.reserveCapacity(mostEvents)
  }

  package let readsNumbers = false

  /// Whether there is room for another step.
  package var hasRoom: Bool { events.count < mostEvents }

  /// A step begins.
  package func begin() {
    phase = .forward
    KernelTimes.begin()
    stepStart = .now
    last = stepStart
  }

  /// The step is over.
  package func end(_ step: Int) {
    let end = ContinuousClock.now
    takeKernels()
    for (name, start, duration) in KernelTimes.end() { note(.device, name, start, start + .seconds(duration)) }
    note(.step, "step \(step)", stepStart, end)
  }

  /// Says which part of the step begins, where no `backward()` tells.
  package func enter(_ phase: Walkthrough.Operation.Phase) {
    self.phase = phase == .forward ? .forward : phase == .backward ? .backward : .update
  }

  package func ran(_ operation: RunOperation) { finish("\(operation.name) \(operation.output.shape)") }

  package func ran(
    plain name: String, _ inputs: [PlainArray], _ output: PlainArray, numbers: [Double?]?, writes: Bool
  ) {
    // Numbers have no kernels to begin with.
    note(phase, name, last, .now)
    last = .now
  }

  package func walks(_ root: Tensor) { phase = .backward }
  package func walked(_ root: Tensor) { phase = .update }
  package func applied(_ rule: AppliedRule, _ gradients: [Tensor?]) { finish("rule of \(rule.name)") }
  package func updated(_ update: ParameterUpdate) { finish("\(update.name) \(update.parameter.shape)") }

  private func finish(_ name: String) {
    let now = ContinuousClock.now
    let start = takeKernels()
    note(phase, name, start ?? now, now)
    last = now
  }

  /// Notes the kernels since the last operation.
  ///
  /// - Returns: When the first of them began.
  @discardableResult
  private func takeKernels() -> ContinuousClock.Instant? {
    defer { KernelTimes.events.removeAll(keepingCapacity: true) }
    for (name, start, end) in KernelTimes.events { note(.kernels, "\(name)", start, end) }
    return KernelTimes.events.first?.start
  }

  private func note(_ lane: Lane, _ name: String, _ start: ContinuousClock.Instant, _ end: ContinuousClock.Instant) {
    if !hasRoom && lane != .step { return }
    events.append(
      Event(lane: lane, name: name, start: (start - beginning) / .seconds(1), duration: (end - start) / .seconds(1)))
  }
}
