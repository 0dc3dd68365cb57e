import ArgumentParser
import FoundationEssentials
import Kindling
import KindlingPage
import LessonKit

/// Runs the lessons and holds them side by side.
@main
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Run the lessons on one problem, and check that every stage computes the same.",
    discussion: """
      Each lesson runs as the program it is; their losses, first gradients and last weights are compared with those of \
      the stage before and of the first stage. A relative difference is the distance of two numbers over the larger one, \
      for a tensor the largest distance over the tensor's largest element. The same distance in ulps counts units in the \
      last place: steps from one float32 number to the next, at that size. "same" means that every bit is.

      Lessons 2 to 5 count in float32 and keep the same bits, or nearly, where a sum is added up in another order; \
      lesson 1 counts in float64. The bounds and how they were measured stand in Sources/Compare/Tolerance.swift.

      Exit status: 0 all agree within the bounds; 1 they do not, and the output names the stage, the first step and the \
      tensor; 2 something could not be run, read or written; 64 a wrong option; 130 stopped by Ctrl-C (SIGINT), 143 by \
      SIGTERM, 129 by SIGHUP.
      """,
    version: "compare (Kindling \(kindlingVersion))")

  @Option(help: ArgumentHelp("What to train: shared (if not given), digits, paper, article.", valueName: "name"))
  var problem: Problem?
  @Option(help: ArgumentHelp("Where lessons 2 to 5 compute; cpu if not given.", valueName: "name"))
  var device: String?
  @Option(help: ArgumentHelp("Run every lesson on each of these, such as cpu,cuda-emulator.", valueName: "names"))
  var devices: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the random numbers; 0 if not given.", valueName: "number"))
  var seed: Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("Training steps; 500 if not given.", valueName: "count"))
  var steps: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Step size; the problem's own if not given.", valueName: "number"))
  var learningRate: Double?
  @Option(help: ArgumentHelp("Only these lessons, such as 2,3.", valueName: "numbers"))
  var lessons = LessonFacts.numbers.map(String.init).joined(separator: ",")

  @Option(
    help: ArgumentHelp(
      "Also compare with: reference (committed curves of NumPy and PyTorch), pytorch (runs the article's Python now).",
      valueName: "what"))
  var against: [Reference] = []
  @Option(
    help: ArgumentHelp("The Python that has PyTorch; KINDLING_PYTHON or python3 if not given.", valueName: "path"))
  var python: String?

  @Option(help: ArgumentHelp("Write a report with charts, one file that opens offline.", valueName: "file"))
  var html: String?
  @Option(
    help: ArgumentHelp(
      "Write a page to walk through the stages' steps, the same tensors side by side.", valueName: "file"))
  var page: String?
  @Option(help: ArgumentHelp("The steps that the page shows; last is the last one.", valueName: "list"))
  var pageSteps = "0,last"
  @Option(help: ArgumentHelp("Write everything that was found, as JSON.", valueName: "file"))
  var json: String?
  @Option(help: ArgumentHelp("Keep the lessons' records and tensors in this folder.", valueName: "folder"))
  var keep: String?
  @Option(help: ArgumentHelp("Run nothing; compare what --keep kept in this folder.", valueName: "folder"))
  var records: String?
  @Option(help: ArgumentHelp("Run this program as a lesson, such as 3=./my-lesson3.", valueName: "lesson=path"))
  var lessonBinary: [String] = []

  @Flag(help: "Show instead why the article's learning rate is a millionth: its loss is a sum, and not a mean.")
  var sumOrMean = false

  static func main() {
    StandardOutput.begin("compare", failure: 2)
    main(nil)
  }

  func validate() throws {
    _ = try lessonNumbers()
    _ = try binaries()
    _ = try deviceNames()
    for (option, value) in [("--python", python), ("--keep", keep), ("--records", records)] where value == "" {
      throw ValidationError("\(option) is empty, and should be a path.")
    }
    try checkAtLeast(1, steps, "--steps")
    try checkLearningRate(learningRate)
    if device != nil && devices != nil {
      throw ValidationError("--device names one, --devices several; give one of the two.")
    }
    if let problem = PageStep.problem(pageSteps, of: steps ?? 500) { throw ValidationError(problem) }
    if page != nil && (records != nil || sumOrMean) {
      throw ValidationError("--page shows steps as they run; --records and --sum-or-mean run none to show.")
    }
    if records != nil && (keep != nil || !lessonBinary.isEmpty || sumOrMean) {
      throw ValidationError("--records runs nothing, so --keep, --lesson-binary and --sum-or-mean do not go with it.")
    }
  }

  func run() throws {
    Interruption.watch()
    do {
      try FileAccess.checkWritable([("--html", html), ("--json", json), ("--page", page)])
      try withTemporaryFolder { try run(scratch: $0) }
      try Interruption.check()
    } catch let error as KindlingError {
      StandardError.clearProgress()
      StandardError.print("compare: \(error)")
      throw ExitCode(2)
    } catch let code as ExitCode {
      StandardError.clearProgress()
      if let signal = Interruption.name { StandardError.print("compare: stopped by \(signal).") }
      throw code
    }
  }

  private func run(scratch: String) throws {
    var settings = Settings(
      problem: problem ?? .shared, seed: seed ?? 0, steps: steps ?? 500, learningRate: learningRate)
    let runner = LessonRunner(binaries: try binaries())
    let terminal = Terminal.standardOutput
    if sumOrMean {
      var one = settings
      one.steps = 1
      let outcome = try runner.run(Stage(lesson: 2, device: Stage.cpu), one, folder: scratch)
      print(try SumOrMean(outcome, steps: settings.steps, terminal: terminal).text)
      return
    }
    let stages = Stage.all(lessons: try lessonNumbers(), devices: try deviceNames())
    if page != nil { settings.pageSteps = pageSteps }
    let outcomes =
      try records.map { try read(stages, from: $0) } ?? runAll(stages, runner, settings, folder: keep ?? scratch)
    let report = try examine(distinct(outcomes), runner, settings, scratch: scratch)
    try Interruption.check()
    print(Summary(report: report, terminal: terminal).text)
    try write(report)
    if let page { try writePage(of: stages, in: keep ?? scratch, to: page) }
    if !report.agrees { throw ExitCode(1) }
  }

  // MARK: Steps

  /// Two names can stand for one device: `auto` and `cpu`, for one.
  private func distinct(_ outcomes: [Outcome]) -> [Outcome] {
    outcomes.reduce(into: []) { list, outcome in
      if !list.contains(where: { $0.stage == outcome.stage }) { list.append(outcome) }
    }
  }

  private func runAll(_ stages: [Stage], _ runner: LessonRunner, _ settings: Settings, folder: String) throws
    -> [Outcome]
  {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw KindlingError("--keep \(folder): this folder cannot be made, or is a file")
    }
    let devices = try deviceNames()
    defer { StandardError.clearProgress() }
    return try stages.enumerated().map { index, stage in
      StandardError.show(progress: "\(index + 1) of \(stages.count): \(stage.name(among: devices)) …")
      return try runner.run(stage, settings, folder: folder)
    }
  }

  private func read(_ stages: [Stage], from folder: String) throws -> [Outcome] {
    let outcomes = try stages.map { try Outcome.read($0, from: folder) }
    try checkAlike(outcomes, problem: problem, seed: seed, steps: steps, learningRate: learningRate)
    return outcomes
  }

  private func examine(
    _ outcomes: [Outcome], _ runner: LessonRunner, _ settings: Settings, scratch: String
  ) throws -> Report {
    let record = outcomes[0].record
    let settings = Settings(
      problem: Problem(rawValue: record.problem) ?? settings.problem, seed: record.seed, steps: record.steps,
      learningRate: learningRate)
    var findings = Finding.all(outcomes, problem: settings.problem)
    if records == nil {
      for index in findings.indices {
        StandardError.show(progress: "looking for the tensor …")
        try findings[index].rerun(runner, settings, folder: scratch)
      }
      StandardError.clearProgress()
    }
    let references = try against.flatMap {
      try $0.rows(outcomes, settings: settings, python: python, folder: scratch)
    }
    return Report(outcomes, problem: settings.problem, findings: findings, references: references)
  }

  /// Each of the two, also where the other cannot be written.
  private func write(_ report: Report) throws {
    let files = [
      html.map { path in
        Result { try FileAccess.store([Array(HTMLReport(report: report).page().utf8)], at: path, for: "--html") }
      },
      json.map { path in
        Result { try FileAccess.store([Array(report.json(pretty: true).utf8)], at: path, for: "--json") }
      },
    ]
    let problems = files.compactMap { file -> String? in if case .failure(let error)? = file { "\(error)" } else { nil }
    }
    if !problems.isEmpty { throw KindlingError(problems.joined(separator: "\n")) }
  }

  /// Puts the stages' own pages into one.
  private func writePage(of stages: [Stage], in folder: String, to path: String) throws {
    let pages = stages.compactMap { try? FileAccess.bytes(of: Outcome.pagePath($0, in: folder), for: "--page") }
    let runs = pages.flatMap { Page.runs(in: String(decoding: $0, as: UTF8.self)) }
    if runs.isEmpty { throw KindlingError("--page: none of the stages came to a step that could be shown") }
    try Page.write(runs, titled: "compare", to: path, for: "--page")
  }

  // MARK: Options

  private func deviceNames() throws -> [String] {
    let (option, list) = devices.map { ("--devices", $0) } ?? ("--device", device ?? Stage.cpu)
    guard let names = Stage.devices(list) else {
      throw ValidationError(
        "\(option) '\(list)' has a name too few; a device can be \(Device.names).")
    }
    return names
  }

  private func lessonNumbers() throws -> [Int] {
    let numbers = lessons.split(separator: ",", omittingEmptySubsequences: false).map { Int($0.trimmingWhitespace()) }
    guard numbers.allSatisfy({ $0.map(LessonFacts.numbers.contains) ?? false }) else {
      throw ValidationError(
        "--lessons \(lessons): numbers from 1 to \(LessonFacts.all.count) with commas between them, such as 2,3.")
    }
    return Set(numbers.compactMap { $0 }).sorted()
  }

  private func binaries() throws -> [Int: String] {
    var paths: [Int: String] = [:]
    for text in lessonBinary {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let lesson = Int(parts[0]), LessonFacts.numbers.contains(lesson) else {
        throw ValidationError("--lesson-binary \(text): a lesson, = and a path, such as 3=./my-lesson3.")
      }
      paths[lesson] = String(parts[1])
    }
    return paths
  }
}

extension Reference: ExpressibleByArgument {}

extension Substring {
  func trimmingWhitespace() -> String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
