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

  /// The same as Lessons/run starts them.
  package static func startAsLessonsDo(
    _ count: Int, _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Running {
    let line = "set -euo pipefail; source \"$0\"; run_processes \"$@\""
    let words = [Repository.url("Lessons/processes").path(), "\(count)", Program.path(name)] + arguments
    return try Running(
      "/usr/bin/env", ["timeout", "-k", "5", "120", "bash", "-c", line] + words, environment: environment)
  }

  /// The same on two hosts, that are namespaces of this one: Tests/Processes/hosts. The program must be there for both.
  package static func startOnTwoHosts(_ name: String, _ arguments: [String]) throws -> Running {
    let hosts = Repository.url("Tests/Processes/hosts").path()
    return try Running(
      "/usr/bin/env", ["timeout", "-k", "5", "120", hosts, Program.path(name)] + arguments, environment: environment)
  }

  /// Whether the system lets the tests have such hosts: whatever the script asks of it, but for MPI. A container may allow
  /// namespaces, and forbid a /proc of their own.
  package static let hasNamespaces: Bool = {
    let flags = ["--map-root-user", "--net", "--uts", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
    let line =
      "hostname first && mount --bind /proc/version /etc/hosts && ip link add cable type veth && unshare --net --uts true "
      + "&& nsenter --target $$ --net --uts true"
    let result = try? Running("/usr/bin/env", ["unshare"] + flags + ["sh", "-c", line]).ending()
    return result?.status == 0
  }()

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

  /// The folder of a library that sees what FAKE_MPI says, to name in LD_LIBRARY_PATH: Tests/FakeMPI.
  package static let fake = Result {
    let folder = Program.scratch("mpi")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = Repository.url("Tests/FakeMPI/mpi.c").path()
    let library = folder.appending(path: "libmpi_abi.so.1").path()
    let result = try Running("/usr/bin/env", ["clang", "-shared", "-fPIC", "-w", source, "-o", library]).ending()
    if result.status != 0 { throw FakeDriver.Failure(why: result.error) }
    return folder.path()
  }

  /// A folder to name in LD_LIBRARY_PATH, whose files are no libraries, in the place of those that may be there.
  package static let none = Result {
    let folder = Program.scratch("none")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["libmpi.so.40", "libmpi_abi.so.1", "libmpi_abi.so.0"] {
      try Data("no library".utf8).write(to: folder.appending(path: name))
    }
    return folder.path()
  }
}
