import FoundationEssentials
import Kindling
import KindlingPage

/// Keeps what `--page` shows: some steps with all their numbers, and of every step its health.
///
/// A step that is not shown costs a few sums more than without; without `--page` nothing here is ever called.
final class PageRecorder {
  private let path: String
  private let indices: Int?
  private let chosen: Set<Int>
  private let stepCount: Int
  private let walkthrough = Walkthrough()
  private let title, subtitle, command: String
  private var health = PageData.Health()
  private var healthWatcher = HealthWatcher()
  private var digits: DigitsRecorder?
  private var predictions: [Int] = []
  private var current: Int?
  /// The times of one step that nothing else is seen of.
  private let profile = Profile()
  private let profiledStep: Int?
  /// The weights at a point of the charts, until the step after it tells by how much they have changed.
  private var before: [(name: String, tensor: Tensor)] = []

  /// How many steps the charts have at most, besides the last.
  private static let mostPoints = 250

  init(path: String, steps: [PageStep], lesson: LessonFacts, options: Options) {
    self.path = path
    indices = options.pageIndices
    stepCount = options.steps
    chosen = Set(steps.map { $0.number(of: options.steps) })
    // Not the first ones, in which memory is still being got.
    let chosen = chosen
    let candidates = (min(12, options.steps / 2)..<options.steps).lazy.filter { !chosen.contains($0) }
    let pointDistance = PageRecorder.pointDistance(of: options.steps)
    profiledStep = candidates.first { $0 % pointDistance != 0 } ?? candidates.first
    KernelTimes.isOn = true
    title = "lesson\(lesson.number)"
    subtitle = lesson.topic.name
    command =
      "lesson\(lesson.number) --problem \(options.problem.rawValue) --seed \(options.seed) --steps \(options.steps)"
      + (options.samples.map { " --samples \($0)" } ?? "") + (options.optimizer.map { " --optimizer \($0)" } ?? "")
  }

  // MARK: What the lesson shows

  func name(_ tensor: Tensor, _ name: String) { walkthrough.setName(name, of: tensor) }

  func name(_ values: [Double], _ shape: Shape, _ name: String) {
    // Before the training, and within a step that is looked into.
    if current == nil || walkthrough.isCapturing { walkthrough.name(values, shape, name) }
  }

  /// The samples that are not trained on, and what all samples show.
  func showDigits(_ recorder: DigitsRecorder) { digits = recorder }

  /// A step begins, and the one before is over.
  func begin(_ step: Int) {
    endStep()
    current = step
    if chosen.contains(step) {
      walkthrough.begin(step)
    } else if step == profiledStep {
      Watching.set(profile)
      profile.begin()
    } else if isPoint(step) {
      Watching.set(healthWatcher)
    }
  }

  /// The loss is known, and the way back begins.
  func report(_ loss: Double, _ prediction: () -> Prediction) {
    profile.enter(.backward)
    KernelTimes.paused { noteReport(loss, prediction) }
  }

  private func noteReport(_ loss: Double, _ prediction: () -> Prediction) {
    guard let step = current else { return }
    // A training ends where its loss is no longer finite, and that is told though no point is due.
    if isPoint(step) || !loss.isFinite {
      health.steps.append(step)
      health.loss.append(PageRecorder.short(loss))
    }
    if walkthrough.isCapturing {
      walkthrough.note(loss: loss)
      walkthrough.enter(.backward)
      if digits != nil { predictions.append(walkthrough.place(of: prediction())) }
    }
    if digits?.wants(step) ?? false { unwatched { digits?.note(step, outputs: prediction().tensor) } }
  }

  /// The gradients are known, and the update begins.
  func observe(_ weights: [(name: String, tensor: Tensor)], _ gradients: [Tensor]) {
    profile.enter(.update)
    KernelTimes.paused { noteWeights(weights, gradients) }
  }

  private func noteWeights(_ weights: [(name: String, tensor: Tensor)], _ gradients: [Tensor]) {
    guard let step = current else { return }
    walkthrough.enter(.update)
    unwatched {
      noGrad {
        if digits?.wants(step) ?? false { digits?.note(step, weights: weights.map(\.tensor)) }
        noteChange(weights)
        if !isPoint(step) { return }
        for ((name, weight), gradient) in zip(weights, gradients) {
          health.weights[name, default: []].append(norm(weight))
          health.gradients[name, default: []].append(norm(gradient))
        }
        before = weights.map { ($0.name, $0.tensor.to(.cpu).clone()) }
      }
    }
  }

  private func noteChange(_ weights: [(name: String, tensor: Tensor)]) {
    for ((name, old), (_, new)) in zip(before, weights) {
      guard let size = norm(old), let change = norm(new.to(.cpu) - old), size > 0 else {
        health.ratios[name, default: []].append(nil)
        continue
      }
      health.ratios[name, default: []].append(PageRecorder.short(change / size))
    }
    before = []
  }

  private func norm(_ tensor: Tensor) -> Double? {
    PageRecorder.short(tensor.to(.float64).norm().item())
  }

  /// A number with as many digits as a chart can show; nil for one that is not finite.
  private static func short(_ number: Double) -> Double? { number.isFinite ? Double("\(Float(number))") : nil }

