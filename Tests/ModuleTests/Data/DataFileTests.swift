import Foundation
import Kindling
import KindlingData
import TestSupport
import Testing

@Suite struct DataFileTests {
  private static func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

  /// Runs a line of bash in a folder.
  private static func shell(_ line: String, in folder: String) throws {
    let result = try Running("/bin/bash", ["-c", "cd '\(folder)' && \(line)"]).ending()
    if result.status != 0 { throw KindlingError("\(line): \(result.error)") }
  }

  /// A head of whole bytes.
  private static func head(_ sizes: [UInt32]) -> [UInt8] {
    [0, 0, 8, UInt8(sizes.count)] + sizes.flatMap { size in withUnsafeBytes(of: size.bigEndian) { Array($0) } }
  }

  /// Runs `body` in a process that may not take more than 128 MB beside what it has.
  private static func inLittleMemory(_ body: () throws -> Void) rethrows {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").first
    let size = UInt(pages.flatMap { Int($0) } ?? 0) * UInt(sysconf(Int32(_SC_PAGESIZE))) + 128 << 20
    var limit = rlimit(rlim_cur: size, rlim_max: size)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    try body()
  }

  // MARK: IDX

  @Test func readsIDXPlainAndCompressed() throws {
    try Program.withFolder { folder in
      let images = Self.head([2, 1, 3]) + [0, 1, 2, 253, 254, 255]
      try Self.write(images, "\(folder)/images")
      // Two parts that were compressed apart, as gzip and the format allow.
      try Self.shell("(head -c 9 images | gzip; tail -c +10 images | gzip) > images.gz", in: folder)
      for path in ["\(folder)/images", "\(folder)/images.gz"] {
        let whole = try IDX.read(path)
        #expect(whole.shape == [2, 1, 3] && whole.dtype == .int64)
        let real = try IDX.read(path, dtype: .float32)
        #expect(real.dtype == .float32 && real.toArray() == [0, 1, 2, 253, 254, 255])
        #expect(try IDX.read(path, dtype: .float64).dtype == .float64)
      }
      let real = [0, 0, 14, 1, 0, 0, 0, 1, 0xBF, 0xF8, 0, 0, 0, 0, 0, 0] as [UInt8]
      #expect(try IDX.tensor(from: real, dtype: .float32).dtype == .float32)
    }
  }

