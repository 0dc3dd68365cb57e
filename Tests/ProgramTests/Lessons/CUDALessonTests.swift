import Foundation
import Kindling
import LessonKit
import TestSupport
import Testing

/// The lessons on the CUDA kernels, and what they show of them.
@Suite struct CUDALessonTests {
  static let problems = [["article"], ["shared"], ["digits", "--samples", "200"], ["paper"]]

  /// Within 1e-3 of the CPU up to step 299: the float32 floor, which the loss of lessons 2 and 3 reaches soonest.
  @Test(arguments: LessonFacts.numbers.dropFirst(), problems) func staysWithTheCPU(_ lesson: Int, _ problem: [String])
    throws
  {
    let arguments = ["--steps", "300", "--problem"] + problem
    let cpu = try LessonTests.record(lesson, arguments)
    let emulator = try LessonTests.record(lesson, arguments + ["--device", "cuda-emulator"])
    #expect(emulator.device == "cuda-emulator")
    #expect(emulator.losses.count == 300)
    #expect(LessonTests.largestDifference(emulator.losses[...], cpu.losses[...]) <= 1e-3)
  }

  @Test func theOrderOfThreadsDoesNotMatter() throws {
    let arguments = ["--steps", "5", "--device", "cuda-emulator", "--emulator-order"]
    let forward = try LessonTests.record(5, arguments + ["forward"])
    #expect(try LessonTests.record(5, arguments + ["reverse"]).losses == forward.losses)
    #expect(try LessonTests.record(5, arguments + ["shuffled"]).losses == forward.losses)
  }

  @Test func theChecksFindNothing() throws {
    let arguments = ["--problem", "digits", "--samples", "8", "--steps", "2", "--device", "cuda-emulator"]
    let plain = try LessonTests.record(4, arguments)
    #expect(try LessonTests.record(4, arguments + ["--emulator-check"]).losses == plain.losses)
  }

  /// A line that each example must have: the last thing that the last thread with an element does.
  static let examples = [
    ("add", "thread 1 reads x[4] = 5, x[5] = 6, x[6] = 7, x[7] = 8"),
    ("sum", "20 from lane 1; writes out[0] = 36"),
    ("sum-of-columns", "out[1] = 20"),
    ("naive-product", "writes out[15] = 30"),
    ("tiled-product", "thread 51 writes out[15] = 30"),
    ("softmax", "writes out[7] = 0.731059"),
    ("gather", "thread 3 reads index[3] = 1, x[1] = 2; writes out[3] = 2"),
    ("scatter-add", "thread 2 reads index[2] = 2, source[2] = 1; adds, leaving out[2] = 2"),
    ("transpose", "thread 6 reads x[5] = 6; writes out[6] = 6"),
  ]

  @Test(arguments: examples) func tracesAKernel(_ name: String, _ line: String) throws {
    let result = try Program.run("lesson2", ["--device", "cuda-emulator", "--trace-kernel", name])
    #expect(result.status == 0 && result.error == "")
    #expect(result.output.contains(line), "\(result.output)")
    #expect(result.output.utf8.count < 30_000, "a learner can read it")
    #expect(result.output.matches(of: #/ blocks? of \d+ threads/#).count == 1, "one launch")
  }

  /// A row that each example must have when it is counted: on larger operands, whose figures follow from the kernel.
  static let counted = [
    // Four neighbours a lane, 16 bytes: 512 bytes a request.
    ("add", "reads y 32 32.0 16.0 16.0"),
    ("sum", "reads x 128 32.0 4.0 4.0"),
    ("sum-of-columns", "reads partial 14 32.0 0.0"),
    // All lanes of a warp have one row of x, and neighbouring columns of y.
    ("naive-product", "reads x 8192 32.0 1.0 1.0"),
    // A row of a tile is 18 wide, and of the two that a warp writes the second begins 8 rows further.
    ("tiled-product", "writes xTile 512 32.0 0.0"),
    ("softmax", "writes out 128 32.0 4.0 4.0"),
    // 17 floats apart: a sector for each.
    ("gather", "reads x 128 32.0 32.0 4.0"),
    ("scatter-add", "atomics 4096, of which 512 go to one address"),
    ("transpose", "reads tile 128 32.0 0.0"),
  ]

  @Test(arguments: counted) func countsAKernel(_ name: String, _ row: String) throws {
    let result = try Program.run("lesson2", ["--device", "cuda-emulator", "--trace-kernel", name, "--counters"])
    #expect(result.status == 0 && result.error == "")
    let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(rows.contains(row), "\(result.output)")
  }

