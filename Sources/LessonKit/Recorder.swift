import FoundationEssentials
import Kindling

/// What `--record` writes, as JSON.
public struct Record: Codable, Sendable {
  /// The lesson's number.
  public var lesson: Int
  /// `article`, `shared`, `digits` or `paper`.
  public var problem: String
  /// Where the tensors lived, such as `cpu`.
  public var device: String
  /// The seed of the random numbers.
  public var seed: Int
  /// How many steps were asked for.
  public var steps: Int
  /// The step size.
  public var learningRate: Double
  /// The loss of every step that was taken, in full precision.
  public var losses: [Double]
  /// Wall-clock time from one report to the next, on average.
  public var secondsPerStep: Double

  /// A record of a training that went another way than through a lesson, or not at all.
  public init(
    lesson: Int, problem: String, device: String, seed: Int, steps: Int, learningRate: Double, losses: [Double],
    secondsPerStep: Double
  ) {
    (self.lesson, self.problem, self.device, self.seed, self.steps) = (lesson, problem, device, seed, steps)
    (self.learningRate, self.losses, self.secondsPerStep) = (learningRate, losses, secondsPerStep)
  }
}

/// Keeps every loss and the time that steps take: for `--record`.
struct Recorder {
  private(set) var record: Record
  private let path: String?
  private var firstReport: ContinuousClock.Instant?
  private var lastReport: ContinuousClock.Instant?

  init(lesson: LessonFacts, options: Options, device: Device) {
    record = Record(
      lesson: lesson.number, problem: options.problem.rawValue, device: "\(device)", seed: options.seed,
      steps: options.steps, learningRate: 0, losses: [], secondsPerStep: 0)
    path = options.record
  }

  /// Whether the training ends before its last step.
  var isIncomplete: Bool { record.losses.count < record.steps }

  mutating func note(learningRate: Double) { record.learningRate = learningRate }

  /// A loss that is no finite number is not kept, since JSON has no word for it; its time is.
  mutating func note(loss: Double) {
    let now = ContinuousClock.now
    if firstReport == nil { firstReport = now }
    lastReport = now
    if loss.isFinite { record.losses.append(loss) }
  }

  mutating func write() throws {
    guard let path else { return }
    if let firstReport, let lastReport, record.losses.count > 1 {
      record.secondsPerStep = (lastReport - firstReport) / .seconds(1) / Double(record.losses.count - 1)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = try encoder.encode(record)
    try FileAccess.store([Array(text) + [UInt8(ascii: "\n")]], at: path, for: "--record")
  }
}
