import Foundation
import Kindling
import LessonKit
import TestSupport
import Testing

/// The program `compare`, run as a learner runs it.
@Suite struct CompareTests {
  // MARK: Agreement

  @Test(.enabled(if: Products.areOurs, Products.notOurs)) func agreesOnTheSharedProblem() throws {
    let (result, report) = try compare(["--steps", "200"])
    #expect(result.status == 0, "\(result.error)")
    #expect(report?.agrees == true)
    #expect(
      report?.verdict.first?.hasPrefix(
        "Lessons 2 to \(LessonFacts.all.count) give the same losses, gradients and weights") == true)
    for row in report?.stages ?? [] {
      guard let before = row.before else { continue }
      switch row.stage.lesson {
      // float32 against float64: 7.6e-5 was the most that any seed showed up to step 199.
      case 2: #expect(before.losses.max()! < 2e-4)
      // The same products of the same layouts.
      default:
        #expect(before.losses.allSatisfy { $0 == 0 } && before.tensors.allSatisfy { $0.difference?.relative == 0 })
      }
    }
  }

  @Test func agreesOnTheCaseForPaper() throws {
    let (result, report) = try compare(["--problem", "paper"])
    #expect(result.status == 0, "\(result.error)")
    #expect(report?.agrees == true)
  }

  @Test func agreesOnEveryDevice() throws {
    let (result, report) = try compare(["--steps", "12", "--devices", "cpu,cuda-emulator"])
    #expect(result.status == 0, "\(result.error)")
    #expect(report?.stages.map(\.stage.lesson) == Array(LessonFacts.numbers) + LessonFacts.numbers.dropFirst())
    #expect(report?.verdict.first?.contains("cuda-emulator and cpu agree to") == true)
  }

  @Test(arguments: ["shared", "article"]) func followsTheCommittedCurves(problem: String) throws {
    let (result, report) = try compare(["--problem", problem, "--against", "reference"])
    #expect(result.status == 0, "\(result.error)")
    let curves = try Safetensors.load(ReferenceFile.url("curves.safetensors").path()).tensors.keys
    #expect(report?.references.count == curves.count { $0.hasPrefix("\(problem)/") && $0.hasSuffix("/seed0") })
    // NumPy's numbers are reproduced bit for bit; on a processor without AVX2 they move by about 1e-11.
    if problem == "article" { #expect(report!.references[0].comparison.losses.max()! < 1e-9) }
  }

  @Test(
    .enabled(if: Tool.python != nil, "no python3 with torch; KINDLING_PYTHON names one"),
    arguments: ["digits", "paper"])
  func followsPyTorch(problem: String) throws {
    let (result, report) = try compare([
      "--problem", problem, "--steps", "20", "--against", "pytorch", "--python", Tool.python!,
    ])
    #expect(result.status == 0, "\(result.error)")
    #expect(report?.references.count == 5)
  }

  @Test func saysHowToGetPyTorch() throws {
    let arguments = ["--lessons", "2,3", "--steps", "2", "--against", "pytorch", "--python"]
    let missing = try compare(arguments + ["/nowhere/python3"]).result
    #expect(missing.status == 2)
    #expect(missing.error == "compare: /nowhere/python3 cannot be started: No such file or directory\n")

    let python = Program.scratch("python3")
    defer { try? FileManager.default.removeItem(at: python) }
    try "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'torch'\" >&2\nexit 1\n"
      .write(to: python, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python.path())
    let bare = try compare(arguments + [python.path()]).result
    #expect(bare.status == 2)
    #expect(bare.error.contains("has no PyTorch") && bare.error.contains("pip install torch numpy"))
  }

  // MARK: Mistakes in a lesson

  /// One line of one lesson, changed.
  struct Mutation: Sendable, CustomTestStringConvertible {
    let lesson: Int
    let line: String
    let changed: String
    /// Where compare must see it first; nil for a lesson that does not even run.
    let step: Int?
    let tensor: String?
    var testDescription: String { "lesson \(lesson): \(line) becomes \(changed.isEmpty ? "nothing" : changed)" }
  }

  static let mutations = [
    Mutation(
      lesson: 1, line: "multiply(2, subtract(yPred, y))", changed: "multiply(1, subtract(yPred, y))", step: 0,
      tensor: "gradient.w1"),
    // The right shape, and not a transpose.
    Mutation(lesson: 2, line: "mm(w2.t())", changed: "mm(w2.reshape(10, 100))", step: 0, tensor: "gradient.w1"),
    Mutation(lesson: 2, line: "hRelu.t().mm(gradYPred)", changed: "hRelu.mm(gradYPred)", step: 0, tensor: nil),
    // The first two losses are right: what was not zeroed shows in the second update.
    Mutation(lesson: 3, line: "w1.grad!.zero_()", changed: "", step: 2, tensor: "last.w1"),
    Mutation(lesson: 3, line: "w2.grad!.zero_()", changed: "", step: 2, tensor: "last.w2"),
    Mutation(lesson: 4, line: "model.zeroGrad()", changed: "", step: 2, tensor: "last.w1"),
    Mutation(lesson: 4, line: "reduction: .sum", changed: "reduction: .mean", step: 0, tensor: "gradient.w1"),
    Mutation(
      lesson: 5, line: ": SGD(model.parameters(), learningRate: learningRate)",
      changed: ": SGD(model.parameters(), learningRate: 2 * learningRate)", step: 1, tensor: "last.w1"),
  ]

  @Test(arguments: mutations.indices) func findsTheMistake(_ number: Int) throws {
    let mutation = Self.mutations[number]
    let program = try Tool.compile(mutation)
    defer { try? FileManager.default.removeItem(at: program.deletingLastPathComponent()) }
    let (result, report) = try compare([
      "--steps", "20", "--lesson-binary", "\(mutation.lesson)=\(program.path())",
    ])
    #expect(result.status == 1, "\(result.error)")
    let finding = try #require(report?.findings.first)
    #expect(report?.findings.count == 1, "only the changed lesson is to blame")
    #expect(finding.stage.lesson == mutation.lesson)
    #expect(finding.disagreement.step == mutation.step)
    #expect(finding.tensor == mutation.tensor)
    let verdict = report!.verdict.joined(separator: " ")
    #expect(verdict.contains("Lesson \(mutation.lesson)"))
    #expect(verdict.contains("at step \(mutation.step!)"))
    #expect(verdict.contains(mutation.tensor ?? "mm"), "names the tensor, or the operation that stopped the lesson")
  }

  // MARK: The article's numbers

  /// A number of the article's in each lesson, changed.
  static let numbers = [
    Mutation(
      lesson: 1, line: "run.random.randn(n, inputDim)", changed: "[Double](repeating: 0, count: n * inputDim)",
      step: nil,
      tensor: nil),
    Mutation(
      lesson: 2, line: "Tensor.randn(n, inputDim)", changed: "Tensor.zeros(n, inputDim)", step: nil, tensor: nil),
    Mutation(lesson: 3, line: "run.learningRate(1e-6)", changed: "run.learningRate(2e-6)", step: nil, tensor: nil),
    Mutation(
      lesson: 4, line: "run.sizes(64, 1000, 100, 10)", changed: "run.sizes(64, 1000, 50, 10)", step: nil, tensor: nil),
    Mutation(
      lesson: 5, line: "Tensor.randn(n, outputDim)", changed: "Tensor.ones(n, outputDim)", step: nil, tensor: nil),
  ]

  /// The lesson's own lines are what it trains on, unless another problem replaces what they give.
  @Test(arguments: numbers.indices) func theArticlesNumbersAreTheLessonsOwn(_ number: Int) throws {
    let mutation = Self.numbers[number]
    let program = try Tool.compile(mutation)
    defer { try? FileManager.default.removeItem(at: program.deletingLastPathComponent()) }
    for problem in [["article"], ["shared"], ["digits", "--samples=50"], ["paper"]] {
      let arguments = ["--steps=3", "--print-every=1", "--problem"] + problem
      let changed = try Tool.run(program.path(), arguments)
      let original = try Program.run("lesson\(mutation.lesson)", arguments)
      #expect(changed.status == 0 && original.status == 0, "\(changed.error)\(original.error)")
      #expect((changed.output == original.output) == (problem != ["article"]), "\(problem)")
    }
  }

  // MARK: Records

  @Test func readsWhatItKept() throws {
    let folder = try Tool.kept(["--lessons", "2,3", "--steps", "5", "--seed", "7"])
    defer { try? FileManager.default.removeItem(at: folder) }
    let arguments = ["--records", folder.path(), "--lessons", "2,3"]
    #expect(try compare(arguments).result.status == 0)
    #expect(try compare(arguments + ["--seed", "7", "--problem", "shared"]).result.status == 0)

    let otherSeed = try compare(arguments + ["--seed", "8"]).result
    #expect(otherSeed.status == 2)
    #expect(otherSeed.error == "compare: the record of lesson2 has seed 7, and --seed asks for 8\n")
    let otherProblem = try compare(arguments + ["--problem", "digits"]).result
    #expect(otherProblem.error == "compare: the record of lesson2 has problem shared, and --problem asks for digits\n")
  }

  @Test func refusesBrokenRecords() throws {
    let folder = try Tool.kept(["--lessons", "2,3", "--steps", "5"])
    defer { try? FileManager.default.removeItem(at: folder) }
    let record = folder.appending(path: "lesson3.json")
    let tensors = folder.appending(path: "lesson3.safetensors")
    let (text, bytes) = (try Data(contentsOf: record), try Data(contentsOf: tensors))
    func error() throws -> String {
      let result = try compare(["--records", folder.path(), "--lessons", "2,3"]).result
      #expect(result.status == 2)
      return result.error
    }
    try text.prefix(text.count / 2).write(to: record)
    #expect(
      try error().hasSuffix("lesson3.json: this cannot be read as JSON; it is cut off, or no record of a lesson\n"))
    try Data("{}".utf8).write(to: record)
    #expect(try error().contains("so it is no record of a lesson"))
    try Data(contentsOf: folder.appending(path: "lesson2.json")).write(to: record)
    #expect(try error().contains("a record of lesson 2 on cpu, and not of lesson 3 on cpu"))
    let other = String(decoding: text, as: UTF8.self).replacing("\"seed\":0", with: "\"seed\":1")
    try Data(other.utf8).write(to: record)
    #expect(try error() == "compare: the record of lesson3 has seed 1, and lesson2 has 0\n")
    let early = String(decoding: text, as: UTF8.self).replacing("\"steps\":5", with: "\"steps\":9")
    try Data(early.utf8).write(to: record)
    #expect(try error().contains("5 losses, and 9 steps; the lesson ended early"))
    try text.write(to: record)
    try bytes.prefix(bytes.count - 100).write(to: tensors)
    #expect(try error().contains("lesson3.safetensors"))
    try FileManager.default.removeItem(at: tensors)
    #expect(try error().contains("lesson3.safetensors: cannot be opened: No such file or directory"))
    try FileManager.default.removeItem(at: record)
    #expect(try error().contains("lesson3.json: cannot be opened: No such file or directory"))
  }

  // MARK: What is printed

  /// The last steps are float32's floor: two programs that agree may differ there in all of what is left.
  @Test func leadsWithTheAgreementAndNamesTheFloor() throws {
    let (result, report) = try compare([])
    #expect(result.status == 0, "\(result.error)")
    let lines = result.output.split(separator: "\n")
    let head = try #require(lines.first { $0.hasPrefix("difference") })
    let (early, floor) = (
      try #require(head.firstRange(of: "to step 199")), try #require(head.firstRange(of: "at the floor"))
    )
    #expect(early.upperBound < floor.lowerBound)
    let second = try #require(lines.first { $0.hasPrefix("2 tensors") && $0.contains("from 1") })
    let numbers = second.split(separator: " ").compactMap { Double($0) }
    #expect(numbers.count == 6 && numbers[2] < 2e-4 && numbers[3] > 0.01, "\(second)")
    // Where every bit is the same, nothing is said of the first stage that the stage before has not said.
    #expect(lines.count { $0.contains("from 2") && $0.split(separator: " ").count { $0 == "same" } == 4 } == 1)
    #expect(!lines.contains { $0.hasPrefix("3") && $0.contains("from 1") })
    let before = try #require(report?.stages[1].before)
    #expect(
      before.early.relative == before.losses[..<200].max() && before.late?.relative == before.losses[200...].max())
  }

  @Test func hasNoColumnForStepsThatThereAreNot() throws {
    let (result, report) = try compare(["--steps", "100"])
    #expect(
      result.output.contains("to step 99") && !result.output.contains("floor") && !result.output.contains("later"))
    #expect(report?.stages[1].before?.late == nil)
  }

  @Test(arguments: [[], ["--devices", "cpu,cuda-emulator"], ["--against", "reference"]])
  func fitsTheTerminal(_ arguments: [String]) throws {
    for width in [60, 80] {
      let result = try Tool.run(
        "compare", ["--steps", "12"] + arguments, environment: ["COLUMNS": "\(width)"])
      #expect(result.status == 0)
      #expect(!result.output.contains("\u{1B}"), "no colours outside a terminal")
      #expect(result.error == "", "no progress outside a terminal")
      let widest = result.output.split(separator: "\n").max { $0.count < $1.count } ?? ""
      #expect(widest.count <= width, "\(widest)")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "no script to make a terminal"))
  func colorsOnlyWhereTheyAreWanted() throws {
    let command = Program.folder.appending(path: "compare").path() + " --lessons 2,3 --steps 5"
    func output(_ environment: [String: String]) throws -> String {
      try Tool.run("/usr/bin/script", ["-qc", command, "/dev/null"], environment: environment).output
    }
    // Empty is as good as not set, and the tests themselves may run without colours.
    let colored = try output(["TERM": "xterm", "NO_COLOR": ""])
    #expect(colored.contains("\u{1B}[31m"), "\(colored)")
    #expect(try output(["TERM": "xterm", "NO_COLOR": "1"]).contains("\u{1B}[31m") == false)
  }

  @Test func showsWhySumAndMeanDiffer() throws {
    let result = try Program.run("compare", ["--sum-or-mean", "--steps", "100"])
    #expect(result.status == 0)
    let line = try #require(result.output.split(separator: "\n").first { $0.split(separator: " ").first == "99" })
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    let (sum, mean, slow, scaled) = (numbers[1], numbers[2], numbers[3], numbers[4])
    // The same trajectory up to rounding, six digits of which are printed.
    #expect(abs(scaled / sum - 1) < 1e-4)
    #expect(abs(mean * 640 / sum - 1) < 1e-4)
    #expect(slow > 1e4, "without its rate the mean hardly moves from 41751")
  }

  @Test(arguments: [
    (["--lessons", "99"], "--lessons 99: numbers from 1 to \(LessonFacts.all.count)"),
    (["--steps", "0"], "--steps must be at least 1"),
    (["--steps", "-1"], "--steps must be at least 1"),
    (["--device", "cpu", "--devices", "cpu"], "--device names one"),
    (["--records", "x", "--keep", "y"], "--records runs nothing"),
    (["--lesson-binary", "99=x"], "--lesson-binary 99=x: a lesson, = and a path"),
  ]) func refusesWrongOptions(_ arguments: [String], _ message: String) throws {
    let result = try Program.run("compare", arguments)
    #expect(result.status == 64)
    #expect(result.error.contains(message), "\(result.error)")
  }

  @Test func saysWhatCannotBeRun() throws {
    let result = try Program.run("compare", ["--lesson-binary", "3=/nowhere/lesson3"])
    #expect(result.status == 2)
    #expect(result.error.hasPrefix("compare: /nowhere/lesson3 is no program."))
    let device = try Program.run("compare", ["--device", "tpu", "--lessons", "2"])
    #expect(device.status == 2)
    #expect(device.error.contains("no device is called tpu"))
    let seed = try Program.run("compare", ["--against", "reference", "--seed", "5", "--steps", "2"])
    #expect(seed.status == 2)
    #expect(seed.error.contains("there are seeds 0, 1"))
  }

  /// Runs compare, and reads what it writes with --json if it got so far.
  private func compare(_ arguments: [String]) throws -> (result: Program.Result, report: ComparisonFile?) {
    let file = Program.scratch("report.json")
    defer { try? FileManager.default.removeItem(at: file) }
    let result = try Program.run("compare", arguments + ["--json", file.path()])
    let report = try? JSONDecoder().decode(ComparisonFile.self, from: Data(contentsOf: file))
    return (result, report)
  }
}

/// What these tests read of compare's JSON.
struct ComparisonFile: Decodable {
  struct Stage: Decodable { let lesson: Int }
  struct Difference: Decodable { let relative: Double }
  struct Tensor: Decodable { let difference: Difference? }
  struct Comparison: Decodable {
    let losses: [Double]
    let early: Difference
    let late: Difference?
    let tensors: [Tensor]
  }
  struct Row: Decodable {
    let stage: Stage
    let before: Comparison?
    let loopLines: Int
  }
  struct Disagreement: Decodable { let step: Int? }
  struct Finding: Decodable {
    let stage: Stage
    let disagreement: Disagreement
    let tensor: String?
  }
  struct Reference: Decodable { let comparison: Comparison }
  let agrees: Bool
  let verdict: [String]
  let stages: [Row]
  let findings: [Finding]
  let references: [Reference]
}

/// Other programs that these tests use.
enum Tool {
  /// Runs a program of this package, or one in PATH, with something added to the environment.
  static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Program.Result {
    let own = Program.path(name)
    let program = FileManager.default.isExecutableFile(atPath: own) ? own : name
    return try Running("/usr/bin/env", [program] + arguments, environment: environment).ending()
  }

  /// A Python that has PyTorch.
  static let python: String? = {
    let candidates = [ProcessInfo.processInfo.environment["KINDLING_PYTHON"], "python3"].compactMap { $0 }
    return candidates.first { (try? run($0, ["-c", "import torch, numpy"]).status) == 0 }
  }()

  /// A folder with what `--keep` keeps.
  static func kept(_ arguments: [String]) throws -> URL {
    let folder = Program.scratch("records")
    let result = try Program.run("compare", arguments + ["--keep", folder.path()])
    #expect(result.status == 0, "\(result.error)")
    return folder
  }

  /// Compiles a copy of a lesson with one line changed, against the modules and objects of this build, and returns the
  /// program.
  static func compile(_ mutation: CompareTests.Mutation) throws -> URL {
    let lesson = Repository.url(LessonFacts.of(mutation.lesson).source)
    let source = try String(contentsOf: lesson, encoding: .utf8)
    #expect(source.ranges(of: mutation.line).count == 1, "the line to change is not in the lesson")
    let folder = Program.scratch("mutated")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let copy = folder.appending(path: "Lesson.swift")
    try source.replacing(mutation.line, with: mutation.changed).write(to: copy, atomically: true, encoding: .utf8)

    // SwiftPM's own list of what the lesson is linked from, without the lesson itself.
    let name = "lesson\(mutation.lesson)"
    let list = try String(
      contentsOf: Program.folder.appending(path: "\(name).product/Objects.LinkFileList"), encoding: .utf8)
    let objects = list.split(separator: "\n").filter { !$0.contains("/\(name).build/") }
    let response = folder.appending(path: "objects")
    try objects.joined(separator: "\n").write(to: response, atomically: true, encoding: .utf8)

    let program = folder.appending(path: name)
    let result = try Compiler.run(
      ["-O", "-parse-as-library", "-module-name", "mutated"] + Compiler.modules() + [
        copy.path(), "@\(response.path())", "-lopenblas", "-lstdc++", "-o", program.path(),
      ])
    try #require(result.status == 0, "\(result.error)")
    return program
  }
}
