import FoundationEssentials
import Kindling

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a worker is asked: a line of JSON.
struct Request: Codable {
  enum Work: Codable {
    /// To draw programs, and to check them.
    case seeds(first: UInt64, count: Int)
    case check(Program)
    /// To run one on the emulator only.
    case emulator(Program)
    /// To run one with rounding errors.
    case noise(Program)
  }
  var work: Work
  var checks: Set<Check> = []
  /// Whether what came of the programs is told too, for PyTorch.
  var observes = false
  var settings = Settings()

  /// What decides which program a seed gives.
  struct Settings: Codable {
    /// Rows that are left out.
    var without: Set<String> = []
    /// Rows that are wrong on purpose, to be used often.
    var faults: [String] = []

    func program(seed: UInt64) -> Program {
      Program.drawn(seed: seed, without: without, with: faults.map { Table.rows[$0]! })
    }
  }
}

/// Checks programs in a process of its own, which the library may end: that is how it refuses a mistake.
///
/// A line in, any number of lines out: `=` and a report or observations for each program, `.` at the end. A process that is ended
/// says `!` with the stage, the statement and the signal.
enum Worker {
  static func run() throws {
    Whereabouts.install()
    let (decoder, encoder) = (JSONDecoder(), JSONEncoder())
    func answer(_ value: some Encodable) throws {
      print("=" + String(decoding: try encoder.encode(value), as: UTF8.self))
    }
    func check(_ program: Program, _ request: Request) throws {
      var report = Checker(program: program, checks: request.checks, mark: Whereabouts.note).run()
      if !request.observes { report.observation = nil }
      try answer(report)
    }
    while let line = readLine() {
      let request = try decoder.decode(Request.self, from: Data(line.utf8))
      switch request.work {
      case .seeds(let first, let count):
        for i in 0..<UInt64(count) {
          Whereabouts.note(.drawing, 0)
          try check(request.settings.program(seed: first &+ i), request)
          fflush(nil)
        }
      case .check(let program): try check(program, request)
      case .emulator(let program):
        var interpreter = Interpreter(program: program, device: .cudaEmulator)
        interpreter.willRun = { Whereabouts.note(.emulator, $0) }
        try answer(interpreter.run())
      case .noise(let program):
        Whereabouts.note(.noise, 0)
        try answer(Comparison.noisyRuns(of: program))
      }
      print(".")
      fflush(nil)
    }
  }
}

/// Where the process is, told when a signal ends it.
enum Whereabouts {
  nonisolated(unsafe) private static let place = UnsafeMutablePointer<Int32>.allocate(capacity: 2)

  static func note(_ stage: Stage, _ statement: Int) {
    place[0] = stage.rawValue
    place[1] = Int32(statement)
  }

  static func install() {
    note(.drawing, 0)
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
      signal(number) { number in
        // Nothing here may ask for memory.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { text in
          var length = 0
          func add(_ byte: UInt8) {
            text[length] = byte
            length += 1
          }
          add(UInt8(ascii: "\n"))
          add(UInt8(ascii: "!"))
          for i in 0..<3 {
            let value = i == 2 ? number : Whereabouts.place[i]
            var divisor: Int32 = 100_000
            while divisor > 0 {
              add(UInt8(48 + value / divisor % 10))
              divisor /= 10
            }
            add(UInt8(ascii: " "))
          }
          add(UInt8(ascii: "\n"))
          _ = write(STDOUT_FILENO, text.baseAddress!, length)
        }
        _exit(70)
      }
    }
  }
}
