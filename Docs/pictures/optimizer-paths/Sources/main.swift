// Writes where each run came by and the table of losses that chapter 13 quotes, into the folder that is named.
// Docs/pictures/draw makes pictures of the places.
import Foundation

let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".", directoryHint: .isDirectory)

func write(_ text: String, to name: String) throws {
  try Data(text.utf8).write(to: folder.appending(path: name))
}

// A line each: the name, a colon, and the places.
let paths = (runs + rates).map { run in
  let places = run.places.map { String(format: "%.3f,%.3f", $0.a, $0.b) }
  return "\(run.name): \(places.joined(separator: " "))\n"
}
try write(paths.joined(), to: "paths.txt")

let counted = [0, 5, 10, 20, 40]
func row(_ name: String, _ cells: [String]) -> String {
  name.padding(toLength: 14, withPad: " ", startingAt: 0)
    + cells.map { String(repeating: " ", count: 10 - $0.count) + $0 }.joined()
}
let rows = runs.map { run in
  row(run.name, counted.map { String(format: "%.5f", run.losses[$0]) })
}
try write(([row("steps", counted.map(String.init))] + rows).joined(separator: "\n") + "\n", to: "losses.txt")
