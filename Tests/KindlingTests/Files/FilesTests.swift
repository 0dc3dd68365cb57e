import Foundation
import Kindling
import KindlingDataFiles
import Testing

/// A folder for one test, gone afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "kindling-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

@Suite struct SafetensorsTests {
  /// What Python's safetensors 0.8 writes for `tensors` and the metadata {"format": "pt"}.
  static let pythons = Data(
    base64Encoded: """
      uAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJuIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsyXSwiZGF0\
      YV9vZmZzZXRzIjpbMCwxNl19LCLDvFwiXFxcbiI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzE2\
      LDI0XX0sImQiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlsyNCw0MF19LCJlbXB0eSI6eyJkdHlw\
      ZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDBdfSwib25lIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUi\
      OltdLCJkYXRhX29mZnNldHMiOls0MCw0NF19LCJ3Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMi\
      Ols0NCw2OF19LCJmbGFncyI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls2OCw3MV19fSAgIP//\
      ////////AAAAAAAAAEAFAAAAAAAAAFVVVVVVVdU/nHUAiDzkN34AAOBAAADAPwAAAMAAAIA+AABAQAAAgH8AAACAAQAB
      """)!

  static func tensors() -> [String: Tensor] {
    [
      // A view: what is written is its elements in row-major order.
      "w": Tensor([[1.5, 3.0], [-2.0, .infinity], [0.25, -0.0]]).t(),
      "d": Tensor([1.0 / 3, 1e300], dtype: .float64),
      "n": Tensor([-1, 1 << 62]),
      "flags": Tensor([true, false, true]),
      "empty": Tensor.zeros(0, 3),
      "one": Tensor(7.0),
      "ü\"\\\n": Tensor([5]),
    ]
  }

  @Test func writesWhatPythonWrites() throws {
    try withFolder { folder in
      let path = folder + "/model.safetensors"
      try Safetensors.save(SafetensorsTests.tensors(), to: path, metadata: ["format": "pt"])
      #expect(FileManager.default.contents(atPath: path) == SafetensorsTests.pythons)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.safetensors"])
    }
  }

  @Test func readsWhatPythonWrites() throws {
    try withFolder { folder in
      let path = folder + "/python.safetensors"
      try SafetensorsTests.pythons.write(to: URL(filePath: path))
      let content = try Safetensors.load(path)
      #expect(content.metadata == ["format": "pt"])
      let expected = SafetensorsTests.tensors()
      #expect(content.tensors.keys.sorted() == expected.keys.sorted())
      for (name, tensor) in content.tensors {
        let original = try #require(expected[name])
        #expect(tensor.dtype == original.dtype && tensor.shape == original.shape, "\(name)")
        #expect(tensor.toArray() == original.toArray(), "\(name)")
      }
      #expect(content.tensors["n"]?.toArray(of: Int.self) == [-1, 1 << 62])
      #expect(content.tensors["w"]?.toArray().last?.sign == .minus)
    }
  }

