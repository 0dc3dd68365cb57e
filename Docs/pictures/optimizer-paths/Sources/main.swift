// Writes the pictures of chapter 13, and the table of losses that it quotes, into the folder that is named.
import Foundation

let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".", directoryHint: .isDirectory)

func write(_ text: String, to name: String) throws {
  try Data(text.utf8).write(to: folder.appending(path: name))
}

for picture in pictures { try write(Drawing(picture.runs).svg, to: "\(picture.file).svg") }

let counted = [0, 5, 10, 20, 40]
func row(_ name: String, _ cells: [String]) -> String {
  name.padding(toLength: 14, withPad: " ", startingAt: 0)
    + cells.map { String(repeating: " ", count: 10 - $0.count) + $0 }.joined()
}
let rows = pictures.flatMap(\.runs).map { run in
  row(run.name, counted.map { String(format: "%.5f", run.losses[$0]) })
}
try write(([row("steps", counted.map(String.init))] + rows).joined(separator: "\n") + "\n", to: "losses.txt")
