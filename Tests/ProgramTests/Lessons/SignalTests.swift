import Foundation
import Kindling
import LessonKit
import TestSupport
import Testing

/// Ctrl-C, SIGTERM, a closed terminal: what has been done so far is kept, and nothing is left behind.
@Suite struct SignalTests {
  private static let ends: [(signal: Int32, name: String, status: Int32)] = [
    (SIGINT, "SIGINT", 130), (SIGTERM, "SIGTERM", 143), (SIGHUP, "SIGHUP", 129),
  ]

  // MARK: Lessons

  @Test(arguments: LessonFacts.numbers, [0, 1, 2]) func stopsALessonAfterItsStep(_ lesson: Int, _ end: Int) throws {
    let (number, name, status) = Self.ends[end]
    try Program.withFolder { folder in
      let files = ["--record=\(folder)/record.json", "--save=\(folder)/tensors"]
      let program = Program.path("lesson\(lesson)")
      let running = try Running(program, files + ["--print-every=3", "--steps=\(Int.max)"])
      #expect(eventually { running.printed.contains("\n") })
      running.send(number)
      let result = try running.ending()
      #expect(result.status == status)

      let record = try JSONDecoder().decode(Record.self, from: Data(contentsOf: URL(filePath: "\(folder)/record.json")))
      let count = record.losses.count
      #expect(result.error == "lesson\(lesson): stopped by \(name) after \(count) of \(Int.max) steps.\n")
      #expect(result.output.split(separator: "\n").last == "\(count - 1) \(record.losses.last!)")
      // What it leaves is what as many steps give, their last update included.
      let saved = try Safetensors.load("\(folder)/tensors").tensors
      let whole = try Program.run("lesson\(lesson)", files + ["--quiet", "--steps=\(count)"])
      #expect(whole.status == 0)
      let expected = try Safetensors.load("\(folder)/tensors").tensors
      #expect(saved.keys == expected.keys && saved.keys.contains("last.w2"))
      for (name, tensor) in expected { #expect(saved[name]?.toArray() == tensor.toArray(), "\(name)") }
    }
  }

  /// A step that takes minutes, on the emulator with its checks.
  private static let slow = ["--problem=digits", "--device=cuda-emulator", "--emulator-check", "--quiet"]

  @Test func aSecondSignalEndsALessonAtOnce() throws {
    let running = try Running(Program.path("lesson2"), Self.slow)
    #expect(eventually { running.catchesSignals })
    // Reading the digits takes a few hundredths of a second.
    let before = running.processorTime
    #expect(eventually { running.processorTime > before + 0.5 })
    running.send(SIGTERM)
    usleep(200_000)
    #expect(running.status("State") != nil, "it is still at its first step")
    running.send(SIGINT)
    let result = try running.ending()
    #expect(result.status == 130 && result.error == "", "\(result.error)")
  }

  @Test func anOlderRecordOutlivesATrainingThatNeverBegan() throws {
    try Program.withFolder { folder in
      let (record, graph) = ("\(folder)/record.json", "\(folder)/graph.dot")
      for file in [record, graph] { try "older".write(toFile: file, atomically: true, encoding: .utf8) }
      let arguments = ["--steps=1000000", "--record=\(record)", "--save=\(folder)/tensors", "--graph=\(graph)"]
      let running = try Running(Program.path("lesson3"), arguments)
      // From the start on, until one comes between the check of the files and the end of the first step.
      while running.status("State")?.hasPrefix("Z") == false && !running.catchesSignals {}
      running.send(SIGTERM)
      let result = try running.ending()
      #expect(result.status == 143)
      if result.error.contains("after 0 of") {
        for file in [record, graph] { #expect(try String(contentsOfFile: file, encoding: .utf8) == "older") }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/tensors"))
      }
    }
  }

  @Test func whatNohupIgnoresIsIgnored() throws {
    let result = try Program.shell(
      "trap '' HUP; \"$0\" --steps 300 --quiet & lesson=$!; while ! grep -q 'State:.*R' /proc/$lesson/status; do :; done; "
        + "kill -HUP $lesson; wait $lesson", "lesson2")
    #expect(result.status == 0 && result.error == "")
  }

  // MARK: compare

  /// A lesson that notes its process and goes on until it is ended.
  private func endless(_ folder: String, _ start: String = "") throws -> (option: String, process: () -> pid_t?) {
    let (script, note) = ("\(folder)/endless", "\(folder)/process")
    try "#!/bin/bash\n\(start)\necho $$ > \(note).new\nmv \(note).new \(note)\nwhile :; do sleep 1; done\n"
      .write(toFile: script, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    func process() -> pid_t? {
      (try? String(contentsOfFile: note, encoding: .utf8)).flatMap { pid_t($0.trimmingCharacters(in: .newlines)) }
    }
    return ("--lesson-binary=2=\(script)", process)
  }

  /// Whether a process has ended, if only its parent has not noticed yet.
  private func isGone(_ process: pid_t) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    return status.isEmpty || status.contains(") Z ")
  }

  @Test(arguments: [0, 1, 2], ["", "trap '' TERM"])
  func endsTheLessonsOfCompareAndItsFolder(_ end: Int, _ start: String) throws {
    let (number, name, status) = Self.ends[end]
    try Program.withFolder { folder in
      let lesson = try endless(folder, start)
      let temporary = "\(folder)/temporary"
      try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      let running = try Running(
        Program.path("compare"), ["--lessons=2,3", lesson.option], environment: ["TMPDIR": temporary])
      #expect(eventually { lesson.process() != nil })
      #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).count == 1)
      running.send(number)
      let result = try running.ending()
      #expect(result.status == status)
      #expect(result.output == "" && result.error == "compare: stopped by \(name).\n")
      #expect(eventually { isGone(lesson.process()!) })
      #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
    }
  }

  @Test func aSecondSignalEndsCompareAtOnce() throws {
    try Program.withFolder { folder in
      let lesson = try endless(folder, "trap '' TERM")
      let running = try Running(Program.path("compare"), ["--lessons=2,3", lesson.option])
      #expect(eventually { lesson.process() != nil })
      running.send(SIGTERM)
      usleep(100_000)
      running.send(SIGINT)
      #expect(try running.ending().status == 130)
      #expect(eventually { isGone(lesson.process()!) })
    }
  }

  @Test func aLessonEndsWithTheCompareThatStartedIt() throws {
    try Program.withFolder { folder in
      let lesson = try endless(folder)
      let running = try Running(
        Program.path("compare"), ["--lessons=2,3", lesson.option], environment: ["TMPDIR": folder])
      #expect(eventually { lesson.process() != nil })
      running.send(SIGKILL)
      #expect(try running.ending().status == 128 + SIGKILL)
      #expect(eventually { isGone(lesson.process()!) })
    }
  }

  @Test func compareStopsItsOwnTraining() throws {
    try Program.withFolder { folder in
      let running = try Running(
        Program.path("compare"), ["--sum-or-mean", "--steps=\(Int.max)"], environment: ["TMPDIR": folder])
      #expect(eventually { running.catchesSignals })
      usleep(500_000)
      running.send(SIGTERM)
      #expect(try running.ending().status == 143)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }
}
