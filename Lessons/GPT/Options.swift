import ArgumentParser
import Kindling
import LessonKit

/// The command line.
@main
struct GPTCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "gpt",
      abstract: "Train a small language model, character by character, and let it write.",
      discussion: """
        Standard output is a line every so many steps, with the loss on the text that is learnt from and on a tenth that is not, \
        and what the model writes; everything else goes to standard error. The same options give the same numbers every time.

        Ctrl-C (SIGINT), SIGTERM and SIGHUP stop the training after the step that it is in; with --save it can go on from there \
        another time. A second one stops it at once.

        Exit status: 0 trained, 1 stopped (the loss left the finite numbers, or a file or the output could not be read or \
        written), 64 a wrong option, 130 stopped by SIGINT, 143 by SIGTERM, 129 by SIGHUP.
        """,
      version: "gpt (Kindling \(kindlingVersion))")
  }

  @Flag(help: "Learn from first names of the United States; this is what is done if nothing else is asked for.")
  var names = false

  @Flag(help: "Learn from the syllables of Vietnamese, of Debian's package hunspell-vi.")
  var vietnamese = false

  @Option(help: ArgumentHelp("Learn from a text in UTF-8.", valueName: "file"))
  var text: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Blocks of attention and linear layers.", valueName: "count"))
  var layers = 4

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Heads of attention in each; --width must be a multiple.", valueName: "count"))
  var heads = 4

  @Option(parsing: .unconditional, help: ArgumentHelp("Numbers that stand for a character.", valueName: "count"))
  var width = 64

  @Option(parsing: .unconditional, help: ArgumentHelp("Characters that are seen at once.", valueName: "count"))
  var context = 16

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Steps, counted from the first run's beginning.", valueName: "count"))
  var steps = 1000

  @Option(parsing: .unconditional, help: ArgumentHelp("Stretches of text in a batch.", valueName: "count"))
  var batch = 32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The probability that a number is dropped in training.", valueName: "number"))
  var dropout = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest step size; it rises at first and falls to a tenth.", valueName: "number"))
  var learningRate = 0.003

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the first weights, the batches and what is written.", valueName: "number"))
  var seed = 0

  @OptionGroup var machine: MachineOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many names or texts to write at the end.", valueName: "count"))
  var sample = 10

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Below 1 what is written is likelier, above 1 bolder.", valueName: "number"))
  var temperature = 1.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write with so many of the likeliest characters only; with all if not given.", valueName: "count"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Show where each character of a text looks at the end of the training, layer by layer and head by head.",
      valueName: "text"))
  var attention: String?

  @Option(help: ArgumentHelp("Keep all that is needed to go on in a safetensors file.", valueName: "file"))
  var save: String?

  @Option(help: ArgumentHelp("Go on where the run stopped that saved this file.", valueName: "file"))
  var resume: String?

  @Option(help: ArgumentHelp("Write every loss to a JSON file.", valueName: "file"))
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Write a page that shows in a browser where each character of a name looks, and walks through steps.",
      valueName: "file"))
  var page: String?

  @Option(
    help: ArgumentHelp("The steps that the page walks through, such as 0,last; 0 if not given.", valueName: "list"))
  var pageSteps: String?

  @Option(
    help: ArgumentHelp(
      "The name whose attention the page shows; that of --attention, or one that is held out, if not given.",
      valueName: "name"))
  var pageName: String?

  func validate() throws {
    try ProcessOptions.refuseSeveral("gpt")
    for (option, value) in [
      ("--layers", layers), ("--heads", heads), ("--width", width), ("--context", context), ("--batch", batch),
    ] {
      try checkAtLeast(1, value, option)
    }
    for (option, value) in [("--steps", steps), ("--sample", sample)] { try checkAtLeast(0, value, option) }
    try checkAtLeast(1, topK, "--top-k")
    try checkLearningRate(learningRate)
    if width % heads != 0 {
      throw ValidationError("--width must be a multiple of --heads, and \(width) is none of \(heads).")
    }
    if !(dropout >= 0 && dropout < 1) {
      throw ValidationError("--dropout must be 0 or more and below 1, and is \(dropout).")
    }
    if !(temperature > 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be a number above 0, and is \(temperature).")
    }
    if page == nil && pageName != nil { throw ValidationError("--page-name says what a page shows; add --page.") }
    if let pageSteps {
      if page == nil { throw ValidationError("--page-steps says which steps a page shows; add --page.") }
      if let problem = PageStep.problem(pageSteps, of: steps) { throw ValidationError(problem) }
    }
    if [names, vietnamese, text != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--names, --vietnamese and --text exclude each other.")
    }
  }

  static func main() {
    StandardOutput.begin("gpt")
    self.main(nil)
  }

  func run() throws {
    do {
      try gpt(GPTRun(self))
    } catch let error as KindlingError {
      StandardError.print("gpt: \(error)")
      throw ExitCode(1)
    }
  }
}
