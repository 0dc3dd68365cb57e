import Foundation
import LessonKit
import TestSupport
import Testing

/// `--page`, `--page-steps` and `--profile`: what they take, where they write, and how much.
@Suite struct PageOptionTests {
  // MARK: Mistakes

  static let mistakes: [(arguments: [String], message: String)] = [
    (["--page-steps=a"], "--page-steps takes steps such as 0,1,10,last, and is 'a'."),
    (["--page-steps=-1"], "--page-steps takes steps such as 0,1,10,last, and is '-1'."),
    (["--page-steps="], "Missing value for '--page-steps <list>'"),
    (["--page-steps", ""], "--page-steps takes steps such as 0,1,10,last, and is ''."),
    (["--page-steps=0,,1"], "--page-steps takes steps such as 0,1,10,last, and is '0,,1'."),
    (["--page-steps=0,9999"], "--page-steps has step 9999, and the last of 500 is 499, as they are counted from 0."),
    (["--page-steps=3", "--steps=3"], "--page-steps has step 3, and the last of 3 is 2, as they are counted from 0."),
    (["--trace"], "--page and --trace both look into the steps; give each in a run of its own."),
    (["--profile=b.json"], "--page and --profile both look into the steps; give each in a run of its own."),
    (["--graph=b.svg"], "--page and --graph both look into the steps; give each in a run of its own."),
  ]

  @Test(arguments: mistakes.indices) func aMistakeIsToldBeforeTheTraining(_ number: Int) throws {
    let (arguments, message) = Self.mistakes[number]
    let result = try Program.run("lesson3", arguments + ["--page=/nowhere/page.html"])
    #expect(result.status == 64 && result.output == "")
    #expect(result.error.contains(message), "\(result.error)")
  }

  @Test func stepsOfAPageNeedAPage() throws {
    let result = try Program.run("lesson3", ["--page-steps=0"])
    #expect(result.status == 64 && result.error.contains("add --page"), "\(result.error)")
    let compare = try Program.run("compare", ["--page=/nowhere/page.html", "--page-steps=a"])
    #expect(compare.status == 64 && compare.error.contains("--page-steps takes steps such as"), "\(compare.error)")
  }

  // MARK: Files

