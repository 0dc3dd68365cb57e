import ArgumentParser
import Kindling
import KindlingDistributed

/// The package's version.
public let kindlingVersion = "0.1.0"

/// One of the programs. It conforms with its number and its training, and has a `main` for it.
public protocol Lesson {
  /// Its row in the table of lessons.
  static var number: Int { get }
  /// Trains the network of `run`'s problem and reports to it.
  static func train(_ run: Run)
  /// The same with several processes, each on its share of the samples. The options allow it for lessons that have it.
  static func train(_ run: Run, _ group: ProcessGroup)
}

extension Lesson {
  /// A lesson without processes.
  public static func train(_ run: Run, _ group: ProcessGroup) { train(run) }

  /// Reads the command line, trains, and ends the program with a status that says how it went.
  public static func main() {
    StandardOutput.begin("lesson\(number)")
    LessonCommand<Self>.main()
  }
}

/// The command line of a lesson.
struct LessonCommand<L: Lesson>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "lesson\(L.number)",
      abstract: LessonFacts.of(L.number).title,
      discussion: """
        Standard output is one line a report, "step loss" as the article prints it; everything else goes to standard \
        error. The same seed gives the same numbers every time.

        Ctrl-C (SIGINT), SIGTERM and SIGHUP stop the training after the step that it is in; what it has so far is printed \
        and written. A second one stops it at once.

        Exit status: 0 trained, 1 stopped (the loss left the finite numbers, or a file or the output could not be \
        written), 64 a wrong option, 130 stopped by SIGINT, 143 by SIGTERM, 129 by SIGHUP.
        """,
      version: "lesson\(L.number) (Kindling \(kindlingVersion))")
  }

  @OptionGroup var options: Options

  func validate() throws { try options.validate(lesson: LessonFacts.of(L.number)) }

  func run() throws {
    do {
      if let example = options.traceKernel { return try show(example) }
      let group = try options.sharing.group()
      let run = try Run(lesson: LessonFacts.of(L.number), options: options, group: group)
      if let group { L.train(run, group) } else { L.train(run) }
      let status = run.end()
      group?.end()
      if status != 0 { throw ExitCode(status) }
    } catch let error as KindlingError {
      StandardError.print("lesson\(L.number): \(error)")
      throw ExitCode(1)
    }
  }

  /// What `--trace-kernel` shows.
  private func show(_ example: KernelExample) throws {
    guard options.counters else { return print(try example.trace(order: options.order)) }
    try FileAccess.checkWritable([("--page", options.page)])
    let (heading, launches) = try example.counters(order: options.order)
    print(heading + launches.map(\.description).joined(separator: "\n"), terminator: "")
    if let path = options.page {
      try FileAccess.store([Array(CountersPage(heading, launches).text.utf8)], at: path, for: "--page")
    }
  }
}
