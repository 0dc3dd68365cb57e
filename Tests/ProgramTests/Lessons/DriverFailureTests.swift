import Foundation
import LessonKit
import TestSupport
import Testing

/// What programs make of a GPU that is there, and of one that gives up: with a driver that is the emulator under another
/// name, Tests/FakeDriver.
@Suite struct DriverFailureTests {
  private func run(_ name: String, _ arguments: [String], failing: String = "") throws -> Program.Result {
    try Program.run(
      name, arguments, environment: ["LD_LIBRARY_PATH": FakeDriver.folder.get().path(), "FAKE_CUDA": failing])
  }

  /// The host's side as it is on a GPU, under whole lessons: 132 multiprocessors, memory that is handed out again, and
  /// kernels that are loaded one by one.
  @Test(arguments: [2, 3, 4, 5]) func aLessonOnAGPUStaysWithTheCPU(_ lesson: Int) throws {
    func losses(_ device: String) throws -> [Double] {
      let file = Program.scratch("record.json")
      defer { try? FileManager.default.removeItem(at: file) }
      let options = ["--problem=digits", "--samples=200", "--steps=60", "--quiet", "--record", file.path()]
      let result = try run("lesson\(lesson)", options + ["--device", device])
      #expect(result.status == 0, "\(result.error)")
      return try JSONDecoder().decode(Record.self, from: Data(contentsOf: file)).losses
    }
    let (onGPU, onCPU) = (try losses("cuda"), try losses("cpu"))
    #expect(onGPU.count == 60 && LessonTests.largestDifference(onGPU[...], onCPU[...]) <= 1e-3)
  }

  @Test(arguments: ["cuda", "cuda:0", "auto"]) func comparesOnAGPUByAnyName(_ name: String) throws {
    let file = Program.scratch("report.json")
    defer { try? FileManager.default.removeItem(at: file) }
    let result = try run("compare", ["--device", name, "--steps=3", "--lessons=2,3", "--json", file.path()])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("3 steps, learning rate 1e-6, on cuda:0"))
    let report = try JSONDecoder().decode(ComparisonFile.self, from: Data(contentsOf: file))
    #expect(report.agrees && report.stages.map(\.stage.lesson) == [2, 3])
  }

  @Test func namesOfOneDeviceAreOneDevice() throws {
    let result = try run("compare", ["--devices=cpu,cuda,auto,cuda:0", "--steps=3", "--lessons=2,3"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("on cpu and cuda:0\n"))
    let withoutGPU = try Program.run("compare", ["--devices=cpu,auto", "--steps=3", "--lessons=2,3"])
    #expect(withoutGPU.status == 0)
  }

  @Test func readsRecordsOfAGPU() throws {
    try Program.withFolder { folder in
      let options = ["--devices=cpu,auto", "--lessons=2,3"]
      #expect(try run("compare", options + ["--steps=3", "--keep", folder]).status == 0)
      // Where there is no GPU now.
      let result = try Program.run("compare", options + ["--records", folder])
      #expect(result.status == 0 && result.output.contains("on cpu and cuda:0"), "\(result.error)")
    }
  }

  @Test(arguments: ["cuLaunchKernel 40 719", "cuMemAlloc 20 2", "cuMemcpyDtoHAsync 2 999", "cuEventSynchronize 4 700"])
  func aGPUThatGivesUpIsAnErrorAndNoCrash(_ failing: String) throws {
    let result = try run("lesson3", ["--device=cuda", "--steps=20", "--print-every=1"], failing: failing)
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("0 "), "what was printed before arrives")
    let call = failing.split(separator: " ")[0]
    #expect(result.error.hasPrefix("lesson3: ") && result.error.contains(" on cuda:0: "), "\(result.error)")
    #expect(result.error.contains(call), "\(result.error)")
    #expect(result.error.split(separator: "\n").count == 1)
    let compare = try run("compare", ["--device=cuda", "--steps=20", "--lessons=3"], failing: failing)
    #expect(compare.status == 2 && compare.error.hasPrefix("compare: lesson 3 ended with status 1: lesson3: "))
  }

  /// A mistake in the program is still one, with a GPU too.
  @Test func autoSaysWhenAGPUCannotBeUsed() throws {
    let arguments = ["--device=auto", "--steps=2", "--print-every=1"]
    let expected = try Program.run("lesson2", ["--steps=2", "--print-every=1"]).output
    for failing in ["cuInit 1 999", "cuDevicePrimaryCtxRetain 1 2", "cuDeviceGetCount 1 3"] {
      let result = try run("lesson2", arguments, failing: failing)
      let call = failing.split(separator: " ")[0]
      #expect(result.status == 0 && result.output == expected)
      #expect(
        result.error.hasPrefix("lesson2: --device auto computes on the CPU. cuda:0: \(call)"), "\(result.error)")
    }
    // No driver, or one without a GPU, is what `auto` is for.
    #expect(try run("lesson2", arguments, failing: "cuInit 1 100").error == "")
    #expect(try Program.run("lesson2", arguments).error == "")
  }
}
