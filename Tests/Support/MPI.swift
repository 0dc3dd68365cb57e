import Foundation

/// Programs of this package, started several times at once by an MPI library's own launcher.
package enum MPI {
  /// Whether Open MPI is there. What needs it says that it is skipped.
  package static let isThere: Bool = {
    let version = try? Running("/usr/bin/env", ["mpirun", "--version"]).ending()
    return version?.output.contains("Open MPI") ?? false
  }()
  package static let missing = "no Open MPI (openmpi-bin) to start several processes with"

  /// What the launcher needs as root, in containers, and on machines with few processors.
  private static let options = ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]
  private static let environment = [
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMPI_MCA_mpi_yield_when_idle": "1",
  ]

  /// Starts `count` processes of a program.
  ///
  /// - Parameter last: What the last of them is given besides.
  package static func start(
    _ count: Int, _ name: String, _ arguments: [String], last: [String] = [], options: [String] = []
  ) throws -> Running {
    let program = Program.path(name)
    var words = ["-n", "\(last.isEmpty ? count : count - 1)", program] + arguments
    if !last.isEmpty { words += [":", "-n", "1", program] + arguments + last }
    // Whatever goes wrong, a test must come to its end.
    return try Running(
      "/usr/bin/env", ["timeout", "-k", "5", "120", "mpirun"] + self.options + options + words, environment: environment
    )
  }

  /// Runs them to their end.
  package static func run(
    _ count: Int, _ name: String, _ arguments: [String], last: [String] = [], options: [String] = []
  ) throws -> Program.Result {
    try start(count, name, arguments, last: last, options: options).ending()
  }

  /// The processes that have a word in their command line and were not started by the tests themselves.
  package static func processes(with word: String, of name: String) -> [pid_t] {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return folders.compactMap { pid_t($0) }.filter { id in
      let line = (try? Data(contentsOf: URL(filePath: "/proc/\(id)/cmdline"))) ?? Data()
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return words.first?.hasSuffix("/\(name)") ?? false && words.contains { $0.contains(word) }
    }
  }
}
