import LessonKit

/// One lesson on one device: what runs once, and makes a row of the table.
struct Stage: Hashable, Codable, Sendable {
  /// The lesson's number.
  let lesson: Int
  /// Where it computes: as `--device` names it, and once it has run as its record does.
  let device: String

  /// The device on which lesson 1 has its numbers, always.
  static let cpu = "cpu"

  /// Every stage of the given lessons on the given devices, a device after another. Lesson 1 is raw arrays, which live on
  /// the CPU, so that it runs once and there.
  static func all(lessons: [Int], devices: [String]) -> [Stage] {
    var stages: [Stage] = []
    for device in devices {
      for lesson in lessons {
        let stage = Stage(lesson: lesson, device: LessonFacts.of(lesson).hasTensors ? device : cpu)
        if !stages.contains(stage) { stages.append(stage) }
      }
    }
    return stages
  }

  /// The same lesson, on the device that `auto` turned out to be.
  func on(_ device: String) -> Stage { Stage(lesson: lesson, device: device) }

  /// Whether a run on the device that its record names is one of this stage.
  func canBe(on recorded: String) -> Bool {
    device == recorded || device == "auto" && (recorded == Stage.cpu || recorded.hasPrefix("cuda:"))
  }

  /// The names in a list such as "cpu,cuda"; nil where one of them is empty.
  static func devices(_ list: String) -> [String]? {
    let names = list.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingWhitespace() }
    // "cuda" is short for the first GPU, and records have the whole name.
    return names.contains("") ? nil : names.map { $0 == "cuda" ? "cuda:0" : $0 }
  }

  /// The middle of the names of its files: lesson3-cuda-emulator.json.
  var fileName: String { "lesson\(lesson)" + (device == Stage.cpu ? "" : "-" + device.replacing(":", with: "")) }

  /// What a sentence calls it; the device only where there are several.
  func name(among devices: [String]) -> String {
    devices.count > 1 ? "lesson \(lesson) on \(device)" : "lesson \(lesson)"
  }

  /// Lesson 1 counts in float64, the others in float32.
  var isDouble: Bool { !LessonFacts.of(lesson).hasTensors }
}
