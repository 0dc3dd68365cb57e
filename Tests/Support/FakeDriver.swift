import Foundation

/// A driver that is the emulator under another name, so that a program takes it for a GPU: Tests/FakeDriver.
package enum FakeDriver {
  /// The folder to name in LD_LIBRARY_PATH. It is made once, out of the emulator's objects of this build.
  package static let folder = Result {
    let folder = Program.scratch("driver")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let objects = ["CUDAEmulator", "Kernels"].flatMap { target -> [String] in
      let build = Program.folder.appending(path: "\(target).build")
      let files = FileManager.default.enumerator(atPath: build.path())?.allObjects as? [String] ?? []
      // An older build may have left an object whose source has gone.
      let sources = Repository.url("Sources/\(target)")
      return files.filter {
        $0.hasSuffix(".o") && FileManager.default.fileExists(atPath: sources.appending(path: $0.dropLast(2)).path())
      }.map { build.appending(path: $0).path() }
    }
    let include = Repository.url("Sources/CUDADriver/include").path()
    let result = try Running(
      "/usr/bin/env",
      ["clang", "-shared", "-fPIC", "-w", "-I", include, Repository.url("Tests/FakeDriver/driver.c").path()] + objects
        + ["-lstdc++", "-lopenblas", "-lm", "-o", folder.appending(path: "libcuda.so.1").path()]
    ).ending()
    if result.status != 0 { throw Failure(why: result.error) }
    return folder
  }

  struct Failure: Error { let why: String }
}
