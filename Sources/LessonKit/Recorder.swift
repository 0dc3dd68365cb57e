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

func printError(_ message: String) {
  // Not through `stderr`: Swift counts that as a variable shared between threads.
  let line = message + "\n"
  _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
}

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
  private var firstReport: ContinuousClock.Instant?
  private var lastReport: ContinuousClock.Instant?

  /// Throws at once, before any training, if a file could not be written in the end.
  init(lesson: Int, options: Options, device: Device, learningRate: Double) throws {
    record = Record(
      lesson: lesson, problem: options.problem.rawValue, device: "\(device)", seed: options.seed,
      steps: options.steps, learningRate: learningRate, losses: [], secondsPerStep: 0)
    record.losses.reserveCapacity(options.steps)
    recordPath = options.record
    savePath = options.save
    isQuiet = options.quiet
    // The article's first program prints every step, the others every hundredth.
    printEvery = options.printEvery ?? (lesson == 1 && options.problem == .article ? 1 : 100)
    if let recordPath { try checkWritable(recordPath, "--record") }
    if let savePath { try checkWritable(savePath, "--save") }
  }

  mutating func report(_ step: Int, _ loss: Double) {
    let now = ContinuousClock.now
    if firstReport == nil { firstReport = now }
    lastReport = now
    if !loss.isFinite { stop(step, loss) }
    record.losses.append(loss)
    if !isQuiet && step % printEvery == printEvery - 1 { print(step, loss) }
  }

  private mutating func stop(_ step: Int, _ loss: Double) -> Never {
    printError(
      """
      lesson\(record.lesson): the loss became \(loss) at step \(step), so the training stops here. The steps are too \
      long for this problem: try --learning-rate \(Float(record.learningRate / 10)) (it was \(record.learningRate)).
      """)
    do { try writeRecord() } catch { printError("lesson\(record.lesson): \(error)") }
    exit(1)
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

  mutating func write() throws {
    try writeRecord()
    if let savePath { try Safetensors.save(kept, to: savePath) }
    // What was printed may still be on its way to a file, on a disk that is full.
    if fflush(nil) != 0 { throw KindlingError("standard output: \(String(cString: strerror(errno)))") }
  }

  private mutating func writeRecord() throws {
    guard let recordPath else { return }
    if let firstReport, let lastReport, record.losses.count > 1 {
      record.secondsPerStep = (lastReport - firstReport) / .seconds(1) / Double(record.losses.count - 1)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = try encoder.encode(record)
    try FileAccess.store([Array(text) + [UInt8(ascii: "\n")]], at: recordPath, for: "--record")
  }

  /// Tries a file beside the one that is to be written.
  private func checkWritable(_ path: String, _ option: String) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR { throw KindlingError("\(option) \(path): this is a folder; name a file") }
      // Something like /dev/null is written as it stands.
      if kind != S_IFREG && access(path, W_OK) == 0 { return }
    }
    let trial = path + ".trial-\(getpid())"
    guard let file = fopen(trial, "w") else {
      throw KindlingError("\(option) \(path): cannot write there: \(String(cString: strerror(errno)))")
    }
    fclose(file)
    unlink(trial)
  }
}