  private func endStep() {
    guard let step = current else { return }
    if step == profiledStep { profile.end(step) }
    if walkthrough.isCapturing {
      walkthrough.end()
      if isPoint(step), let last = walkthrough.steps.last { healthWatcher.note(last, walkthrough.tensors) }
    } else {
      Watching.set(nil)
    }
    if isPoint(step) {
      let shares = healthWatcher.take()
      for (name, share) in shares { health.zeros[name, default: []].append(share.flatMap(PageRecorder.short)) }
      if shares.isEmpty { for name in health.zeros.keys { health.zeros[name]?.append(nil) } }
    }
    current = nil
  }

  /// Whether the charts have a point at this step.
  private func isPoint(_ step: Int) -> Bool {
    step % PageRecorder.pointDistance(of: stepCount) == 0 || step == stepCount - 1
  }

  private static func pointDistance(of stepCount: Int) -> Int { (stepCount - 1) / mostPoints + 1 }

  // MARK: The end

  /// The training is over; with the last weights.
  func finish(_ weights: [(name: String, tensor: Tensor)]) {
    endStep()
    unwatched { noGrad { noteChange(weights) } }
  }

  func write() throws {
    endStep()
    var finished = PageData(walkthrough, title: title, limit: indices)
    (finished.subtitle, finished.command) = (subtitle, command)
    finished.health = health
    finished.timeline = profiledStep.flatMap { PageData.Timeline(profile, step: $0) }
    if let digits, let x = walkthrough.tensors.firstIndex(where: { $0.name == "x" }) {
      finished.digits = digits.data(x, predictions, walkthrough, finished)
    }
    try Page.write([finished], to: path, for: "--page")
  }
}

/// A network's outputs, from a lesson with tensors or without.
enum Prediction {
  case tensor(Tensor)
  case plain([Double], Shape)

  var tensor: Tensor {
    switch self {
    case .tensor(let tensor): tensor
    case .plain(let values, let shape): Tensor(values, shape: shape, dtype: .float64)
    }
  }
}

extension Walkthrough {
  /// The place in `tensors` of the network's outputs.
  fileprivate func place(of prediction: Prediction) -> Int {
    switch prediction {
    case .tensor(let tensor): place(of: tensor)
    case .plain(let values, let shape): place(of: values, shape)
    }
  }
}

/// A step that `--page-steps` names.
package enum PageStep {
  /// The step of this number, counted from 0.
  case at(Int)
  /// The last one.
  case last

  package func number(of count: Int) -> Int {
    switch self {
    case .at(let step): step
    case .last: count - 1
    }
  }

  /// What is wrong with steps that are asked for; nil if nothing is.
  package static func problem(_ text: String, of count: Int) -> String? {
    guard let steps = list(text) else { return "--page-steps takes steps such as 0,1,10,last, and is '\(text)'." }
    guard let late = steps.map({ $0.number(of: count) }).first(where: { $0 >= count }) else { return nil }
    return "--page-steps has step \(late), and the last of \(count) is \(count - 1), as they are counted from 0."
  }

  /// Steps such as `0,1,10,100,last`; nil where they are not understood.
  package static func list(_ text: String) -> [PageStep]? {
    let steps = text.split(separator: ",", omittingEmptySubsequences: false).map { word -> PageStep? in
      if word == "last" { return .last }
      return Int(word).flatMap { $0 >= 0 ? .at($0) : nil }
    }
    return steps.contains { $0 == nil } ? nil : steps.compactMap { $0 }
  }
}

/// Counts the zeros that a ReLU or a clamp leaves.
private final class HealthWatcher: Watcher {
  private var shares: [(name: String, share: Double?)] = []

  func ran(_ operation: RunOperation) {
    let name = "\(operation.name)"
    if !HealthWatcher.makesZeros(name) { return }
    let output = operation.output
    let zeros = unwatched { noGrad { (output == 0).to(.float64).mean().item() } }
    add(name, zeros)
  }

  func ran(plain name: String, _ inputs: [PlainArray], _ output: PlainArray, numbers: [Double?]?, writes: Bool) {
    if name == "maximum" { add(name, Double(output.values.count { $0 == 0 }) / Double(max(1, output.values.count))) }
  }

  /// The same from a step that was captured.
  func note(_ step: Walkthrough.Step, _ tensors: [Walkthrough.Snapshot]) {
    for operation in step.operations
    where !operation.isRule && (HealthWatcher.makesZeros(operation.name) || operation.name == "maximum") {
      let values = tensors[operation.results[0].tensor].values.toArray()
      add(operation.name, Double(values.count { $0 == 0 }) / Double(max(1, values.count)))
    }
  }

  private static func makesZeros(_ name: String) -> Bool { name == "relu" || name == "clamp" }

  private func add(_ name: String, _ share: Double) {
    let number = shares.count { $0.name.hasPrefix(name) }
    shares.append((number == 0 ? name : "\(name) \(number + 1)", share))
  }

  func take() -> [(name: String, share: Double?)] {
    defer { shares = [] }
    return shares
  }
}
