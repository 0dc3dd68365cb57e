import Foundation

/// The programs, in the build that the folder KINDLING_PROGRAMS holds. They run in a folder of their own, and no path leads
/// out of it.
func fuzzCommands(_ choices: Choices) {
  var choices = choices
  let program = choices.pick(programs)
  var arguments: [String] = []
  for _ in 0..<8 where !choices.isEmpty { arguments += argument(&choices) }
  let ending = run(program, arguments)
  // 1 and 2 are errors that are said, 64 a wrong option, 129 and more the signals that this sends.
  let isKnown = [0, 1, 2, 64, 143].contains(ending.status)
  expect(isKnown, "\(program) \(arguments) ended with status \(ending.status):\n\(ending.error)")
  // compare prints what does not agree, and a second signal leaves no time for words.
  let isSaid = !ending.error.isEmpty || [0, 143].contains(ending.status) || ending.status == 1 && program == "compare"
  expect(isSaid, "\(program) \(arguments) ended with status \(ending.status), and said nothing")
  expect(!ending.error.contains("Fatal error"), "\(program) \(arguments): \(ending.error)")
}

/// The lessons that are built there, and the two that go with them.
private let programs: [String] = {
  let folder = ProcessInfo.processInfo.environment["KINDLING_PROGRAMS"] ?? "."
  let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return files.filter { $0.wholeMatch(of: #/lesson[0-9]+/#) != nil }.sorted() + ["compare", "devices"]
}()
private let numbers = [
  "0", "1", "2", "3", "-1", "1000000000", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
  "4294967295", "4294967296", "1e300", "1e-320", "nan", "inf", "0x10", "١", "1.5", " 1",
]
private let devices = ["cpu", "cuda", "auto", "cuda-emulator", "cuda:0", "cuda:-1", "cpu,cuda-emulator", ",", "cpu,"]
private let files = [
  "out", "out.json", "graph.dot", "graph.mmd", "graph.svg", ".", "out ", "oüt", "/dev/full", "/dev/null",
]
private let words = [
  "", "article", "shared", "digits", "paper", "forward", "shuffled", "add", "softmax", "1,2,3", "5,5", "6", "2=", "=",
  "2=out", "reference", "--quiet", "*", "%s%n", "a\nb", "\u{1B}[31m", "\u{202E}",
]

/// Options with what they take.
private let options: [(name: String, values: [String])] =
  ["--steps", "--seed", "--learning-rate", "--samples", "--print-every", "--threads"].map { ($0, numbers) }
  + ["--device", "--devices"].map { ($0, devices) }
  + ["--record", "--save", "--graph", "--html", "--json", "--keep", "--records", "--python"].map { ($0, files) }
  + ["--problem", "--emulator-order", "--trace-kernel", "--lessons", "--against", "--lesson-binary"].map { ($0, words) }
  + [
    "--emulator-check", "--graph-step", "--trace", "--quiet", "--sum-or-mean", "--help", "--version", "--", "-",
    "--nothing", "-h",
  ].map { ($0, []) }

private func argument(_ choices: inout Choices) -> [String] {
  let option = choices.pick(options)
  // Mostly what belongs together.
  let values = choices.next(8) == 0 ? numbers + devices + files + words : option.values
  if values.isEmpty { return [option.name] }
  let value = choices.pick(values)
  switch choices.next(8) {
  case 0: return [option.name]
  case 1: return [value]
  case 2, 3: return [option.name, value]
  default: return ["\(option.name)=\(value)"]
  }
}

private struct Ending {
  let status: Int
  let error: String
}

/// Runs a program for at most a second; then it is asked to stop, which is a test of its own.
private func run(_ program: String, _ arguments: [String]) -> Ending {
  let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "kindling-fuzz-\(getpid())")
  try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let errors = folder.appending(path: "errors")
  try? Data().write(to: errors)
  let process = Process()
  process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["KINDLING_PROGRAMS"]!)
    .appending(path: program)
  process.arguments = arguments
  process.currentDirectoryURL = folder
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle(forWritingAtPath: errors.path())
  do { try process.run() } catch { fatalError("\(program) cannot be started: \(error)") }
  let deadline = Date(timeIntervalSinceNow: 1)
  while process.isRunning && Date() < deadline { usleep(2000) }
  // Once, and again where a step takes longer than anybody wants to wait.
  for _ in 0..<2 {
    for i in 0..<1000 where process.isRunning {
      if i == 0 { kill(process.processIdentifier, SIGTERM) }
      usleep(2000)
    }
  }
  if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  process.waitUntilExit()
  let signal = process.terminationReason == .uncaughtSignal ? 128 : 0
  return Ending(
    status: Int(process.terminationStatus) + signal,
    error: String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self))
}
