import Foundation
import Kindling
import TestSupport
import Testing

/// `practice` as a user runs it: what it says, and that a training which was stopped ends as one that was not.
@Suite struct PracticeTests {
  private static func practice(_ arguments: String...) throws -> Program.Result {
    try Program.run("practice", arguments + ["--threads=1"])
  }

  private static func contents(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  /// In which epoch a saved training is, counted from 0.
  private static func epoch(_ path: String) throws -> Int {
    let progress = try #require(try Safetensors.load(path).tensors["progress"])
    return progress[0].item(as: Int.self)
  }

  // MARK: What it says

  @Test func readsDigitsThatItHasNotSeen() throws {
    try Program.withFolder { folder in
      let result = try Self.practice("--record=\(folder)/record.json", "--page=\(folder)/page.html")
      #expect(result.status == 0, "\(result.error)")
      let lines = result.output.split(separator: "\n")
      #expect(lines[0] == "digits: 1438 training samples and 359 test samples, divided at random, always the same way")
      #expect(lines[1].wholeMatch(of: /epoch 1 loss \d\.\d{4} accuracy 0\.\d{4} test accuracy 0\.\d{4}/) != nil)
      #expect(lines[20].hasPrefix("epoch 20 loss 0.0"))
      let accuracy = try #require(lines[21].wholeMatch(of: /test accuracy (0\.\d{4})/))
      #expect(Double(accuracy.1)! > 0.95)
      // A row for each digit, with the share on the diagonal that the accuracy is.
      let right = (0..<10).map { Int(lines[24 + $0].split(separator: " ")[1 + $0]) ?? 0 }.reduce(0, +)
      #expect(abs(Double(right) / 359 - Double(accuracy.1)!) < 1e-4)
      #expect(lines[34].hasPrefix("\(359 - right) of 359 are wrong"))
      #expect(lines[35].contains(", taken for ") && result.output.contains("██"))
      let record = try #require(
        try JSONSerialization.jsonObject(with: Self.contents("\(folder)/record.json")!) as? [String: Any])
      #expect((record["losses"] as? [Double])?.count == 20 * 45 && record["seed"] as? Int == 0)
      let epochs = try #require(record["epochs"] as? [[String: Double]])
      #expect(epochs.count == 20 && abs(epochs[19]["testAccuracy"]! - Double(accuracy.1)!) < 1e-4)
      #expect(try #require(Self.contents("\(folder)/page.html")).count > 100_000)
    }
  }

  @Test(arguments: ["iris", "wine"]) func learnsTables(_ name: String) throws {
    let result = try Self.practice("--data=\(name)", "--optimizer=sgd", "--learning-rate=0.02")
    let accuracy = try #require(result.output.firstMatch(of: /\ntest accuracy (\d\.\d{4})/))
    #expect(Double(accuracy.1)! > 0.9, "\(result.output)")
  }

