import Foundation
import TestSupport
import Testing

/// What the scripts that build share, in `Lessons/setup`.
@Suite struct SetupTests {
  private static func command(_ line: String) -> String {
    "cd '\(Repository.url("").path())' && set -euo pipefail && source Lessons/setup && \(line)"
  }

  private static func run(_ line: String) throws -> Program.Result {
    try Running("/bin/bash", ["-c", command(line)]).ending()
  }

  @Test func whatGoesWellStaysOutOfSight() throws {
    let result = try Self.run("quietly Working bash -c 'echo one; echo two >&2'; echo done")
    #expect(result.status == 0 && result.output == "done\n")
    #expect(result.error == "Working …\n")
  }

  @Test func whatFailsShowsAllThatItSaid() throws {
    let result = try Self.run(
      "quietly Working bash -c 'echo one; echo \"[1/2] Compiling\"; echo two >&2; exit 7'; echo done")
    #expect(result.status == 7 && result.output == "")
    #expect(result.error == "Working …\none\ntwo\n")
  }

  @Test func warningsOfTheCompilerAreShown() throws {
    let said =
      "echo \"[1/2] Compiling\"; echo \"x.swift:3:4: warning: never used\"; echo \"3 | let a\"; echo Build complete!"
    #expect(
      try Self.run("quietly Working bash -c '\(said)'").error
        == "Working …\nx.swift:3:4: warning: never used\n3 | let a\n")
  }

  @Test func whatCannotBeInstalledIsAllShownWithWhatItIsFor() throws {
    let failing = "apt-get() { echo \"E: no $1\"; return 100; }; id() { echo 0; }; install_packages yes zlib1g-dev"
    let result = try Self.run(failing)
    #expect(result.status == 1)
    #expect(result.error.contains("  zlib1g-dev               zlib, for data files that are compressed\n"))
    #expect(result.error.hasSuffix("E: no update\napt-get could not install zlib1g-dev; its message stands above.\n"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "no script to make a terminal"))
  func aTerminalShowsOneLineThatMoves() throws {
    let line = Self.command("quietly Working bash -c 'echo \"[1/2] Compiling\"; sleep 1.2; exit 3'")
    let result = try Running(
      "/usr/bin/script", ["-qec", "bash -c \"$LINE\"", "/dev/null"], environment: ["LINE": line]
    ).ending()
    #expect(result.status == 3)
    #expect(result.output.hasPrefix("\r\u{1B}[KWorking [1/2] 0 s\r\u{1B}[KWorking [1/2] 1 s"))
    #expect(result.output.hasSuffix("\r\u{1B}[K"), "the line is gone at the end: \(result.output.debugDescription)")
    #expect(!result.output.contains("\n"))
  }
}