  @Test func saysWhatIsWrongWithAnIDXFile() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/file"
      func refused(_ problem: String, _ name: String = "file") {
        #expect(throws: KindlingError("IDX.load: \(folder)/\(name): \(problem)"), "\(problem)") {
          try IDX.read("\(folder)/\(name)")
        }
      }
      refused("cannot be opened: No such file or directory", "none")
      #expect(throws: KindlingError("IDX.load: \(folder): is a folder, not a file")) { try IDX.read(folder) }
      try Self.write([], path)
      refused("0 bytes, and the head alone has at least 4")
      try Self.write(Array("<html>".utf8), path)
      refused("begins with 3c 68 74 6d, and an IDX file with 00 00 (is it still compressed?)")
      try Self.write(Array(Self.head([3, 4]).dropLast()), path)
      refused("11 bytes, and the head of 2 dimensions has 12")
      try Self.write(Self.head([5]) + [1, 2], path)
      refused("2 bytes of elements, and sizes [5] of 1 bytes each need 5")
      try Self.write(Self.head([2]) + [1, 2, 3, 4, 5], path)
      refused("goes on after the 2 bytes that sizes [2] need")
      try Self.write(Self.head([.max, .max]), path)
      refused(
        "0 bytes of elements, and sizes [4294967295, 4294967295] of 1 bytes each need more than there can be")
      try Self.write(Self.head([1000]) + (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 7919) }, path)
      try Self.shell(
        "gzip -k file; head -c 100 file.gz > short.gz; head -c -4 file.gz > tail.gz; head -c 2 file.gz > magic.gz",
        in: folder)
      refused("it is cut off in the middle of its compressed data", "short.gz")
      refused("it is cut off in the middle of its compressed data", "tail.gz")
      refused("it is cut off in the middle of its compressed data", "magic.gz")
      var damaged = [UInt8](FileManager.default.contents(atPath: "\(path).gz")!)
      damaged[damaged.count - 6] ^= 1  // in the checksum
      try Self.write(damaged, "\(folder)/damaged.gz")
      refused("it cannot be decompressed: incorrect data check", "damaged.gz")
      try Self.shell("chmod 0 file", in: folder)
      if geteuid() != 0 { refused("cannot be opened: Permission denied") }
    }
  }

  /// A gigabyte of zeros in a megabyte, and a head that promises what is not there.
  @Test func aBombTakesNoMemory() async {
    await #expect(processExitsWith: .success) {
      try Program.withFolder { folder in
        try DataFileTests.write(DataFileTests.head([3]), "\(folder)/head")
        try DataFileTests.write(DataFileTests.head([2_000_000_000]) + [1], "\(folder)/promise")
        try DataFileTests.shell(
          "head -c 1G /dev/zero | gzip -1 > zeros.gz; (gzip < head; cat zeros.gz) > bomb.gz; gzip -k promise",
          in: folder)
        func message(_ body: () throws -> Void) -> String {
          do { try body() } catch { return "\(error)" }
          return "nothing was thrown"
        }
        DataFileTests.inLittleMemory {
          let expected = [
            ("bomb.gz", "goes on after the 3 bytes that sizes [3] need"),
            ("zeros.gz", "type 0, and the format knows 8, 9 and 11 to 14"),
            ("promise", "1 bytes of elements, and sizes [2000000000] of 1 bytes each need 2000000000"),
            ("promise.gz", "1 bytes of elements, and sizes [2000000000] of 1 bytes each need 2000000000"),
          ]
          for (name, problem) in expected {
            let found = message { _ = try IDX.read("\(folder)/\(name)") }
            precondition(found == "IDX.load: \(folder)/\(name): \(problem)", found)
          }
          let found = message { _ = try CSV.load("\(folder)/zeros.gz") }
          precondition(found.contains("line 1 has more than 1048576 bytes; is it a table of numbers?"), found)
        }
      }
    }
  }

  // MARK: CSV

  private func table(_ text: String, hasHeader: Bool = true) throws -> CSV.Table {
    try CSV.table(from: Array(text.utf8), hasHeader: hasHeader, dtype: .float64)
  }

  @Test func readsTablesOfNumbers() throws {
    let plain = try table("a,b\n1,2.5\n-3e2,0.25\n")
    #expect(plain.names == ["a", "b"] && plain.values.shape == [2, 2])
    #expect(plain.values.toArray() == [1, 2.5, -300, 0.25])
    let loose = try table("\u{FEFF}\"a, of \"\"x\"\"\" , b\r\n \"1\",\t2 \r\n3,4\r\n\r\n")
    #expect(loose.names == ["a, of \"x\"", "b"] && loose.values.toArray() == [1, 2, 3, 4])
    #expect(try table("1\n2", hasHeader: false).values.shape == [2, 1])
    #expect(try table("a,b\n").values.shape == [0, 2])
  }

  @Test func readsAFileInPieces() throws {
    try Program.withFolder { folder in
      let rows = (0..<20_000).map { "\($0),\($0 * 2)" }.joined(separator: "\n")
      try Self.write(Array("n,double\n\(rows)".utf8), "\(folder)/numbers.csv")
      try Self.shell("gzip -k numbers.csv", in: folder)
      for name in ["numbers.csv", "numbers.csv.gz"] {
        let values = try CSV.load("\(folder)/\(name)", dtype: .int64).values
        #expect(values.shape == [20_000, 2] && values.sum().item(as: Int.self) == 3 * 19_999 * 10_000)
      }
      #expect(throws: KindlingError("CSV.load: \(folder): is a folder, not a file")) { try CSV.load(folder) }
    }
  }

  static let wrongTables = [
    ("", "nothing is in it, and a line of names is expected"),
    ("a,b\n1,2\n3\n", "line 3 has 1 fields, and the first has 2"),
    ("a,b\n1,x\n", "line 2, column 2 (b): 'x' is no finite number"),
    ("a,b\n1,\n", "line 2, column 2 (b): there is nothing, and a number is expected"),
    ("a,b\n1,nan\n", "line 2, column 2 (b): 'nan' is no finite number"),
    ("a,b\n1,1e999\n", "line 2, column 2 (b): '1e999' is no finite number"),
    ("a,b\n0x10,1\n", "line 2, column 1 (a): '0x10' is no finite number"),
    ("a;b\n1;2\n", "line 2, column 1 (a;b): '1;2' is no finite number"),
    ("a,b\n\n1,2\n", "line 2 is empty, and others follow it"),
    ("a,\"b\n1,2\n", "line 1, column 2: a quote is opened and not closed on this line"),
    ("a\n\"1\"2\n", "line 2, column 1 (a): after a field in quotes a comma or the end of the line is expected"),
  ]

  @Test(arguments: wrongTables.indices) func saysWhereATableIsWrong(_ index: Int) {
    let (text, problem) = Self.wrongTables[index]
    #expect(throws: KindlingError("CSV.load: data: \(problem)")) { try table(text) }
  }

  // MARK: Data that comes along

  @Test func theDataIsBuiltIn() {
    let digits = LabelledData.digits()
    #expect(digits.x.shape == [1797, 1, 8, 8] && digits.x.sum().item() == 561_718.0 / 16)
    #expect(digits.y.oneHot().sum(dim: 0).toArray() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    let iris = LabelledData.iris()
    #expect(iris.x.shape == [150, 4] && iris.y.oneHot().sum(dim: 0).toArray() == [50, 50, 50])
    #expect(iris.featureNames.first == "sepal length (cm)" && iris.classNames.last == "virginica")
    // The two samples that are wrong in other copies.
    let fishers = [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]].map { $0.map { Double(Float($0)) } }
    #expect([34, 37].map { iris.x[$0].toArray() } == fishers)
    let wine = LabelledData.wine()
    #expect(wine.x.shape == [178, 13] && wine.y.oneHot().sum(dim: 0).toArray() == [59, 71, 48])
    #expect(wine.featureNames.count == 13 && wine.x[0, 12].item() == 1065)
  }

  @Test func readsAFolderOfMNISTsFiles() throws {
    try Program.withFolder { folder in
      func message(_ file: String = "", _ problem: String) -> KindlingError {
        KindlingError("\(folder)\(file): \(problem)")
      }
      let missing = message(
        "",
        "there is no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; a folder of MNIST's four files is expected")
      #expect(throws: missing) { try LabelledData.mnist(folder: folder) }
      try Self.write(Self.head([2, 1, 2]) + [0, 255, 51, 102], "\(folder)/train-images-idx3-ubyte")
      try Self.write(Self.head([2]) + [3, 0], "\(folder)/train-labels-idx1-ubyte")
      try Self.write(Self.head([1, 1, 2]) + [255, 0], "\(folder)/t10k-images.idx3-ubyte")
      try Self.write(Self.head([1]) + [1], "\(folder)/t10k-labels.idx1-ubyte")
      try Self.shell("gzip train-images-idx3-ubyte", in: folder)
      let (training, test) = try LabelledData.mnist(folder: folder)
      #expect(training.x.shape == [2, 1, 1, 2] && test.x.shape == [1, 1, 1, 2])
      #expect(training.x.toArray() == [0, 1, Double(Float(0.2)), Double(Float(0.4))])
      #expect(training.y.toArray() == [3, 0] && test.classNames == ["0", "1", "2", "3"])
      let few = message("", "there is a label 3, and there are 2 classes")
      #expect(throws: few) { try LabelledData.mnist(folder: folder, classNames: ["a", "b"]) }
      try Self.write(Self.head([3]) + [3, 0, 1], "\(folder)/train-labels-idx1-ubyte")
      let count = message(
        "/train-images-idx3-ubyte.gz",
        "shape [2, 1, 2], and [n, height, width] is expected, with n = 3 as in \(folder)/train-labels-idx1-ubyte")
      #expect(throws: count) { try LabelledData.mnist(folder: folder) }
    }
  }
}