  @Test func theOrderOfTheInputDoesNotMatter() throws {
    try withFolder { folder in
      let pairs = (0..<20).map { (name: "layer\($0)", tensor: Tensor.full([2], Double($0))) }
      try Safetensors.save(pairs, to: folder + "/a")
      try Safetensors.save(pairs.reversed(), to: folder + "/b")
      try Safetensors.save([:], to: folder + "/nothing")
      #expect(
        FileManager.default.contents(atPath: folder + "/a") == FileManager.default.contents(atPath: folder + "/b"))
      let nothing = try Safetensors.load(folder + "/nothing")
      #expect(nothing.tensors.isEmpty && nothing.metadata.isEmpty)
    }
  }

  @Test func replacesAFileAndFollowsALink() throws {
    try withFolder { folder in
      let real = folder + "/real"
      try Safetensors.save(["x": Tensor(1.0)], to: real)
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: real)
      try Safetensors.save(["x": Tensor(2.0)], to: folder + "/link")
      #expect(try Safetensors.load(real).tensors["x"]?.item() == 2)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["link", "real"])
    }
  }

  /// A head in JSON and the bytes after it.
  private func file(_ head: String, _ data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(head.utf8.count).littleEndian) { Array($0) } + Array(head.utf8) + data
  }

  @Test func saysWhatIsWrongWithAFile() throws {
    func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
      "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }
    let four = [UInt8](repeating: 0, count: 4)
    let one = entry("F32", "[1]", "[0,4]")
    let wrong: [(bytes: [UInt8], message: String)] = [
      ([1, 2, 3], "3 bytes, and the length of the head alone takes 8"),
      (
        Array("<html><body>not found".utf8),
        "the head should have 7078601349733312572 bytes, and 13 follow; cut off, or no safetensors file"
      ),
      (file("[1]"), "the head is no JSON object"),
      (file("{"), "the head cannot be read as JSON: byte 1 is the end, where '\"' is expected"),
      (file("{\"a\" 1}"), "the head cannot be read as JSON: byte 5 is '1', where ':' is expected"),
      (file("{\"a\":1.5}"), "a: no JSON object"),
      (file("{\"a\":true}"), "a: no JSON object"),
      (file("{\"a\":tru}"), "the head cannot be read as JSON: byte 5 is 't', where a value is expected"),
      (file("{} x"), "the head cannot be read as JSON: byte 3 is 'x', where the end is expected"),
      (
        file(String(repeating: "[", count: 100_000)), "the head cannot be read as JSON: more than 128 values are nested"
      ),
      (file("{\"a\":1}"), "a: no JSON object"),
      (file("{\"a\":{}}"), "a: no dtype"),
      (
        file("{\"a\":\(entry("BF16", "[2]", "[0,4]"))}", four), "a: dtype BF16, and Kindling has F32, F64, I64 and BOOL"
      ),
      (file("{\"a\":\(entry("F32", "[-1]", "[0,4]"))}", four), "a: no shape of whole numbers"),
      (file("{\"a\":\(entry("F32", "[1]", "[4,0]"))}", four), "a: no two data_offsets, the second not below the first"),
      (
        file("{\"a\":\(entry("F32", "[2]", "[0,4]"))}", four),
        "a: shape [2] of F32 takes 8 bytes, and data_offsets leave 4"
      ),
      (
        file("{\"a\":\(entry("F32", "[4611686018427387904,4]", "[0,4]"))}", four),
        "a: shape [4611686018427387904, 4] has more elements than there can be"
      ),
      (
        // No element, and yet strides that no number can count.
        file("{\"a\":\(entry("F32", "[0,4611686018427387904,4]", "[0,0]"))}"),
        "a: shape [0, 4611686018427387904, 4] has more elements than there can be"
      ),
      (
        file("{\"a\":\(entry("F32", "[9223372036854775808,0]", "[0,0]"))}"), "a: no shape of whole numbers"
      ),
      (file("{\"a\":\(entry("F32", "[1.0]", "[0,4]"))}", four), "a: no shape of whole numbers"),
      (file("{\"a\":\(entry("F32", "[-0]", "[0,0]"))}"), "a: no shape of whole numbers"),
      (
        file("{\"a\":\(entry("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"))}", four),
        "a: 9 dimensions, and a tensor has at most 8"
      ),
      (file("{\"a\":\(one)}", [0, 0]), "a ends at byte 4, and there are 2; the file is cut off"),
      (file("{\"a\":\(one)}", four + [0]), "1 bytes follow the last tensor and belong to none"),
      (file("{\"a\":\(one),\"b\":\(one)}", four), "b begins at byte 0, and the one before it ends at 4"),
      (
        file("{\"a\":\(one),\"b\":\(entry("F32", "[1]", "[8,12]"))}", four + four + four),
        "b begins at byte 8, and the one before it ends at 4"
      ),
      (file("{\"a\":\(one),\"a\":\(one)}", four), "the name a comes twice"),
      (file("{\"a\":\(entry("BOOL", "[1]", "[0,1]"))}", [2]), "a: a BOOL is neither 0 nor 1"),
      (file("{\"a\":{\"dtype\":\"F32\",\(one.dropFirst())}", four), "a: the field dtype comes twice"),
      (file("{\"__metadata__\":{\"v\":1}}"), "__metadata__: v is no text"),
      (file("{\"__metadata__\":{\"v\":\"1\",\"v\":\"2\"}}"), "__metadata__: the name v comes twice"),
      (
        file("{\"\u{E9}\":\(one),\"e\u{301}\":\(entry("F32", "[1]", "[4,8]"))}", four + four),
        "the name e\u{301} comes twice as Swift compares texts, once as \\u{00E9} and once as e\\u{0301}"
      ),
    ]
    try withFolder { folder in
      let path = folder + "/wrong"
      for (bytes, message) in wrong {
        try Data(bytes).write(to: URL(filePath: path))
        #expect(throws: KindlingError("Safetensors.load: \(path): \(message)")) { try Safetensors.load(path) }
      }
    }
  }

  /// What Python's safetensors reads too.
  @Test func readsWhatLaterVersionsMayAdd() throws {
    let fields = "\"x\":1.5e3,\"y\":null,\"z\":[true,false,{\"q\":-0,\"q\":1e999}],\"x\":2"
    let deep = String(repeating: "[", count: 120) + String(repeating: "]", count: 120)
    let entry = "{\(fields),\"deep\":\(deep),\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}"
    try withFolder { folder in
      let path = folder + "/file"
      try Data(file(" {\"__metadata__\":null,\"a\":\(entry)}\n", [0, 0, 0x80, 0x3F])).write(to: URL(filePath: path))
      let content = try Safetensors.load(path)
      #expect(content.metadata == [:] && content.tensors.count == 1)
      #expect(content.tensors["a"]?.toArray() == [1])
    }
  }

  @Test func saysWhichPathAndWhy() throws {
    try withFolder { folder in
      let tensors = ["x": Tensor(1.0)]
      #expect(throws: KindlingError("Safetensors.load: \(folder)/none: cannot be opened: No such file or directory")) {
        try Safetensors.load(folder + "/none")
      }
      #expect(throws: KindlingError("Safetensors.load: \(folder): is a folder, not a file")) {
        try Safetensors.load(folder)
      }
      #expect(throws: KindlingError("Safetensors.save: \(folder): is a folder, not a file")) {
        try Safetensors.save(tensors, to: folder)
      }
      #expect(throws: KindlingError("Safetensors.save: \(folder)/none/x: cannot be written: No such file or directory"))
      {
        try Safetensors.save(tensors, to: folder + "/none/x")
      }
      // A device is written to, not replaced.
      #expect(throws: KindlingError("Safetensors.save: /dev/full: cannot be written: No space left on device")) {
        try Safetensors.save(tensors, to: "/dev/full")
      }
      #expect(throws: KindlingError("Safetensors.save: two tensors have the name x")) {
        try Safetensors.save([("x", Tensor(1.0)), ("x", Tensor(2.0))], to: folder + "/x")
      }
      #expect(throws: KindlingError("Safetensors.save: no tensor can have the name __metadata__")) {
        try Safetensors.save(["__metadata__": Tensor(1.0)], to: folder + "/x")
      }
    }
  }

  @Test func aDiskThatFillsUpLeavesTheOldFile() async {
    await #expect(processExitsWith: .success) {
      try withFolder { folder in
        let path = folder + "/model"
        try Safetensors.save(["x": Tensor(1.0)], to: path)
        // No file of this process may grow beyond 4 KiB: what a full disk does, as far as a program can see.
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
        setrlimit(__rlimit_resource_t(1), &limit)
        do {
          try Safetensors.save(["x": Tensor.zeros(10_000)], to: path)
          exit(2)
        } catch let error as KindlingError {
          precondition(error.description == "Safetensors.save: \(path): cannot be written: File too large")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        let kept = try Safetensors.load(path).tensors["x"]?.item()
        precondition(files == ["model"] && kept == 1)
      }
    }
  }
}

