import ArgumentParser
import Kernels
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Our side and the floor, measured in processes of their own: OpenBLAS's threads, which the floor wants, stay awake for a
/// while and would take a processor from whoever is measured next.
///
/// A line in, a line out. "ours SECONDS NAME" and "floor VARIANT SECONDS NAME" give the seconds of a call,
/// "allocations NAME" gives a count, "outcome NAME" a number made of the results.
struct Worker: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  @Argument var threads: Int

  func run() throws {
    numThreads = threads
    manualSeed(0)
    answer("Kindling, \(blas), \(String(cString: KindlingInstructionSet()))")
    let works = Dictionary(uniqueKeysWithValues: Work.all().map { ($0.name, $0) })
    var current: Current?
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      if words[0] == "allocations" {
        let step = SteadySteps.steps.first { $0.name == words[1] }
        answer(step.map { "\(SteadySteps.systemAllocations($0.make))" } ?? "-")
        continue
      }
      if words[0] == "outcome" {
        answer(works[words[1]]?.outcome.map { "\($0())" } ?? "-")
        continue
      }
      guard let request = Request(words[0], words[1]), let make = works[request.name].flatMap(request.make(threads))
      else {
        answer("-")
        continue
      }
      if current?.key != request.key {
        // First without the old one: two at 10^7 would be together in memory.
        current = nil
        KindlingTrimCache()
        let calls = request.variant == nil ? nil : works[request.name]?.floorCalls
        current = Current(key: request.key, call: make(), stopwatch: Stopwatch(callsPerBatch: calls))
      }
      answer("\(current!.time(atLeast: request.seconds))")
    }
  }

  private func answer(_ line: String) {
    print(line)
    fflush(nil)
  }

  private var blas: String {
    String(cString: KindlingBLASDescription()).split(separator: " ").filter { !$0.hasPrefix("NO_") }
      .joined(separator: " ")
  }

  /// What is ready to be timed again.
  private struct Current {
    let key: String
    let call: Work.Call
    var stopwatch: Stopwatch

    mutating func time(atLeast seconds: Double) -> Double { stopwatch.time(atLeast: seconds, call) }
  }

  private struct Request {
    let variant: Int?
    let seconds: Double
    let name: String
    var key: String { "\(variant ?? -1) \(name)" }

    init?(_ kind: String, _ rest: String) {
      let words = rest.split(separator: " ", maxSplits: kind == "ours" ? 1 : 2).map(String.init)
      variant = kind == "ours" ? nil : Int(words[0])
      seconds = Double(words[words.count - 2]) ?? 0
      name = words[words.count - 1]
    }

    func make(_ threads: Int) -> (Work) -> (() -> Work.Call)? {
      { work in
        if let variant {
          return variant < work.floors.count ? { work.floors[variant](threads) } : nil
        }
        if case .call(let make) = work.ours { return make }
        return nil
      }
    }
  }
}
