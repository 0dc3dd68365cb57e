import ArgumentParser
import FoundationEssentials
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The package's version.
public let kindlingVersion = "0.1.0"

/// What `--record` writes, as JSON.
public struct Record: Codable, Sendable {
  /// The lesson's number.
  public var lesson: Int
  /// `article`, `shared` or `digits`.
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

/// Prints the losses and keeps what the options ask to be kept.
struct Recorder {
  var predictions: [Double]?
  var saves: Bool { savePath != nil }

  private var record: Record
  private let recordPath: String?
  private let savePath: String?
  private let printEvery: Int
  private let isQuiet: Bool
  private var kept: [String: Tensor] = [:]
  private var lastStep: Int?
  private var lastPrinted: Int?
  private var firstReport: ContinuousClock.Instant?
  private var lastReport: ContinuousClock.Instant?

  init(lesson: Int, options: Options, device: Device, learningRate: Double) {
    record = Record(
      lesson: lesson, problem: options.problem.rawValue, device: "\(device)", seed: options.seed,
      steps: options.steps, learningRate: learningRate, losses: [], secondsPerStep: 0)
    recordPath = options.record
    savePath = options.save
    isQuiet = options.quiet
    // The article's first program prints every step, the others every hundredth.
    printEvery = options.printEvery ?? (lesson == 1 && options.problem == .article ? 1 : 100)
  }

  mutating func report(_ step: Int, _ loss: Double) {
    let now = ContinuousClock.now
    if firstReport == nil { firstReport = now }
    lastReport = now
    if !loss.isFinite { stop(step, loss) }
    record.losses.append(loss)
    lastStep = step
    if step % printEvery == printEvery - 1 { printLoss() }
  }

  /// Prints the last loss, unless it has been.
  private mutating func printLoss() {
    guard !isQuiet, let lastStep, lastStep != lastPrinted, let loss = record.losses.last else { return }
    print(lastStep, loss)
    lastPrinted = lastStep
    // At once, so that a reader sees it, and so that a training for which there is no reader any more comes to its end.
    if StandardOutput.problem != nil { Interruption.request(status: 1) }
  }

  private mutating func stop(_ step: Int, _ loss: Double) -> Never {
    let rate = record.learningRate / 10
    // As a Float it has fewer digits, if a Float can hold it.
    let advice = Float(rate).isNormal ? "\(Float(rate))" : "\(rate)"
    StandardError.print(
      """
      lesson\(record.lesson): the loss became \(loss) at step \(step), so the training stops here. The steps are too \
      long for this problem: try --learning-rate \(advice) (it was \(record.learningRate)).
      """)
    do { try writeRecord() } catch { StandardError.print("lesson\(record.lesson): \(error)") }
    exit(1)
  }

  /// Says where the training stopped, and gives the exit status for that; nil if it went to its end.
  mutating func endedEarly() -> Int32? {
    guard let status = Interruption.status, record.losses.count < record.steps else { return nil }
    if let signal = Interruption.name {
      printLoss()
      StandardError.print(
        "lesson\(record.lesson): stopped by \(signal) after \(record.losses.count) of \(record.steps) steps.")
    }
    return status
  }

  func accuracy(_ fraction: Double) {
    if !isQuiet { print("accuracy", (fraction * 10000).rounded() / 10000) }
  }

  // MARK: Files

  mutating func keep(_ name: String, _ tensor: Tensor) {
    if saves && kept[name] == nil { kept[name] = noGrad { tensor.to(.cpu).clone() } }
  }

  mutating func keep(_ name: String, _ values: [Double], _ shape: Shape) {
    if saves && kept[name] == nil { kept[name] = Tensor(values, shape: shape, dtype: .float64) }
  }

  /// Whether there is anything to write: who was stopped before the first step leaves older files alone.
  var hasNothing: Bool { record.losses.isEmpty && Interruption.status != nil }

  func writeTensors() throws { if let savePath { try Safetensors.save(kept, to: savePath) } }

  mutating func writeRecord() throws {
    guard let recordPath else { return }
    if let firstReport, let lastReport, record.losses.count > 1 {
      record.secondsPerStep = (lastReport - firstReport) / .seconds(1) / Double(record.losses.count - 1)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = try encoder.encode(record)
    try FileAccess.store([Array(text) + [UInt8(ascii: "\n")]], at: recordPath, for: "--record")
  }
}
