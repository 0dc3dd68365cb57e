import ArgumentParser
import Kindling
import LessonKit

/// The command line.
@main
struct Practice: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "practice",
      abstract: "Train a network on real data, and test it on what it has never seen.",
      discussion: """
        Standard output is a line an epoch, and at the end the accuracy on the test samples, which class was taken for which, \
        and some samples that were got wrong; everything else goes to standard error. The same options give the same numbers \
        every time.

        Ctrl-C (SIGINT), SIGTERM and SIGHUP stop the training after the step that it is in; with --save it can go on from there \
        another time, and ends with the very numbers of a training that was never stopped. A second one stops it at once.

        Exit status: 0 trained, 1 stopped (the loss left the finite numbers, or a file or the output could not be read or \
        written), 64 a wrong option, 130 stopped by SIGINT, 143 by SIGTERM, 129 by SIGHUP.
        """,
      version: "practice (Kindling \(kindlingVersion))")
  }

  @Option(
    help: ArgumentHelp(
      "What to learn from: digits, iris, wine, fashion (Fashion-MNIST), or a folder of MNIST's files.",
      valueName: "name or folder"))
  var data = "digits"

  @Option(
    help: ArgumentHelp("The network: mlp (one hidden layer), cnn (two convolutions, for images).", valueName: "name"))
  var model = ModelChoice.mlp

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often to go through the training samples, counted from the first run's beginning; as many as suit the data if not "
        + "given.", valueName: "count"))
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Samples in a batch; as many as suit the data if not given.", valueName: "count"))
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "What updates the weights: sgd (with momentum), adam, adamw, rmsprop, adagrad.", valueName: "name"))
  var optimizer = OptimizerChoice.adam

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Step size; the optimizer's own if not given.", valueName: "number"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "How the step size changes: none, step (half every five epochs), cosine (down to 0 in half a wave), onecycle (up and "
        + "down again); onecycle for Fashion-MNIST and folders if not given, else none.", valueName: "name"))
  var schedule: ScheduleChoice?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the first weights and of the order of the samples.", valueName: "number"))
  var seed = 0

  @OptionGroup var machine: MachineOptions

  @Flag(
    help: """
      On a CUDA device, record a step as a graph, and take those that follow by replaying it; the step size must not change.
      """)
  var graphStep = false

  @OptionGroup var sharing: ProcessOptions

  @Option(
    help: ArgumentHelp(
      "Keep all that is needed to go on in a safetensors file: after each epoch, and when stopped.", valueName: "file"))
  var save: String?

  @Option(help: ArgumentHelp("Go on where the run stopped that saved this file.", valueName: "file"))
  var resume: String?

  @Option(help: ArgumentHelp("Write every loss and the numbers of each epoch to a JSON file.", valueName: "file"))
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Write a page to walk through the first and the last step in a browser, number by number.", valueName: "file"))
  var page: String?

  func validate() throws {
    try checkAtLeast(1, epochs, "--epochs")
    try checkAtLeast(1, batch, "--batch")
    try checkLearningRate(learningRate)
    if page != nil && sharing.areShared {
      throw ValidationError("--page looks into the steps of one process; leave --processes and --shards out.")
    }
    let choice = DataChoice(data)
    if graphStep {
      try machine.checkGraphStep()
      try sharing.checkGraphStep()
      let schedule = schedule ?? choice.defaults.schedule
      if schedule != .none {
        throw ValidationError(
          "--graph-step repeats a step with the step size that it was recorded with, and --schedule \(schedule) changes it; "
            + "take --schedule none.")
      }
      if page != nil {
        throw ValidationError(
          "--graph-step replays the steps as a whole, and --page looks into them; give one of the two.")
      }
    }
    if case .folder(let path) = choice, !FileAccess.exists(path) {
      throw ValidationError("--data \(path): this is neither digits, iris, wine or fashion nor a folder.")
    }
    if model.needsImages && !choice.isImages {
      throw ValidationError("--model \(model) looks at images, and --data \(data) has none; take --model mlp.")
    }
  }

  static func main() {
    StandardOutput.begin("practice")
    self.main(nil)
  }

  func run() throws {
    do {
      let group = try sharing.group()
      let run = try PracticeRun(self, group)
      if let group { try practice(run, group) } else { try practice(run) }
      group?.end()
    } catch let error as KindlingError {
      StandardError.print("practice: \(error)")
      throw ExitCode(1)
    }
  }
}
