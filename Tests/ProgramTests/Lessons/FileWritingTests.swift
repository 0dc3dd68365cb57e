import Foundation
import Kindling
import TestSupport
import Testing

/// Files that are written whole or not at all, and nowhere else than where they are meant to go.
@Suite struct FileWritingTests {
  private let tensors = ["x": Tensor([1.0, 2])]

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  // MARK: Links and names

  @Test func aLinkToNothingIsNotReplaced() throws {
    try Program.withFolder { folder in
      let link = folder + "/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder + "/nothing")
      let problem = "\(link): is a link to a file that is not there; remove the link, or make that file"
      #expect(throws: KindlingError("Safetensors.save: \(problem)")) { try Safetensors.save(tensors, to: link) }
      for option in ["--record", "--save", "--graph"] {
        let path = option == "--graph" ? "\(link).dot" : link
        if path != link { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nothing") }
        let result = try Program.run("lesson3", [option, path, "--steps=1"])
        #expect(result.status == 1 && result.output == "")
        #expect(result.error == "lesson3: \(option) \(problem.replacing("\(link):", with: "\(path):"))\n")
      }
      #expect(try names(folder) == ["link", "link.dot"])
    }
  }

  @Test func theTrialTouchesNothing() throws {
    try Program.withFolder { folder in
      let (old, link) = (folder + "/old", folder + "/link")
      try "old".write(toFile: old, atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: old)
      try FileAccess.checkWritable([("--a", link), ("--b", folder + "/new"), ("--c", nil)])
      #expect(try names(folder) == ["link", "old"])
      #expect(try String(contentsOfFile: link, encoding: .utf8) == "old")
    }
  }

  @Test func aPathWithANulIsRefused() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/x\0y"
      let problem = "\(folder)/x\\0y: no file has a NUL in its name"
      #expect(throws: KindlingError("Safetensors.save: \(problem)")) { try Safetensors.save(tensors, to: path) }
      #expect(throws: KindlingError("Safetensors.load: \(problem)")) { try Safetensors.load(path) }
      #expect(throws: KindlingError("IDX.load: \(problem)")) { try IDX.load(path) }
      #expect(throws: KindlingError("ComputationGraph.write: \(problem.replacing("0y", with: "0y.dot"))")) {
        try ComputationGraph(of: Tensor(1.0)).write(to: path + ".dot")
      }
      #expect(throws: KindlingError("Safetensors.save: '': an empty path names no file")) {
        try Safetensors.save(tensors, to: "")
      }
      let left = try names(folder)
      #expect(left.isEmpty)
    }
  }

  @Test func theLongestNameCanBeWritten() throws {
    try Program.withFolder { folder in
      let name = String(repeating: "é", count: 127)  // 254 bytes, of at most 255
      try Safetensors.save(tensors, to: "\(folder)/\(name)")
      #expect(try names(folder) == [name])
    }
  }

  // MARK: What killed programs leave

  @Test func whatAKilledProgramLeftIsSwept() throws {
    try Program.withFolder { folder in
      let path = folder + "/model"
      let left = "model.kindling-123456.tmp"
      // Others that look like it, or that somebody is writing at this moment.
      let others = ["model.kindling-.x.tmp", "model.kindling-12", "model.12.tmp", "model2.kindling-1.tmp", "busy"]
      for name in [left] + others { try Data().write(to: URL(filePath: "\(folder)/\(name)")) }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/model.kindling-7.tmp", withDestinationPath: "\(folder)/busy")
      let busy = "model.kindling-99.tmp"
      let file = open("\(folder)/\(busy)", O_WRONLY | O_CREAT, 0o600)
      defer { close(file) }
      #expect(flock(file, LOCK_EX) == 0)
      try Safetensors.save(tensors, to: path)
      #expect(try names(folder) == (others + [busy, "model", "model.kindling-7.tmp"]).sorted())
    }
  }

  @Test func aKilledLessonLeavesTheOldFile() throws {
    try Program.withFolder { folder in
      let path = folder + "/tensors"
      try Safetensors.save(tensors, to: path)
      // Killed at any moment: the file is the old one or the new one, and the next run tidies up.
      for wait in 0..<12 {
        let running = try Running(Program.path("lesson2"), ["--steps=1", "--quiet", "--save=\(path)"])
        usleep(UInt32(wait) * 20_000)
        running.send(SIGKILL)
        _ = try running.ending()
        #expect(try [1, 8].contains(Safetensors.load(path).tensors.count))
      }
      #expect(try Program.run("lesson2", ["--steps=1", "--quiet", "--save=\(path)"]).status == 0)
      #expect(try names(folder) == ["tensors"])
    }
  }

  @Test func eightWritersAtOnceLeaveOneWholeFile() async throws {
    let folder = Program.scratch("folder")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path() + "/model"
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for _ in 0..<4 { try! Safetensors.save(["x": Tensor.full([100], Double(writer))], to: path) }
        }
      }
    }
    let values = try #require(Safetensors.load(path).tensors["x"]).toArray()
    #expect(values.count == 100 && Set(values).count == 1)
    #expect(try names(folder.path()) == ["model"])
  }

  // MARK: Options that name files

  @Test func twoOptionsCannotNameOneFile() throws {
    try Program.withFolder { folder in
      let (one, two) = ("\(folder)/file", "\(folder)/../\(URL(filePath: folder).lastPathComponent)/file")
      let lesson = try Program.run("lesson2", ["--record=\(one)", "--save=\(two)"])
      let problem = "both name \(two), and one would overwrite the other"
      #expect(lesson.status == 1 && lesson.error == "lesson2: --record and --save \(problem)\n")
      let graph = try Program.run("lesson3", ["--save=\(one).dot", "--graph=\(one).dot"])
      #expect(graph.status == 1 && graph.error.hasPrefix("lesson3: --save and --graph both name"))
      let compare = try Program.run("compare", ["--html=\(one)", "--json=\(two)"])
      #expect(compare.status == 2 && compare.error == "compare: --html and --json \(problem)\n")
      #expect(try names(folder).isEmpty)
      // Where nothing stays there is nothing to overwrite.
      #expect(try Program.run("lesson2", ["--record=/dev/null", "--save=/dev/null", "--steps=1"]).status == 0)
    }
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    let program: String
    let arguments: [String]
    let message: String
    let status: Int32
    var testDescription: String { "\(program) \(arguments.joined(separator: " "))" }
  }

  static let refused: [Refused] = [
    .init(
      program: "lesson2", arguments: ["--record", ""], message: "--record '': an empty path names no file", status: 1),
    .init(program: "lesson2", arguments: ["--save", ""], message: "--save '': an empty path names no file", status: 1),
    .init(
      program: "lesson3", arguments: ["--graph=/nowhere/graph.dot"],
      message: "--graph /nowhere/graph.dot: cannot write there: No such file or directory", status: 1),
    .init(
      program: "compare", arguments: ["--html=/nowhere/page"],
      message: "--html /nowhere/page: cannot write there: No such file or directory", status: 2),
    .init(
      program: "compare", arguments: ["--json=/tmp"], message: "--json /tmp: this is a folder; name a file", status: 2),
    .init(
      program: "compare", arguments: ["--keep", ""], message: "--keep is empty, and should be a path.", status: 64),
    .init(
      program: "compare", arguments: ["--keep=/dev/null/folder"],
      message: "--keep /dev/null/folder: this folder cannot be made, or is a file", status: 2),
    .init(
      program: "compare", arguments: ["--records", ""], message: "--records is empty, and should be a path.", status: 64
    ),
    .init(
      program: "compare", arguments: ["--python", ""], message: "--python is empty, and should be a path.", status: 64),
    .init(
      program: "benchmarks", arguments: ["--json=/nowhere/table"],
      message: "--json /nowhere/table: cannot write there: No such file or directory", status: 1),
  ].filter { FileManager.default.isExecutableFile(atPath: Program.path($0.program)) }

  /// A training of as many steps as there are numbers would not come to the moment of writing.
  @Test(arguments: refused.indices) func isCheckedBeforeAnythingIsTrained(_ number: Int) throws {
    let test = Self.refused[number]
    let steps = test.program == "benchmarks" ? [] : ["--steps=\(Int.max)"]
    let result = try Program.run(test.program, test.arguments + steps)
    #expect(result.status == test.status && result.output == "")
    #expect(result.error.contains(test.message), "\(result.error)")
  }

  @Test func aPictureOfTheGraphNeedsNoOtherProgram() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/graph.svg"
      let result = try Program.run(
        "lesson3", ["--graph=\(path)", "--steps=1", "--quiet"], environment: ["PATH": "/nowhere"])
      #expect(result.status == 0 && result.error == "")
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("<svg "))
    }
  }

  // MARK: Full disks

  @Test func aFullDiskKeepsNoFileFromAnotherAndNoSummaryFromTheReader() throws {
    try Program.withFolder { folder in
      let record = "\(folder)/record.json"
      let lesson = try Program.run(
        "lesson3", ["--steps=1", "--print-every=1", "--record=\(record)", "--save=/dev/full", "--graph=/dev/full.dot"])
      #expect(lesson.status == 1, "there is no writing to /dev/full.dot as a rule: \(lesson.error)")
      let both = try Program.run(
        "lesson3", ["--steps=1", "--print-every=1", "--save=/dev/full", "--record=\(record)"])
      #expect(both.status == 1 && both.output.hasPrefix("0 "))
      #expect(both.error == "lesson3: Safetensors.save: /dev/full: cannot be written: No space left on device\n")
      #expect(FileManager.default.fileExists(atPath: record))

      let compare = try Program.run(
        "compare", ["--lessons=2,3", "--steps=2", "--html=/dev/full", "--json=\(folder)/report.json"])
      #expect(compare.status == 2)
      #expect(compare.output.contains("Lessons 2 and 3 give the same losses"))
      #expect(compare.error == "compare: --html: /dev/full: cannot be written: No space left on device\n")
      #expect(FileManager.default.fileExists(atPath: "\(folder)/report.json"))
    }
  }

  /// `ulimit -f` does to a program what a full disk does.
  @Test func aDiskThatFillsUpLeavesAnOldFileWhole() throws {
    try Program.withFolder { folder in
      let path = folder + "/tensors"
      try Safetensors.save(tensors, to: path)
      let result = try Program.shell("ulimit -f 8; exec \"$0\" --steps 1 --save \(path)", "lesson2")
      #expect(result.status == 1)
      #expect(result.error == "lesson2: Safetensors.save: \(path): cannot be written: File too large\n")
      #expect(try Safetensors.load(path).tensors["x"]?.toArray() == [1, 2])
      #expect(try names(folder) == ["tensors"])
    }
  }

  @Test func aTemporaryFolderThatIsFullOrMissingIsSaid() throws {
    let full = try Program.shell("ulimit -f 8; exec \"$0\" --steps 2", "compare")
    #expect(full.status == 2)
    #expect(full.error.contains("lesson 1 ended with status 1: lesson1: Safetensors.save: "), "\(full.error)")
    #expect(full.error.hasSuffix("lesson1.safetensors: cannot be written: File too large\n"))
    let missing = try Program.run("compare", [], environment: ["TMPDIR": "/nowhere"])
    #expect(missing.status == 2)
    let problem = "no folder can be made in /nowhere: No such file or directory"
    #expect(missing.error == "compare: \(problem). TMPDIR=PATH names another place for what the lessons write.\n")
  }
}