  @Test func aPageThatCannotBeWrittenIsToldBeforeTheTraining() throws {
    try Program.withFolder { folder in
      let long = "\(folder)/" + String(repeating: "n", count: 300)
      for option in ["--page", "--profile"] {
        for (path, problem) in [
          (String(folder.dropLast(folder.hasSuffix("/") ? 1 : 0)), "this is a folder; name a file"),
          ("/nowhere/page", "cannot write there: No such file or directory"),
          (long, "File name too long"), ("/proc/page", "cannot write there"), ("", "'': an empty path names no file"),
        ] {
          let result = try Program.run("lesson3", [option, path, "--steps=\(Int.max)"])
          #expect(result.status == 1 && result.output == "", "\(option) \(path)")
          #expect(result.error.hasPrefix("lesson3: \(option) ") && result.error.contains(problem), "\(result.error)")
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func aFullDiskLeavesTheOldPageAndTheOtherFiles() throws {
    try Program.withFolder { folder in
      let record = "\(folder)/record.json"
      let full = try Program.run(
        "lesson3", ["--steps=1", "--quiet", "--page-steps=0", "--page=/dev/full", "--record=\(record)"])
      #expect(full.status == 1)
      #expect(full.error == "lesson3: --page: /dev/full: cannot be written: No space left on device\n")
      #expect(FileManager.default.fileExists(atPath: record))
      // A page that would be too large is not begun: the one before stays whole.
      let page = "\(folder)/page.html"
      try "old".write(toFile: page, atomically: true, encoding: .utf8)
      let large = try Program.run(
        "lesson3", ["--steps=3", "--quiet", "--page-steps=0,1,2", "--page-indices=100", "--page=\(page)"])
      #expect(
        large.status == 1 && large.error.contains("a page has 3000000 at most; capture fewer steps"), "\(large.error)")
      #expect(try String(contentsOfFile: page, encoding: .utf8) == "old")
    }
  }

  // MARK: Size

  /// Five steps, as many as by default: float64 and float32, most and fewest operations, plain and with Adam.
  static let runs: [(program: String, arguments: [String])] = [
    ("lesson1", ["--problem=digits", "--samples=1797"]),
    ("lesson5", ["--problem=digits", "--samples=1797", "--optimizer=adam"]),
    ("lesson4", ["--problem=article"]), ("lesson2", ["--problem=shared"]),
  ]

  @Test(arguments: runs.indices) func isNoLargerThanAPageMayBe(_ number: Int) throws {
    let (program, arguments) = Self.runs[number]
    let page = try PageFile.of(program, arguments + ["--steps=8", "--page-steps=0,1,3,5,last"])
    #expect(page.text.utf8.count <= 3_000_000)
    #expect(page.text.utf8.count >= 2_000_000, "there is room for more numbers")
    #expect(page.runs[0].steps.map(\.step) == [0, 1, 3, 5, 7])
  }

  @Test func allStagesFitIntoOnePage() throws {
    let page = try PageFile.of("compare", ["--steps=2", "--problem=digits"])
    #expect(page.text.utf8.count <= 3_000_000)
    #expect(page.runs.map(\.title) == LessonFacts.numbers.map { "lesson\($0)" })
  }

  // MARK: Profiles

  struct Trace: Decodable {
    struct Event: Decodable {
      let name, ph: String
      let cat: String?
      let ts, dur: Double?
      let pid, tid: Int
    }
    let traceEvents: [Event]
  }

  @Test(arguments: [("lesson1", "cpu"), ("lesson3", "cpu"), ("lesson5", "cpu"), ("lesson3", "cuda-emulator")])
  func aProfileIsATraceOfAllPartsOfAStep(program: String, device: String) throws {
    try Program.withFolder { folder in
      let path = "\(folder)/profile.json"
      // The emulator takes its time for a step.
      let size =
        device == "cpu" ? ["--problem=shared", "--steps=60"] : ["--problem=digits", "--samples=8", "--steps=2"]
      let result = try Program.run(program, ["--profile=\(path)", "--device=\(device)", "--quiet"] + size)
      #expect(result.status == 0, "\(result.error)")
      let events = try JSONDecoder().decode(Trace.self, from: Data(contentsOf: URL(filePath: path))).traceEvents
      let whole = events.filter { $0.ph == "X" }
      #expect(events.allSatisfy { $0.ph == "X" || $0.ph == "M" } && !whole.isEmpty)
      #expect(whole.allSatisfy { $0.ts! >= 0 && $0.dur! >= 0 && $0.pid == 1 })
      let lanes = Set(whole.compactMap(\.cat))
      let expected = ["step", "forward", "backward", "update"] + (program == "lesson1" ? [] : ["kernels"])
      #expect(lanes.isSuperset(of: expected), "\(lanes.sorted())")
      #expect(lanes.contains("device") == (device != "cpu"), "\(lanes.sorted())")
      // What a part of a step does lies within a step.
      let steps = whole.filter { $0.cat == "step" }
      for event in whole where event.cat == "forward" {
        #expect(
          steps.contains { $0.ts! <= event.ts! && event.ts! + event.dur! <= $0.ts! + $0.dur! + 0.001 }, "\(event)")
      }
    }
  }

  /// In the emulator and on a GPU, which here is the emulator behind the driver's name.
  @Test(arguments: ["cuda-emulator", "cuda"]) func aProfileHasTheDevicesOwnLane(device: String) throws {
    try Program.withFolder { folder in
      let path = "\(folder)/profile.json"
      let options = ["--problem=digits", "--samples=8", "--steps=2", "--quiet", "--optimizer=adam"]
      let environment = device == "cuda" ? ["LD_LIBRARY_PATH": try FakeDriver.folder.get().path()] : [:]
      let result = try Program.run(
        "lesson5", ["--profile=\(path)", "--device=\(device)"] + options, environment: environment)
      #expect(result.status == 0, "\(result.error)")
      let events = try JSONDecoder().decode(Trace.self, from: Data(contentsOf: URL(filePath: path))).traceEvents
      let own = events.filter { $0.cat == "device" }
      // The kernels as they are called in the .cu files, and the copies.
      let names = Set(own.map(\.name))
      #expect(
        names.contains { $0.hasPrefix("adam_") } && names.contains { $0.hasPrefix("matmul_") }, "\(names.sorted())")
      #expect(names.contains("copy out"), "\(names.sorted())")
      #expect(events.contains { $0.cat == "kernels" && $0.name == "Adam step" })
      #expect(!events.contains { $0.name == "step" })
      #expect(own.allSatisfy { $0.ts! >= 0 && $0.dur! >= 0 })
    }
  }

  @Test func aPageHasTheDevicesLaneToo() throws {
    let page = try PageFile.of(
      "lesson5", ["--problem=digits", "--samples=8", "--steps=4", "--page-steps=0", "--device=cuda-emulator"])
    let lanes = try #require(page.runs[0].timeline).lanes
    #expect(lanes.map(\.name) == ["forward", "backward", "update", "kernels", "device"])
    // What the page itself computes, such as norms of weights, is no part of the step: a launch or two for each call at most.
    #expect(lanes[4].events.count <= 2 * lanes[3].events.count, "\(lanes[4].events.count)")
    #expect(
      try PageFile.of("lesson5", ["--steps=4", "--page-steps=0"]).runs[0].timeline?.lanes.last?.name == "kernels")
  }

  @Test func aLongTrainingHasNoLongerProfile() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/profile.json"
      let options = ["--profile=\(path)", "--quiet", "--problem=digits", "--samples=4", "--steps=5000"]
      #expect(try Program.run("lesson5", options).status == 0)
      let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
      #expect(size < 5_000_000 && size > 10_000, "\(size)")
    }
  }
}