  @Test func theCountersOfAKernelAreAPageToo() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/counters.html"
      let arguments = ["--device", "cuda-emulator", "--trace-kernel", "tiled-product", "--counters"]
      let result = try Program.run("lesson3", arguments + ["--page", path])
      #expect(result.status == 0 && result.error == "")
      #expect(try Program.run("lesson3", arguments).output == result.output)
      let page = try String(contentsOfFile: path, encoding: .utf8)
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
      #expect(page.contains("<h1>matmul_tiled_float32, 16 blocks of 256 threads</h1>"))
      #expect(page.contains("xTile[xr][xc] = xInside &amp;&amp; first + xc &lt; part.end"), "the source stands there")
      #expect(!page.contains("http"), "it needs nothing else")
      let nowhere = try Program.run("lesson3", arguments + ["--page", "/nowhere/page.html"])
      #expect(nowhere.status == 1 && nowhere.output == "", "told before the launch")
    }
  }

  @Test func theOrderShowsInATrace() throws {
    let result = try Program.run(
      "lesson3", ["--device", "cuda-emulator", "--trace-kernel", "scatter-add", "--emulator-order", "reverse"])
    // Threads 1 and 2 add to one element. In reverse, thread 2 comes first.
    #expect(result.output.contains("thread 1 reads index[1] = 2, source[1] = 1; adds, leaving out[2] = 2"))
  }

  static let mistakes: [(arguments: [String], message: String)] = [
    (
      ["--counters", "--device", "cuda-emulator"],
      "Error: --counters counts what one kernel costs; say which with --trace-kernel."
    ),
    (
      ["--trace-kernel", "sum", "--device", "cuda-emulator", "--page", "/nowhere/page.html"],
      "Error: --trace-kernel sum has a page of its counters only; add --counters."
    ),
    (
      ["--trace-kernel", "sum"],
      "Error: --trace-kernel looks into the emulator; add --device cuda-emulator. (A GPU does not show this.)"
    ),
    (
      ["--emulator-order", "reverse", "--device", "cuda"],
      "Error: --emulator-order looks into the emulator; add --device cuda-emulator. (A GPU does not show this.)"
    ),
    (
      ["--emulator-check"],
      "Error: --emulator-check looks into the emulator; add --device cuda-emulator. (A GPU does not show this.)"
    ),
  ]

  @Test(arguments: mistakes.indices) func saysWhatIsWrong(_ number: Int) throws {
    let (arguments, message) = Self.mistakes[number]
    for lesson in 1...2 {
      let result = try Program.run("lesson\(lesson)", arguments)
      #expect(result.status == 64 && result.output == "")
      let first = String(result.error.prefix { $0 != "\n" })
      if lesson > 1 { #expect(first == message) }
    }
    let names = try Program.run("lesson2", ["--trace-kernel", "sort", "--device", "cuda-emulator"])
    #expect(names.error.hasPrefix("Error: The value 'sort' is invalid for '--trace-kernel <name>'."))
  }

  // MARK: devices

  struct Report: Decodable {
    struct CPU: Decodable {
      let model, instructionSet, products, blas: String
      let threads: Int
    }
    struct CUDA: Decodable { let device, name, computeCapability: String }
    let cpu: CPU
    let gpus: [CUDA]
    let emulator: CUDA?
    let missing: [String]
  }

  @Test func devicesListsWhatIsThere() throws {
    let text = try Program.run("devices", [])
    #expect(text.status == 0 && text.error == "")
    #expect(text.output.hasPrefix("cpu "))
    #expect(text.output.contains("\ncuda-emulator   CUDA emulator ("))
    let json = try Program.run("devices", ["--json"])
    let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
    #expect(["AVX-512", "AVX2", "NEON", "baseline"].contains(report.cpu.instructionSet))
    let other = try Program.run("devices", [], environment: ["KINDLING_PRODUCTS": "openblas"])
    #expect(other.output.contains("\n                products: OpenBLAS "), "\(other.output)")
    #expect(report.cpu.products == MatrixProducts.current.rawValue)
    #expect(report.cpu.blas.hasPrefix("OpenBLAS ") && report.cpu.threads > 0)
    #expect(report.emulator?.computeCapability == "7.5")
    if report.gpus.isEmpty { #expect(!report.missing.isEmpty, "it says why there is no GPU") }
    for sentence in report.missing { #expect(text.output.contains(sentence)) }
  }
}