  /// Where the losses led to is worth a look, too.
  @Test func recordsATrainingThatFails() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/record.json"
      let result = try Self.practice("--learning-rate=1e30", "--optimizer=sgd", "--record=\(path)")
      #expect(result.status == 1)
      let record = try JSONSerialization.jsonObject(with: try #require(Self.contents(path))) as? [String: Any]
      #expect((record?["losses"] as? [Double])?.isEmpty == false)
    }
  }

  /// A wider line would wrap, and the next one could not take its place.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")), arguments: [80, 60, 40, 20])
  func theProgressFitsIntoTheTerminal(_ columns: Int) throws {
    let training = "'$0' --model=cnn --data=digits --epochs=100 --threads=1 | head -n 4"
    let result = try Program.shell("script -qec \"stty cols \(columns); \(training)\" /dev/null", "practice")
    let lines = result.output.matches(of: #/\r(epoch [^\r\u{1B}]*)\u{1B}\[K/#).map(\.1)
    #expect(!lines.isEmpty, "\(result.output)")
    #expect(lines.allSatisfy { $0.count < columns }, "\(lines)")
    #expect(lines.contains { $0.contains(#/\[=*> *\] loss \d/#) } == (columns >= 70))
    #expect(lines.allSatisfy { $0.contains(" samples/s") } == (columns >= 60))
  }

  /// The kernels are a GPU's. At first nothing but rounding is seen, 2e-7 at most, until a max pool takes another pixel, which
  /// with OpenBLAS's products it may do at once. From then on the losses part: 8e-4 at most in an epoch.
  @Test(arguments: ["mlp", "cnn"]) func trainsOnTheEmulator(_ model: String) throws {
    try Program.withFolder { folder in
      func losses(_ device: String) throws -> [Double] {
        let path = "\(folder)/\(device)"
        let result = try Self.practice("--model=\(model)", "--epochs=1", "--device=\(device)", "--record=\(path)")
        #expect(result.status == 0, "\(result.error)")
        let record = try JSONSerialization.jsonObject(with: try #require(Self.contents(path))) as? [String: Any]
        #expect(record?["device"] as? String == device)
        return try #require(record?["losses"] as? [Double])
      }
      let (cpu, emulator) = (try losses("cpu"), try losses("cuda-emulator"))
      #expect(cpu.count == 45 && emulator.count == 45)
      let differences = zip(cpu, emulator).map { abs($0 - $1) / $0 }
      #expect(differences.allSatisfy { $0 <= 2e-3 }, "\(differences)")
      if Products.areOurs { #expect(differences.prefix(10).allSatisfy { $0 <= 1e-6 }, "\(differences)") }
    }
  }

  @Test func readsAFolderOfMNISTsFiles() throws {
    try Program.withFolder { folder in
      for part in ["train", "t10k"] {
        let images = [0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 2] + (0..<32).map { UInt8($0 / 4 % 2 * 255) }
        try Data(images).write(to: URL(filePath: "\(folder)/\(part)-images-idx3-ubyte"))
        try Data([0, 0, 8, 1, 0, 0, 0, 8, 0, 1, 0, 1, 0, 1, 0, 1])
          .write(to: URL(filePath: "\(folder)/\(part)-labels-idx1-ubyte"))
      }
      let result = try Self.practice("--data=\(folder)", "--epochs=50")
      #expect(result.output.contains("\ntest accuracy 1.0000\n"), "\(result.output) \(result.error)")
      #expect(result.output.hasPrefix("\(folder): 8 training samples and 8 test samples, divided as its makers"))
    }
  }

  static let refused: [(arguments: [String], status: Int32, message: String)] = [
    (["--epochs=0"], 64, "--epochs must be at least 1, and is 0."),
    (["--epochs", "-1"], 64, "--epochs must be at least 1, and is -1."),
    (["--batch=0"], 64, "--batch must be at least 1, and is 0."),
    (["--threads=0"], 64, "--threads must be at least 1, and is 0."),
    (["--learning-rate=-1"], 64, "--learning-rate must be a number above 0, and is -1.0."),
    (["--optimizer=lion"], 64, "'lion' is invalid"),
    (["--model=big"], 64, "'big' is invalid"),
    (["--data=nothing"], 64, "--data nothing: this is neither digits, iris, wine or fashion nor a folder."),
    (["--data=/dev"], 1, "/dev: there is no train-images-idx3-ubyte or train-images-idx3-ubyte.gz"),
    (["--resume=/none"], 1, "Safetensors.load: /none: cannot be opened: No such file or directory"),
    (["--save=/none/x"], 1, "--save /none/x: cannot write there: No such file or directory"),
    (["--save=/tmp"], 1, "--save /tmp: this is a folder; name a file"),
    (["--save=/tmp/a", "--record=/tmp/a"], 1, "--save and --record both name /tmp/a"),
    (
      ["--learning-rate=1e30", "--optimizer=sgd"], 1,
      "the training stops here. The steps are too long: try --learning-rate"
    ),
  ]

  @Test(arguments: refused.indices) func refusesWhatItCannotDo(_ number: Int) throws {
    let (arguments, status, message) = Self.refused[number]
    let result = try Program.run("practice", arguments)
    #expect(result.status == status, "\(result.error)")
    #expect(result.error.contains(message), "\(result.error)")
  }

  @Test func picturesMustBeLargeEnoughToBeHalvedTwice() throws {
    try Program.withFolder { folder in
      for (part, count) in [("train", 4), ("t10k", 2)] {
        let images: [UInt8] =
          [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 3, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 9 * count)
        let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + [0, 1, 0, 1].prefix(count)
        try Data(images).write(to: URL(filePath: "\(folder)/\(part)-images-idx3-ubyte"))
        try Data(labels).write(to: URL(filePath: "\(folder)/\(part)-labels-idx1-ubyte"))
      }
      let result = try Self.practice("--data=\(folder)", "--model=cnn")
      #expect(
        result.status == 1 && result.error.contains("are 3 pixels high or wide; they must be 4 or more"),
        "\(result.error)")
      #expect(try Self.practice("--data=\(folder)", "--epochs=1").status == 0)
    }
  }

  @Test func saysHowFashionIsInstalled() throws {
    if FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist") { return }
    let result = try Self.practice("--data=fashion")
    #expect(result.status == 1 && result.error.contains("`sudo apt-get install dataset-fashion-mnist`"))
  }

  // MARK: Stopping and going on

  /// The rate of `--schedule=step` falls between the two halves' ends.
  @Test(arguments: [
    "--optimizer=sgd", "--optimizer=adam", "--optimizer=adamw", "--optimizer=rmsprop", "--optimizer=adagrad",
    "--schedule=step", "--model=cnn",
  ])
  func twoHalvesAreOneWhole(_ option: String) throws {
    try Program.withFolder { folder in
      let options = [option, "--seed=3", "--batch=50", "--threads=1"]
      func run(_ more: String...) throws -> Program.Result {
        let result = try Program.run("practice", options + more)
        #expect(result.status == 0, "\(result.error)")
        return result
      }
      _ = try run("--epochs=3", "--save=\(folder)/a")
      let second = try run("--epochs=7", "--resume=\(folder)/a", "--save=\(folder)/b")
      let whole = try run("--epochs=7", "--save=\(folder)/c")
      #expect(Self.contents("\(folder)/b") == Self.contents("\(folder)/c"))
      #expect(whole.output.hasSuffix(second.output.split(separator: "\n", maxSplits: 1)[1]))
    }
  }

  @Test(arguments: ["cosine", "onecycle"]) func aScheduleOfAllEpochsKeepsTheirNumber(_ schedule: String) throws {
    try Program.withFolder { folder in
      let options = ["--schedule=\(schedule)", "--threads=1"]
      #expect(try Program.run("practice", options + ["--epochs=2", "--save=\(folder)/a"]).status == 0)
      let result = try Program.run("practice", options + ["--epochs=4", "--resume=\(folder)/a"])
      #expect(result.status == 1)
      #expect(
        result.error.contains("it was saved by a run with --epochs 2, and this one has --epochs 4"), "\(result.error)")
    }
  }

  @Test(arguments: [SIGINT, SIGTERM]) func goesOnInTheMiddleOfAnEpoch(_ signal: Int32) throws {
    try Program.withFolder { folder in
      let saved = "\(folder)/saved file"
      let options = ["--batch=1", "--threads=1"]
      let running = try Running(
        Program.path("practice"), options + ["--epochs=1000", "--save", saved])
      #expect(eventually { running.printed.contains("epoch 1 ") })
      usleep(UInt32.random(in: 0..<50_000))
      running.send(signal)
      let result = try running.ending()
      #expect(result.status == 128 + signal)
      #expect(result.error.contains("practice: stopped by SIG"), "\(result.error)")
      #expect(result.error.hasSuffix("--batch=1 --threads=1 --epochs=1000 --save '\(saved)' --resume '\(saved)'\n"))

      let epochs = "--epochs=\(try Self.epoch(saved) + 2)"
      let second = try Program.run("practice", options + [epochs, "--resume", saved, "--save=\(folder)/b"])
      let whole = try Program.run("practice", options + [epochs, "--save=\(folder)/c"])
      #expect(second.status == 0 && whole.status == 0, "\(second.error)")
      #expect(Self.contents("\(folder)/b") == Self.contents("\(folder)/c"))
      #expect(whole.output.hasSuffix(second.output.split(separator: "\n", maxSplits: 1)[1]))
    }
  }

  /// These bend the rate at every step, down to the last one of which they know.
  @Test(arguments: ["cosine", "onecycle"]) func goesOnInTheMiddleOfASchedule(_ schedule: String) throws {
    try Program.withFolder { folder in
      let saved = "\(folder)/saved"
      let options = ["--batch=1", "--epochs=8", "--schedule=\(schedule)", "--threads=1"]
      var position = 0
      // Seldom, a signal comes just between two epochs.
      while position == 0 {
        let running = try Running(Program.path("practice"), options + ["--save=\(saved)"])
        #expect(eventually { running.printed.contains("epoch 1 ") })
        running.send(SIGINT)
        try #require(try running.ending().status == 128 + SIGINT)
        position = try #require(try Safetensors.load(saved).tensors["loader.position"]).item(as: Int.self)
      }
      let second = try Program.run("practice", options + ["--resume=\(saved)", "--save=\(folder)/b"])
      let whole = try Program.run("practice", options + ["--save=\(folder)/c"])
      #expect(second.status == 0 && whole.status == 0, "\(second.error)")
      #expect(Self.contents("\(folder)/b") == Self.contents("\(folder)/c"))
    }
  }

  /// Twenty times, at moments of which most lie within a write.
  @Test func whoeverIsKilledLeavesAWholeFile() throws {
    try Program.withFolder { folder in
      let saved = "\(folder)/saved"
      var last = 0
      for _ in 0..<20 {
        let resume = last == 0 ? [] : ["--resume=\(saved)"]
        let running = try Running(
          Program.path("practice"), ["--data=iris", "--epochs=1000000", "--threads=1", "--save=\(saved)"] + resume)
        #expect(eventually { running.printed.split(separator: "\n").count > 2 })
        usleep(UInt32.random(in: 0..<20_000))
        running.send(SIGKILL)
        #expect(try running.ending().status == 128 + SIGKILL)
        let epoch = try Self.epoch(saved)
        #expect(epoch > last)
        last = epoch
      }
      let second = try Self.practice("--data=iris", "--epochs=\(last + 1)", "--resume=\(saved)", "--save=\(folder)/b")
      #expect(second.status == 0, "\(second.error)")
      _ = try Self.practice("--data=iris", "--epochs=\(last + 1)", "--save=\(folder)/c")
      #expect(Self.contents("\(folder)/b") == Self.contents("\(folder)/c"))
      // What the killed ones were writing is cleared away by the next.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("saved.") }.count <= 1)
    }
  }

  /// Whoever shares the samples deals them out in another order than one alone.
  @Test func asManyProcessesGoOnAsHaveSaved() throws {
    try Program.withFolder { folder in
      let training = ["--data=iris", "--batch=12"]
      for (name, shards) in [("alone", []), ("one", ["--shards=1"]), ("two", ["--shards=2"])] {
        let result = try Program.run("practice", training + ["--epochs=1", "--save=\(folder)/\(name)"] + shards)
        #expect(result.status == 0, "\(result.error)")
      }
      for (saved, message, arguments) in [
        ("alone", "it was saved by one process alone; go on without --processes and --shards", ["--shards=2"]),
        ("one", "it was saved by a run with --shards 1; go on with that", []),
        ("one", "it was saved by a run with --shards 1; go on with that, and not with 2", ["--shards=2"]),
        (
          "two",
          "it was saved by 2 processes or shards; go on with as many: Lessons/run practice --processes 2, mpirun -n 2 …, "
            + "or --shards 2 in one process", []
        ),
        (
          "two",
          "it was saved by 2 processes or shards; go on with as many, and not with 4: Lessons/run practice --processes 2, "
            + "mpirun -n 2 …, or --shards 2 in one process", ["--shards=4"]
        ),
      ] {
        let options = training + ["--epochs=2", "--resume=\(folder)/\(saved)"] + arguments
        let result = try Program.run("practice", options)
        #expect(result.status == 1)
        #expect(result.error == "practice: --resume \(folder)/\(saved): \(message)\n")
      }
    }
  }

  @Test func anotherTrainingIsNotGoneOnWith() throws {
    try Program.withFolder { folder in
      let saved = "\(folder)/saved"
      #expect(try Self.practice("--epochs=2", "--save=\(saved)").status == 0)
      func refused(_ message: String, _ arguments: String...) throws {
        let result = try Program.run("practice", arguments + ["--resume=\(saved)"])
        #expect(result.status == 1)
        #expect(result.error.contains("practice: --resume \(saved): \(message)"), "\(result.error)")
      }
      try refused("it was saved by a run with --data digits, and this one has --data iris", "--data=iris")
      try refused("it was saved by a run with --batch 32, and this one has --batch 8", "--batch=8")
      try refused("it was saved by a run with --optimizer adam, and this one has --optimizer sgd", "--optimizer=sgd")
      try refused("it was saved by a run with --seed 0, and this one has --seed 1", "--seed=1")
      try refused("it was saved by a run with --learning-rate 0.003", "--learning-rate=0.1")
      try refused("that run was in epoch 3, and --epochs 1 counts from its beginning", "--epochs=1")

      var content = try Safetensors.load(saved)
      func change(_ change: (inout Safetensors.Content) -> Void) throws {
        var changed = content
        change(&changed)
        try Safetensors.save(changed.tensors, to: saved, metadata: changed.metadata)
      }
      try change { $0.tensors["generator"] = nil }
      try refused("generator is missing")
      try change { $0.tensors["progress"] = Tensor([1, 2]) }
      try refused("progress has [1, 2], and four whole numbers from 0 on are expected")
      try change { $0.tensors["progress"] = Tensor.zeros(4) }
      try refused("progress is float32, and should be int64")
      try change { $0.tensors["model.1.weight"] = Tensor.zeros(2, 2) }
      try refused("")
      content.metadata = [:]
      try change { _ in }
      try refused("this is no file that practice has saved")
    }
  }
}
