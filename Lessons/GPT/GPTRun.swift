import ArgumentParser
import FoundationEssentials
import Kindling
import KindlingData
import KindlingNN
import KindlingOptim
import KindlingPage
import LessonKit

/// One run of `gpt`, as the training sees it: what the options choose, and where it reports.
final class GPTRun {
  let device: Device
  private let options: GPTCommand
  private let walkthrough: Walkthrough?
  private let generator: Generator
  private var record: GPTRecord
  private var checkpoint: GPTCheckpoint?
  private var vocabulary: Vocabulary?
  /// The steps that the page walks through.
  private let pageSteps: Set<Int>
  /// What the page shows the attention of.
  private var pageText = ""
  private var speed = Speed(program: "gpt", unit: "steps")
  private var stepsDone = 0
  /// Of the steps since the last look.
  private var recentLosses: [Double] = []
  /// When the step that is being taken began.
  private var stepStart = ContinuousClock.now
  private var timeInSteps = Duration.zero
  /// How many steps there are between two looks.
  private static let stepsToALook = 100

  init(_ options: GPTCommand) throws {
    self.options = options
    device = try options.machine.prepare(program: "gpt")
    walkthrough = options.page.map { _ in Walkthrough() }
    pageSteps = Set((PageStep.list(options.pageSteps ?? "0") ?? []).map { $0.number(of: options.steps) })
    // What is written has numbers of its own, so that the training does not depend on how often it is looked at.
    generator = Generator(seed: options.seed)
    record = GPTRecord(device: "\(device)", options: GPTRun.sizes(options))
    try FileAccess.checkWritable([("--save", options.save), ("--record", options.record), ("--page", options.page)])
    manualSeed(options.seed)
    Interruption.watch()
  }

  // MARK: What the options choose

  var batchSize: Int { options.batch }
  var context: Int { options.context }
  var learningRate: Double { options.learningRate }
  var stepCount: Int { options.steps }
  var sampleCount: Int { options.sample }
  /// The steps that are left.
  var steps: Range<Int> { min(stepsDone, stepCount)..<stepCount }

  func size(_ vocabulary: Vocabulary) -> GPTSize {
    GPTSize(
      vocabulary: vocabulary.count, context: context, layers: options.layers, heads: options.heads,
      width: options.width, dropout: options.dropout)
  }

  /// All that decides the numbers; a run that goes on must have the same.
  private static func sizes(_ options: GPTCommand) -> [String: String] {
    [
      "layers": "\(options.layers)", "heads": "\(options.heads)", "width": "\(options.width)",
      "context": "\(options.context)", "batch": "\(options.batch)", "dropout": "\(options.dropout)",
      "seed": "\(options.seed)", "steps": "\(options.steps)", "learning-rate": "\(options.learningRate)",
    ]
  }

  private var source: String {
    options.text.map { "--text \($0)" } ?? (options.vietnamese ? "--vietnamese" : "--names")
  }

  /// Whether the text is a list, and so what is written a word.
  private var isList: Bool { options.text == nil }

  /// What to learn from. Of a list the order is changed, always in the same way: what is held out must be like the rest.
  func text() throws -> String {
    if let path = options.text { return try TextData.read(path) }
    let words = options.vietnamese ? try GPTRun.vietnamese() : TextData.firstNames()
    let order = Tensor.randperm(words.count, generator: Generator(seed: 0)).toArray(of: Int.self)
    return "\n" + order.map { words[$0] + "\n" }.joined()
  }

  private static let dictionary = "/usr/share/hunspell/vi_VN.dic"

  /// The syllables of a dictionary, without names and abbreviations, which have capitals.
  private static func vietnamese() throws -> [String] {
    if !FileAccess.exists(dictionary) {
      throw KindlingError(
        "--vietnamese: there is no \(dictionary). It is in Debian's package hunspell-vi: `Lessons/run gpt --vietnamese` installs "
          + "it, and so does `sudo apt-get install hunspell-vi`.")
    }
    let lines = try TextData.read(dictionary).split(separator: "\n").dropFirst()  // the first is their number
    return lines.map(String.init).filter { $0.allSatisfy(\.isLowercase) }
  }

  /// Nine tenths to learn from, and the last tenth to test with. Says how much that is.
  func divide(_ tokens: Tensor, _ vocabulary: Vocabulary) throws -> (training: Tensor, heldOut: Tensor) {
    let count = tokens.shape[0]
    let training = count - count / 10
    // A stretch and the character after it must fit into either part.
    if count / 10 <= context {
      throw KindlingError(
        "\(source): with \(count) characters it is too short for --context \(context): a tenth of it is held out, and must be "
          + "longer than the context. It takes \(10 * (context + 1)) characters or more.")
    }
    if let topK = options.topK, topK > vocabulary.count {
      throw KindlingError("--top-k \(topK): there are \(vocabulary.count) characters")
    }
    _ = try textToLookAt(options.attention, "--attention", vocabulary)
    try choosePageText(
      vocabulary, vocabulary.decode(tokens[training..<min(count, training + 1000)].toArray(of: Int.self)))
    print("\(source): \(count) characters, \(vocabulary.count) different ones; \(count - training) are held out")
    return (tokens[0..<training], tokens[training...])
  }

