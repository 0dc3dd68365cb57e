import FoundationEssentials
import Kindling
import KindlingPage

/// Notes where the time of the first steps goes: for `--profile`, in the format that Perfetto and Chrome's tracing read.
final class ProfileRecorder {
  private let path: String
  private let profile = Profile()
  private var current: Int?

  /// To be made before the first tensor.
  init(path: String) {
    self.path = path
    KernelTimes.isOn = true
  }

  /// A step begins, and the one before is over.
  func begin(_ step: Int) {
    end()
    if !profile.hasRoom { return }
    current = step
    Watching.set(profile)
    profile.begin()
  }

  /// Says which part of the step begins.
  func enter(_ phase: Walkthrough.Operation.Phase) { if current != nil { profile.enter(phase) } }

  private func end() {
    guard let step = current else { return }
    profile.end(step)
    Watching.set(nil)
    current = nil
  }

  func write() throws {
    end()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try FileAccess.store([Array(try encoder.encode(Trace(profile.events)))], at: path, for: "--profile")
  }

  /// A trace of complete events, times in microseconds: "Trace Event Format", Google, 2016.
  private struct Trace: Encodable {
    struct Event: Encodable {
      var name: String
      var cat: String?
      var ph: String
      var ts: Double?
      var dur: Double?
      var pid = 1
      var tid: Int
      var args: [String: String]?
    }
    var traceEvents: [Event]
    var displayTimeUnit = "ns"

    init(_ events: [Profile.Event]) {
      let lanes = Set(events.map(\.lane))
      traceEvents = Profile.Lane.allCases.filter(lanes.contains).map {
        Event(name: "thread_name", ph: "M", tid: $0.rawValue + 1, args: ["name": "\($0)"])
      }
      traceEvents += events.map {
        Event(
          name: $0.name, cat: "\($0.lane)", ph: "X", ts: $0.start * 1e6, dur: $0.duration * 1e6,
          tid: $0.lane.rawValue + 1)
      }
    }
  }
}

extension PageData.Timeline {
  /// The only step of a profile; nil if it has none.
  init?(_ profile: Profile, step: Int) {
    guard let whole = profile.events.last(where: { $0.lane == .step }) else { return nil }
    let lanes = Profile.Lane.allCases.dropFirst().compactMap { lane -> PageData.Timeline.Lane? in
      let events = profile.events.filter { $0.lane == lane }
      if events.isEmpty { return nil }
      return PageData.Timeline.Lane(
        name: "\(lane)",
        events: events.map { .init(name: $0.name, start: ($0.start - whole.start) * 1e6, duration: $0.duration * 1e6) })
    }
    self.init(step: step, duration: whole.duration * 1e6, lanes: lanes)
  }
}
