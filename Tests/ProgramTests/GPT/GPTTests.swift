import Foundation
import Kindling
import KindlingPage
import TestSupport
import Testing

/// `gpt` as a user runs it: PyTorch's losses, what it says, and that a training which was stopped ends as one that was not.
@Suite struct GPTTests {
  /// A small model, with random numbers of every kind: first weights, batches, dropout.
  private static let small = [
    "--layers=2", "--heads=2", "--width=32", "--batch=8", "--dropout=0.1", "--steps=20", "--threads=1",
  ]

  private static func losses(_ arguments: [String]) throws -> [Double] {
    var losses: [Double] = []
    try Program.withFolder { folder in
      let path = "\(folder)/record.json"
      let result = try Program.run("gpt", arguments + ["--record=\(path)", "--sample=0"])
      #expect(result.status == 0, "\(result.error)")
      let content = try #require(FileManager.default.contents(atPath: path))
      let record = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any])
      losses = try #require(record["losses"] as? [Double])
    }
    return losses
  }

  /// From Tests/Reference/gpt.py with the same options. Of 20 steps the rounding is some units in the last place of float32;
  /// a wrong sum would be off by percents.
  @Test func lossesArePyTorchs() throws {
    let expected = [
      3.3172860145568848, 3.2442867755889893, 3.188960075378418, 3.1575560569763184, 3.1044414043426514,
      3.0374221801757812, 2.9744882583618164, 2.989609956741333, 2.909313678741455, 2.88491153717041,
      2.9327971935272217, 2.9344534873962402, 2.9703807830810547, 2.86179518699646, 2.8772590160369873,
      2.9026997089385986, 2.833983898162842, 2.9107630252838135, 2.866896629333496, 2.9084959030151367,
    ]
    let ours = try Self.losses(Self.small)
    #expect(ours.count == 20)
    for (a, b) in zip(ours, expected) { #expect(abs(a - b) <= 1e-5 * b, "\(a), and PyTorch has \(b)") }
  }

  /// Without dropout: of that a device has numbers of its own.
  @Test func theEmulatorsLossesAreTheProcessors() throws {
    let options = Self.small.filter { !$0.hasPrefix("--dropout") }
    let (cpu, emulator) = (try Self.losses(options), try Self.losses(options + ["--device=cuda-emulator"]))
    #expect(zip(cpu, emulator).allSatisfy { abs($0 - $1) <= 1e-5 * $0 })
  }

  @Test func writesNames() throws {
    let options = ["--layers=1", "--width=32", "--heads=2", "--steps=200", "--threads=1"]
    let result = try Program.run("gpt", options + ["--sample=5"])
    #expect(result.status == 0, "\(result.error)")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == "--names: 36123 characters, 27 different ones; 3612 are held out")
    let heldOut = try #require(lines[2].firstMatch(of: #/^step 200 loss \d\.\d{4} held out (\d\.\d{4})  /#))
    #expect(Double(heldOut.1)! < 2.6)
    #expect(lines.count == 3 + 5 + 1 && lines[3...].allSatisfy { $0.wholeMatch(of: /[a-z]{0,24}/) != nil })
    #expect(try Program.run("gpt", options + ["--sample=5"]).output == result.output)
    // The likeliest character each time: all are alike.
    let sure = try Program.run("gpt", options + ["--sample=3", "--top-k=1"]).output.split(separator: "\n").suffix(3)
    #expect(Set(sure).count == 1)
  }

  @Test func twoHalvesAreOneWhole() throws {
    try Program.withFolder { folder in
      func contents(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(folder)/\(name)") }
      let options = [
        "--layers=1", "--width=16", "--heads=1", "--batch=2", "--dropout=0.2", "--steps=3000", "--threads=1",
      ]
      let saved = "\(folder)/a"
      let running = try Running(Program.path("gpt"), options + ["--save=\(saved)"])
      #expect(eventually { running.printed.contains("step 200 ") })
      running.send(SIGINT)
      let stopped = try running.ending()
      #expect(stopped.status == 130 && stopped.error.contains("go on with: "), "\(stopped.error)")
      let second = try Program.run("gpt", options + ["--resume=\(saved)", "--save=\(folder)/b"])
      let whole = try Program.run("gpt", options + ["--save=\(folder)/c"])
      #expect(second.status == 0 && whole.status == 0, "\(second.error)")
      #expect(contents("b") == contents("c"))
      let other = try Program.run("gpt", options.map { $0.replacing("=16", with: "=32") } + ["--resume=\(saved)"])
      #expect(other.status == 1)
      #expect(
        other.error.contains("it was saved by a run with --width 16, and this one has --width 32"), "\(other.error)")
    }
  }

  private static let refused: [(content: [UInt8]?, arguments: [String], status: Int32, message: String)] = [
    ([], [], 1, "the file is empty"),
    (Array("hello".utf8), [], 1, "with 5 characters it is too short for --context 16"),
    (Array("Việt".utf8) + [0xff, 0x41], [], 1, "this is not UTF-8, at byte 7"),
    (Array(repeating: 65, count: 1000), ["--context=200"], 1, "It takes 2010 characters or more."),
    (nil, [], 1, "cannot be opened: No such file or directory"),
    (Array("abc".utf8), ["--names"], 64, "--names, --vietnamese and --text exclude each other."),
    (Array("abc".utf8), ["--width=30"], 64, "--width must be a multiple of --heads, and 30 is none of 4."),
    (Array("abc".utf8), ["--dropout=1"], 64, "--dropout must be 0 or more and below 1, and is 1.0."),
    (Array("abc".utf8), ["--temperature=0"], 64, "--temperature must be a number above 0, and is 0.0."),
    (Array(repeating: 65, count: 1000), ["--resume=/none"], 1, "/none"),
  ]

  @Test(arguments: refused.indices) func refusesWhatItCannotDo(_ number: Int) throws {
    let (content, arguments, status, message) = Self.refused[number]
    try Program.withFolder { folder in
      let path = "\(folder)/text"
      if let content { try Data(content).write(to: URL(filePath: path)) }
      let result = try Program.run("gpt", ["--text=\(path)"] + arguments)
      #expect(result.status == status, "\(result.error)")
      #expect(result.error.contains(message), "\(result.error)")
    }
  }

  /// A square for each head, with a character of the text in each row and each column.
  @Test func showsWhereCharactersLook() throws {
    let options = ["--layers=2", "--width=8", "--heads=2", "--steps=1", "--sample=0", "--threads=1"]
    let result = try Program.run("gpt", options + ["--attention=anna"])
    let lines = result.output.split(separator: "\n").suffix(14)
    #expect(lines.prefix(3) == ["layer 1", "  ⏎anna     ⏎anna", "⏎ █       ⏎ █"], "\(result.output) \(result.error)")
    let strange = try Program.run("gpt", options + ["--attention=André"])
    #expect(strange.status == 1 && strange.error.contains("--attention: --names has no A"), "\(strange.error)")
    #expect(!strange.output.contains("step "), "it is said before anything is trained")
  }

  /// Where Debian's dictionary is installed it is learnt, letters with their tones; where it is not, that is said.
  @Test func learnsSyllablesOfVietnamese() throws {
    let result = try Program.run("gpt", Self.tiny + ["--vietnamese", "--steps=1", "--attention=nghiêng"])
    if FileManager.default.fileExists(atPath: "/usr/share/hunspell/vi_VN.dic") {
      #expect(
        result.output.wholeMatch(of: #/(?s)--vietnamese: \d{5} characters, \d\d different ones; \d{4} .*/#) != nil)
      #expect(result.output.contains("  ⏎nghiêng     ⏎nghiêng"), "\(result.output)")
    } else {
      #expect(result.status == 1 && result.error.contains("sudo apt-get install hunspell-vi"), "\(result.error)")
    }
  }

  // MARK: Pages

  private static let tiny = ["--layers=2", "--width=8", "--heads=2", "--batch=4", "--sample=0", "--threads=1"]

  /// The page of a run, and its record.
  private static func page(_ arguments: [String]) throws -> (page: PageFile, record: [String: Any]) {
    var found: (page: PageFile, record: [String: Any])?
    try Program.withFolder { folder in
      let result = try Program.run(
        "gpt", tiny + ["--page=\(folder)/page.html", "--record=\(folder)/record.json"] + arguments)
      #expect(result.status == 0, "\(result.error)")
      let content = try #require(FileManager.default.contents(atPath: "\(folder)/record.json"))
      let record = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any])
      found = (try PageFile(at: "\(folder)/page.html"), record)
    }
    return try #require(found)
  }

  private static func floats(_ data: Data) -> [Float] {
    data.withUnsafeBytes { bytes in
      (0..<data.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  @Test func aPageHasTheAttentionOfTheRun() throws {
    let (page, record) = try Self.page(["--steps=3", "--attention=anna", "--page-steps=0,last"])
    let attention = try #require(page.runs[0].attention)
    #expect(attention.queries == ["⏎", "a", "n", "n", "a"] && attention.keys == attention.queries)
    let recorded = try #require(record["attention"] as? [String: Any])
    let layers = try #require(recorded["weights"] as? [[[[Double]]]])
    #expect(recorded["text"] as? String == "\nanna" && layers.count == 2)
    for (shown, layer) in zip(attention.layers, layers) {
      #expect(shown.heads == 2 && Self.floats(shown.weights) == layer.flatMap { $0.flatMap { $0 } }.map(Float.init))
      for row in layer.flatMap({ $0 }) { #expect(abs(row.reduce(0, +) - 1) < 1e-6) }
    }
    #expect(page.runs[0].steps.map(\.step) == [0, 2])
    // What is shown of the program at first is the loop of the training.
    let run = page.runs[0], loop = try #require(run.loop)
    let lines = run.files[loop.file].text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(run.files.map(\.name) == ["Lessons/GPT/GPT.swift"])
    #expect(lines[loop.first - 1].contains("for step in run.steps"), "\(lines[loop.first - 1])")
    #expect(lines[(loop.first..<loop.last)].contains { $0.contains("schedule.step()") })
    // Where nobody names anything, it is a name that was not learnt from.
    let other = try #require(try Self.page(["--steps=1"]).page.runs[0].attention)
    #expect(other.queries.first == "⏎" && other.queries.count > 2 && other.queries.count <= 16)
  }

  /// The default model, of which a page has a part, and the one of chapter 22, of which it has every head and place.
  @Test func aPageFitsTheModel() throws {
    let large = try Self.page(["--steps=1", "--layers=4", "--width=64", "--heads=4", "--batch=32"]).page
    #expect(large.text.utf8.count <= Page.byteLimit && (large.runs[0].kept["512"] ?? nil) != nil)
    let small = try Self.page(["--steps=1", "--layers=1", "--width=32", "--heads=4", "--context=12"]).page
    for size in ["4", "12", "27", "32"] { #expect((small.runs[0].kept[size] ?? nil) == nil, "\(size)") }
  }

  struct Looked: Decodable {
    let weights, sources: [String]
    let text: String
    let images, banners: Int
    let complaints, requests: [String]
  }

  /// Every weight that the page tells is the recorded one; characters that are markup are characters.
  @Test(.enabled(if: Browser.path != nil, Browser.hint)) func thePageTellsTheRecordedWeights() throws {
    try Program.withFolder { folder in
      let text = "\(folder)/text", evil = "</script><img>"
      try Data(String(repeating: evil + "&\"'\n", count: 40).utf8).write(to: URL(filePath: text))
      let (page, record) = try Self.page(["--steps=2", "--text=\(text)", "--attention=\(evil)"])
      let seen: Looked = try Browser.look(
        page.text,
        """
        const canvas = document.querySelector('#attention canvas[data-layer="1"][data-head="0"]');
        canvas.focus();
        const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const told = document.querySelector(".attention-told");
        seen.weights = [];
        for (let row = 0; row < 14; row++) {
          press("Home");
          for (let column = 0; column <= row; column++) {
            press("Enter");
            seen.weights.push(told.dataset.weight);
            press("ArrowRight");
          }
          press("ArrowDown");
        }
        seen.text = [...document.querySelector(".letters.across").children].map((letter) => letter.textContent).join("");
        seen.images = document.querySelectorAll("img").length;
        seen.banners = document.querySelectorAll(".banner").length;
        seen.sources = [...document.querySelectorAll(".source .file")].map((file) => file.textContent);
        """)
      #expect(seen.complaints == [] && seen.requests == [] && seen.images == 0)
      #expect(seen.text == evil)
      #expect(seen.banners == 0, "the -∞ of the causal mask is meant")
      #expect(seen.sources == ["Lessons/GPT/GPT.swift"], "the loop, and not who called it")
      let recorded = try #require(record["attention"] as? [String: Any])
      let rows = try #require(recorded["weights"] as? [[[[Double]]]])[1][0]
      let expected = rows.enumerated().flatMap { row, weights in weights.prefix(row + 1) }
      #expect(seen.weights.map { Float($0) ?? .nan } == expected.map { Float($0) })
    }
  }

  private static let wrongPages: [(arguments: [String], status: Int32, message: String)] = [
    (["--page-name=anna"], 64, "--page-name says what a page shows; add --page."),
    (["--page-steps=0"], 64, "--page-steps says which steps a page shows; add --page."),
    (["--page=/dev/null", "--page-steps=9", "--steps=9"], 64, "--page-steps has step 9, and the last of 9 is 8"),
    (["--page=/dev/null", "--page-name=André"], 1, "--page-name: --names has no A"),
    (
      ["--page=/dev/null", "--page-name=abcdefghijklmnopq"], 1,
      "--page-name: 18 characters, with the end of a line before a name"
    ),
    (["--page=/nowhere/page.html"], 1, "--page"),
    (
      ["--page=/dev/null", "--page-name=\(String(repeating: "a", count: 255))", "--context=256", "--layers=8"], 1,
      "--page-name: of 256 characters 8 layers with 2 heads have more weights than a page has room for"
    ),
  ]

  @Test(arguments: wrongPages.indices) func aPageThatCannotBeIsToldBeforeTheTraining(_ number: Int) throws {
    let (arguments, status, message) = Self.wrongPages[number]
    let result = try Program.run("gpt", Self.tiny + arguments)
    #expect(result.status == status && result.error.contains(message), "\(result.error)")
    #expect(!result.output.contains("step "))
  }

  /// A file of another system, with its ends of lines, and with characters of several bytes.
  @Test func learnsFromAnyText() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/text"
      try Data(String(repeating: "Đường dài\r\n", count: 50).utf8).write(to: URL(filePath: path))
      let options = ["--layers=1", "--width=8", "--heads=1", "--steps=2", "--sample=1", "--threads=1"]
      let result = try Program.run("gpt", options + ["--text=\(path)"])
      #expect(
        result.status == 0 && result.output.contains("500 characters, 10 different ones; 50 are held out"),
        "\(result.output)")
    }
  }
}