@Suite struct IDXTests {
  @Test func theDigitsAreBuiltIn() throws {
    let images = try IDX.tensor(from: UnsafeRawBufferPointer(start: digitsImages, count: digitsImagesByteCount))
    let labels = try IDX.tensor(from: UnsafeRawBufferPointer(start: digitsLabels, count: digitsLabelsByteCount))
    #expect(images.shape == [1797, 8, 8] && images.dtype == .int64)
    #expect(images[0, 0].toArray() == [0, 0, 5, 13, 9, 1, 0, 0])
    #expect(images.sum().item() == 561_718 && images.max().item() == 16)
    #expect(labels.shape == [1797] && labels[0..<10].toArray() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    let counts = labels.oneHot().sum(dim: 0).toArray()
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  }

  @Test func readsAFile() throws {
    try withFolder { folder in
      let path = folder + "/labels"
      try Data([0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 255]).write(to: URL(filePath: path))
      #expect(try IDX.load(path).toArray() == [7, 0, 255])
      #expect(throws: KindlingError("IDX.load: \(folder)/none: cannot be opened: No such file or directory")) {
        try IDX.load(folder + "/none")
      }
    }
  }

  @Test func readsEveryType() throws {
    #expect(try IDX.tensor(from: [0, 0, 9, 1, 0, 0, 0, 2, 0xFF, 1]).toArray() == [-1, 1])
    #expect(try IDX.tensor(from: [0, 0, 11, 1, 0, 0, 0, 1, 0xFF, 0]).toArray() == [-256])
    #expect(try IDX.tensor(from: [0, 0, 12, 1, 0, 0, 0, 1, 0, 1, 0, 0]).toArray() == [65536])
    let float = try IDX.tensor(from: [0, 0, 13, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0])
    #expect(float.toArray() == [1.5] && float.dtype == .float32)
    let double = try IDX.tensor(from: [0, 0, 14, 1, 0, 0, 0, 1, 0xBF, 0xF8, 0, 0, 0, 0, 0, 0])
    #expect(double.toArray() == [-1.5] && double.dtype == .float64)
    #expect(try IDX.tensor(from: [0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 3]).shape == [0, 3])
  }

  @Test func saysWhatIsWrong() {
    let wrong: [(bytes: [UInt8], message: String)] = [
      ([0, 0], "2 bytes, and the head alone has at least 4"),
      ([0x1F, 0x8B, 8, 0], "begins with 1f 8b 08 00, and an IDX file with 00 00 (is it still compressed?)"),
      ([0, 0, 8, 9], "9 dimensions, and a tensor has at most 8"),
      ([0, 0, 8, 2, 0, 0, 0, 1], "8 bytes, and the head of 2 dimensions has 12"),
      ([0, 0, 7, 0, 1], "type 7, and the format knows 8, 9 and 11 to 14"),
      ([0, 0, 8, 1, 0, 0, 0, 3, 1, 2], "2 bytes of elements, and sizes [3] of 1 bytes each need 3"),
      ([0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "2 bytes of elements, and sizes [1] of 1 bytes each need 1"),
      (
        // No element, and yet strides that no number can count.
        [0, 0, 8, 4, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 12),
        "0 bytes of elements, and sizes [0, 4294967295, 4294967295, 4294967295] of 1 bytes each need more than there "
          + "can be"
      ),
      (
        [0, 0, 8, 2] + [UInt8](repeating: 255, count: 8),
        "0 bytes of elements, and sizes [4294967295, 4294967295] of 1 bytes each need more than there can be"
      ),
    ]
    for (bytes, message) in wrong {
      #expect(throws: KindlingError("IDX.load: data: \(message)"), "\(message)") { try IDX.tensor(from: bytes) }
    }
  }
}
