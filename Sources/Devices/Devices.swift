import ArgumentParser
import FoundationEssentials
import Kindling

/// Lists where Kindling can compute on this machine, and what is missing for the rest.
@main
struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "List where Kindling can compute on this machine, and what is missing for the rest.",
    discussion: """
      The names are those that the lessons take, as in lesson3 --device cuda:1. The exit status is 0 with a GPU or \
      without, and 1 where the output cannot be written.
      """)

  @Flag(help: "Print JSON.")
  var json = false

  static func main() {
    StandardOutput.begin("devices")
    main(nil)
  }

  func run() throws {
    let report = Machine()
    if !json { return print(report) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
