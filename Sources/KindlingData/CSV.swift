import Kindling

/// Tables of numbers as text: a line a row, with commas between the columns.
///
/// Strict: every row has as many fields as the first line, and every field is a finite number, such as `-1.5e3`. Spaces around
/// a field count for nothing; it may stand in double quotes, and a name may have commas there. Lines end with a line feed, with
/// or without a carriage return; an empty line may only be the last.
public enum CSV {
  /// What a file holds.
  public struct Table {
    /// The columns' names, from the first line; empty if it has none.
    public let names: [String]
    /// [rows, columns].
    public let values: Tensor
  }

  /// Reads a file, compressed with gzip or not.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - hasHeader: Whether the first line has the columns' names.
  ///   - dtype: The type of the elements.
  /// - Throws: `KindlingError` with the line and the column of the first mistake.
  public static func load(_ path: String, hasHeader: Bool = true, dtype: DType = .float32) throws -> Table {
    let file = try CompressedFile(path, for: "CSV.load")
    return try table(name: path, hasHeader: hasHeader, dtype: dtype) { try file.read(1 << 16) }
  }

  /// Reads a text that lies in memory; otherwise as `load(_:hasHeader:dtype:)`.
  ///
  /// - Parameters:
  ///   - text: The whole text, in UTF-8.
  ///   - name: What errors call it.
  ///   - hasHeader: Whether the first line has the columns' names.
  ///   - dtype: The type of the elements.
  /// - Throws: `KindlingError` with the line and the column of the first mistake.
  public static func table(
    from text: some Collection<UInt8>, name: String = "data", hasHeader: Bool = true, dtype: DType = .float32
  ) throws -> Table {
    var rest: [UInt8]? = Array(text)
    return try table(name: name, hasHeader: hasHeader, dtype: dtype) {
      defer { rest = nil }
      return rest ?? []
    }
  }

  /// - Parameter next: Gives the next bytes, none at the end.
  private static func table(
    name: String, hasHeader: Bool, dtype: DType, next: () throws -> [UInt8]
  ) throws -> Table {
    var reader = TableReader(name: name, hasHeader: hasHeader)
    var line: [UInt8] = []
    while true {
      let bytes = try next()
      if bytes.isEmpty { break }
      var pieces = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
      let unfinished = pieces.removeLast()
      for piece in pieces {
        try reader.read(line: line + piece)
        line.removeAll(keepingCapacity: true)
      }
      line += unfinished
      // What has no lines is no table, and must not fill the memory before that is noticed.
      if line.count > TableReader.longestLine { try reader.read(line: line) }
    }
    if !line.isEmpty { try reader.read(line: line) }
    return try reader.table(dtype)
  }
}

/// A table while it is read.
private struct TableReader {
  static let longestLine = 1 << 20

  let name: String
  let hasHeader: Bool
  private var names: [String] = []
  private var numbers: [Double] = []
  private var columnCount: Int?
  private var lineNumber = 0
  /// The number of a line that is empty; nothing may follow it.
  private var emptyLine: Int?

  init(name: String, hasHeader: Bool) { (self.name, self.hasHeader) = (name, hasHeader) }

  private func failure(_ problem: String) -> KindlingError { KindlingError("CSV.load: \(name): \(problem)") }

  private func failure(column: Int, _ problem: String) -> KindlingError {
    let title = column < names.count ? " (\(names[column]))" : ""
    return failure("line \(lineNumber), column \(column + 1)\(title): \(problem)")
  }

  /// Reads a line, without its line feed.
  mutating func read(line: [UInt8]) throws {
    lineNumber += 1
    if let emptyLine { throw failure("line \(emptyLine) is empty, and others follow it") }
    if line.count > TableReader.longestLine {
      throw failure("line \(lineNumber) has more than \(TableReader.longestLine) bytes; is it a table of numbers?")
    }
    var line = line[...]
    if lineNumber == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }  // a byte order mark
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if line.allSatisfy({ TableReader.isSpace($0) }) {
      emptyLine = lineNumber
      return
    }
    let fields = try fields(of: line)
    if let columnCount, fields.count != columnCount {
      throw failure("line \(lineNumber) has \(fields.count) fields, and the first has \(columnCount)")
    }
    columnCount = fields.count
    if hasHeader && lineNumber == 1 {
      names = fields
    } else {
      for (column, field) in fields.enumerated() { numbers.append(try number(field, column)) }
    }
  }

  private func number(_ field: String, _ column: Int) throws -> Double {
    if field.isEmpty { throw failure(column: column, "there is nothing, and a number is expected") }
    // Swift also reads hexadecimal numbers, which no table has on purpose.
    guard let number = Double(field), number.isFinite, !field.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") })
    else {
      let shown = field.count > 40 ? field.prefix(40) + "…" : field[...]
      throw failure(column: column, "'\(shown)' is no finite number")
    }
    return number
  }

  private func fields(of line: ArraySlice<UInt8>) throws -> [String] {
    var fields: [String] = []
    var rest = line
    while true {
      while let first = rest.first, TableReader.isSpace(first) { rest.removeFirst() }
      var field: [UInt8] = []
      if rest.first == UInt8(ascii: "\"") {
        field = try quoted(&rest, column: fields.count)
      } else {
        field = Array(rest.prefix { $0 != UInt8(ascii: ",") })
        rest = rest.dropFirst(field.count)
        while let last = field.last, TableReader.isSpace(last) { field.removeLast() }
      }
      fields.append(String(decoding: field, as: UTF8.self))
      if rest.isEmpty { return fields }
      rest.removeFirst()  // the comma
    }
  }

  /// A field in quotes, in which a quote is written twice; takes it and the spaces after it from the line.
  private func quoted(_ rest: inout ArraySlice<UInt8>, column: Int) throws -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    var field: [UInt8] = []
    rest.removeFirst()
    while let byte = rest.popFirst() {
      if byte != quote {
        field.append(byte)
      } else if rest.first == quote {
        field.append(quote)
        rest.removeFirst()
      } else {
        while let first = rest.first, TableReader.isSpace(first) { rest.removeFirst() }
        if let first = rest.first, first != UInt8(ascii: ",") {
          throw failure(column: column, "after a field in quotes a comma or the end of the line is expected")
        }
        return field
      }
    }
    throw failure(column: column, "a quote is opened and not closed on this line")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  func table(_ dtype: DType) throws -> CSV.Table {
    guard let columnCount else {
      throw failure("nothing is in it, and \(hasHeader ? "a line of names" : "a row of numbers") is expected")
    }
    let shape: Shape = [numbers.count / columnCount, columnCount]
    return CSV.Table(names: names, values: Tensor(numbers, shape: shape, dtype: .float64).to(dtype))
  }
}
