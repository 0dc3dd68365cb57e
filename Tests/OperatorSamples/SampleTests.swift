import Foundation
import Testing

/// PyTorch's samples of its own operators, modules and optimizers: every one must come out of Kindling as it came out of
/// PyTorch, value, gradient and second derivative, however its tensors lie in memory.
///
/// Each operator runs in a process of its own, so that a sample that ends the program is reported as one more difference.
@Suite struct SampleTests {
  @Test(arguments: SampleEntry.all) func agreesWithPyTorch(_ entry: SampleEntry) async {
    await check(entry, onEmulator: false)
  }

  /// A few of each operator's cases on the emulator of CUDA, whose kernels are other code: evenly spread over the file.
  @Test(arguments: SampleEntry.all) func agreesWithPyTorchOnTheEmulator(_ entry: SampleEntry) async {
    await check(entry, onEmulator: true)
  }

  private func check(_ entry: SampleEntry, onEmulator: Bool) async {
    var next: Int? = 0
    while let start = next {
      await Turns.take()
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
      ) { [name = entry.name as String, start = start as Int, onEmulator = onEmulator as Bool] in
        SampleProcess.run(name, from: start, onEmulator: onEmulator)
      }
      await Turns.give()
      let report = SampleProcess.Report(result)
      for problem in report.problems { Issue.record("\(entry.name): \(problem)") }
      next = report.next
    }
  }

  /// What PyTorch refuses ends the program here, with one of the library's own messages: those name the operation.
  @Test(arguments: SampleEntry.all) func refusesWhatPyTorchRefuses(_ entry: SampleEntry) async {
    let cases = SampleFile(entry.name).cases
    for number in cases.indices where cases[number]["error"] != nil {
      if Decision.of(entry.name, cases[number]) != nil { continue }
      await Turns.take()
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
      ) { [name = entry.name as String, number = number as Int] in
        SampleProcess.make(name, mistake: number)
      }
      await Turns.give()
      let report = SampleProcess.Report(result)
      let isRefused = report.message.map { $0.prefixMatch(of: #/[\w.]+: ./#) != nil } ?? false
      if !isRefused {
        let place = "\(entry.name): case \(number + 2), \(cases[number]["from"]!.text!)"
        Issue.record(
          "\(place): PyTorch refuses (\(cases[number]["error"]!.text!)), and here: \(report.message ?? "it went on")")
      }
    }
  }

  /// Every deliberate difference is still one that a sample shows.
  @Test(arguments: Decision.all.indices) func everyDecisionIsAboutSomeSample(_ number: Int) {
    let decision = Decision.all[number]
    for entry in decision.entries {
      let samples = SampleFile(entry).cases
      #expect(samples.contains { decision.matches($0) }, "no sample of \(entry): \(decision.reason)")
    }
  }

  /// Printed by `Tests/run samples --summary`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["KINDLING_SUMMARY"] != nil)) func summary() {
    print(Summary.text)
  }
}

/// As many processes at once as there are processors.
private actor Turns {
  private static let shared = Turns()
  private var free = ProcessInfo.processInfo.activeProcessorCount
  private var waiting: [CheckedContinuation<Void, Never>] = []

  static func take() async { await shared.wait() }

  static func give() async { await shared.next() }

  private func wait() async {
    if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
  }

  private func next() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

/// What there is, in a few lines.
private enum Summary {
  static var text: String {
    let heads = SampleEntry.all.map { SampleFile($0.name).head }
    func total(_ key: String) -> String { heads.reduce(0) { $0 + $1[key]!.integer! }.formatted() }
    func entries(_ prefix: String) -> Int { SampleEntry.all.count { $0.name.hasPrefix(prefix) } }
    let modules = entries("nn.") - entries("nn.functional.")
    let optimizers = entries("optim.")
    let covered = Set(SampleEntry.all.flatMap(\.covers)).count
    return """
      samples: of PyTorch's \(SampleEntry.all.count - modules - optimizers) operators, \(modules) modules and \(optimizers) optimizers
      samples: \(total("cases")) cases in up to \(Layout.allCases.count) memory layouts, \(total("gradients")) gradients, \
      \(total("secondDerivatives")) second derivatives, \(total("errors")) errors
      samples: \(covered) public operations covered, \(Uncovered.reasons.count) with a reason why not; \
      \(Decision.all.count) deliberate differences
      """
  }
}