  // MARK: Going on

  /// Remembers what is to be saved, and puts everything where the file of `--resume` says that it was.
  func resume(_ model: GPT, _ optimizer: AdamW, _ schedule: LambdaLR, _ vocabulary: Vocabulary) throws {
    var needed = GPTRun.sizes(options)
    needed["characters"] = vocabulary.decode(Array(0..<vocabulary.count))
    let checkpoint = GPTCheckpoint(model: model, optimizer: optimizer, schedule: schedule, options: needed)
    (self.checkpoint, self.vocabulary) = (checkpoint, vocabulary)
    defer { stepStart = .now }
    for (name, parameter) in model.namedParameters() { walkthrough?.setName(name, of: parameter) }
    guard let path = options.resume else { return }
    stepsDone = try checkpoint.load(path)
    StandardError.print("gpt: goes on after \(stepsDone) steps.")
  }

  private func save() throws { if let path = options.save { try checkpoint?.save(stepsDone, to: path) } }

  // MARK: A step

  /// A step begins, with a batch.
  func begin(_ x: Tensor, _ y: Tensor) {
    speed.begin()
    guard let walkthrough, pageSteps.contains(stepsDone) else { return }
    walkthrough.setName("x", of: x)
    walkthrough.setName("y", of: y)
    walkthrough.begin(stepsDone)
  }

  /// A step is done. Ends the run if the loss is no number any more, or if somebody asks for it.
  func report(_ loss: Tensor) throws {
    walkthrough?.end()
    let value = loss.item()
    if !value.isFinite {
      speed.clear()
      try? writeFiles()
      throw KindlingError(
        "the loss became \(value) at step \(stepsDone), so the training stops here. The steps are too long: try "
          + "--learning-rate \(shorterStep(than: learningRate)) (it was \(learningRate)).")
    }
    stepsDone += 1
    // The first one also gets its memory from the system, and is left out.
    if !record.losses.isEmpty { timeInSteps += .now - stepStart }
    stepStart = .now
    record.losses.append(value)
    record.secondsPerStep = timeInSteps / .seconds(1) / Double(max(record.losses.count - 1, 1))
    recentLosses.append(value)
    speed.note(1)
    speed.show { speed, columns in
      progressLine(
        "step \(stepsDone)/\(stepCount)", stepsDone, of: stepCount, ["loss \(fixed(value))", speed], columns: columns)
    }
    try stopIfAsked()
  }

  private func stopIfAsked() throws {
    guard let status = Interruption.status else { return }
    speed.clear()
    try save()
    try writeFiles()
    let signal = Interruption.name.map { "by \($0) " } ?? ""
    let way =
      options.save.map { "It is saved; go on with: \(commandToGoOn(from: $0))" }
      ?? "Nothing is saved; --save FILE would have kept it."
    StandardError.print("gpt: stopped \(signal)after \(stepsDone) steps. \(way)")
    throw ExitCode(status)
  }

  // MARK: Looking

  /// Whether it is time to see what has been learnt.
  func looks(after step: Int) -> Bool { (step + 1) % GPTRun.stepsToALook == 0 || step + 1 == stepCount }

  /// What the model writes: words of a list, or lines of a text.
  func sample(_ model: GPT, _ vocabulary: Vocabulary, _ count: Int) -> [String] {
    if count == 0 { return [] }
    let end = vocabulary.characters.firstIndex(of: "\n")
    let rows = write(
      model, count, from: end ?? 0, isList ? 24 : 4 * context, context: context, device: device,
      Sampling(temperature: options.temperature, topK: options.topK), generator)
    return rows.map { row in vocabulary.decode(isList ? Array(row.prefix { $0 != end }) : row) }
  }

  /// Prints how far it is, and keeps it.
  func look(_ heldOutLoss: Double, _ samples: [String]) throws {
    let loss = recentLosses.reduce(0, +) / Double(recentLosses.count)
    recentLosses = []
    speed.clear()
    let shown = samples.map { $0.replacing("\n", with: "⏎") }.joined(separator: isList ? ", " : " | ")
    print("step \(stepsDone) loss \(fixed(loss)) held out \(fixed(heldOutLoss))  \(shown)")
    speed.sayIfNobodyLooks("step \(stepsDone)")
    record.heldOut.append(.init(step: stepsDone, loss: heldOutLoss))
    try save()
    stepStart = .now
    if StandardOutput.problem != nil { throw ExitCode(1) }
  }

  /// Where each character of the text of `--attention` looks; nil if nobody asks.
  func attention(of model: GPT, _ vocabulary: Vocabulary) throws -> Looks? {
    try textToLookAt(options.attention, "--attention", vocabulary).map { Looks(model, $0, vocabulary, device) }
  }

  /// The text of an option, as the model sees it; nil if nobody asks. What is wrong with it is said before the training.
  private func textToLookAt(_ text: String?, _ option: String, _ vocabulary: Vocabulary) throws -> String? {
    guard let text else { return nil }
    let shown = isList ? "\n" + text : text
    if let stranger = shown.unicodeScalars.first(where: { !vocabulary.characters.contains($0) }) {
      throw KindlingError("\(option): \(source) has no \(stranger)")
    }
    let count = shown.unicodeScalars.count
    if count > context || text == "" {
      throw KindlingError(
        "\(option): \(count) characters, with the end of a line before a name; there must be some, and at most \(context), the "
          + "--context")
    }
    return shown
  }

  /// What the page looks at: what is asked for, or the first word, or the beginning, of what is held out.
  private func choosePageText(_ vocabulary: Vocabulary, _ heldOut: String) throws {
    if options.page == nil { return }
    let words = heldOut.split(separator: "\n").dropFirst().map(String.init)
    let word = words.first { $0.unicodeScalars.count < context }
    let beginning = String(String.UnicodeScalarView(heldOut.unicodeScalars.prefix(min(context, 24))))
    let text = options.pageName ?? options.attention ?? (isList ? word : beginning)
    pageText = try textToLookAt(text, "--page-name", vocabulary) ?? "\n"
    let byteCount = 4 * options.layers * options.heads * pageText.unicodeScalars.count * pageText.unicodeScalars.count
    if byteCount > 1_000_000 {
      throw KindlingError(
        "--page-name: of \(pageText.unicodeScalars.count) characters \(options.layers) layers with \(options.heads) heads have more "
          + "weights than a page has room for; take fewer characters")
    }
  }

  /// Prints what the model has learnt to write and where it looks, and writes the files.
  func finish(_ samples: [String], _ attention: Looks?) throws {
    speed.clear()
    record.attention = attention.map { .init(text: $0.text, weights: $0.weights) }
    try save()
    try writeFiles()
    for sample in samples { print(sample) }
    if let attention { print(attention.picture) }
  }

  private func writeFiles() throws {
    if let path = options.record { try record.write(to: path) }
    guard let path = options.page, let walkthrough, let model = checkpoint?.model, let vocabulary else { return }
    var page = PageData(walkthrough, title: "gpt", attention: Looks(model, pageText, vocabulary, device).forPage)
    page.command =
      "gpt \(source) " + record.options.sorted { $0.key < $1.key }.map { "--\($0) \($1)" }.joined(separator: " ")
    try Page.write([page], to: path, for: "--page")
  }
}

/// What `--record` writes, as JSON.
struct GPTRecord: Codable {
  struct HeldOut: Codable {
    var step: Int
    var loss: Double
  }

  /// Of each layer, of each head, of each character of a text: how much it takes of each.
  struct Attention: Codable {
    var text: String
    var weights: [[[[Double]]]]
  }

  var device: String
  var options: [String: String]
  /// Of every step of this run, in full precision.
  var losses: [Double] = []
  /// From drawing a batch to its loss, without the looks between.
  var secondsPerStep = 0.0
  var heldOut: [HeldOut] = []
  /// What `--attention` shows.
  var attention: Attention?

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try FileAccess.store([Array(encoder.encode(self)) + [UInt8(ascii: "\n")]], at: path, for: "--record")
  }
}

/// All that a training needs to go on as if it had never stopped, in one safetensors file.
struct GPTCheckpoint {
  let model: GPT
  let optimizer: AdamW
  let schedule: LambdaLR
  /// A run that goes on must have the same.
  let options: [String: String]

  private var sortedOptions: [(name: String, value: String)] {
    options.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  func save(_ steps: Int, to path: String) throws {
    let parts = [
      ("model", model.stateDict()), ("optimizer", optimizer.stateDict()), ("schedule", schedule.stateDict()),
    ]
    let tensors = ["steps": Tensor(steps), "generator": Tensor(Generator.default.getState())]
    try SavedTraining.save(parts, tensors, by: "gpt", options: sortedOptions, to: path)
  }

  /// Reads a file, puts everything where it was, and returns how many steps had been taken.
  ///
  /// - Throws: `KindlingError` that names the file where it is none of these, or of a model of another size.
  func load(_ path: String) throws -> Int {
    var saved = try SavedTraining(reading: path, savedBy: "gpt", options: sortedOptions)
    let steps = try saved.tensor("steps", .int64, count: 1).item(as: Int.self)
    if steps < 0 { throw saved.failure("steps is \(steps), and must be 0 or more") }
    let generator = try saved.tensor("generator", .int64).toArray(of: Int64.self)
    let parts = (saved.part("model"), saved.part("optimizer"), saved.part("schedule"))
    try saved.restore {
      try model.load(stateDict: parts.0)
      try optimizer.load(stateDict: parts.1)
      try schedule.load(stateDict: parts.2)
      try Generator.default.setState(generator)
    }
    return steps
  }
}
