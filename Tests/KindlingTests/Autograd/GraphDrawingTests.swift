import Foundation
import Kindling
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A graph's picture is drawn whatever the graph's size, and is well-formed whatever its names.
@Suite struct GraphDrawingTests {
  /// What the picture says, read by a parser of XML.
  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [String: Int] = [:]
    var classes: [String: Int] = [:]
    var texts: [String] = []
    private var isText = false

    init(_ svg: String) throws {
      super.init()
      let parser = XMLParser(data: Data(svg.utf8))
      parser.delegate = self
      if !parser.parse() { throw KindlingError("\(parser.parserError as Any)") }
    }

    func parser(
      _: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      if let kind = attributes["class"] { classes[kind, default: 0] += 1 }
      isText = name == "text"
      if isText { texts.append("") }
    }

    func parser(_: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      isText = false
    }

    func parser(_: XMLParser, foundCharacters text: String) {
      if isText { texts[texts.count - 1] += text }
    }
  }

  @Test func everyVertexStandsOnceAndEveryEdgeHasItsShape() throws {
    let x = Tensor.zeros(2, 3)
    let w = Tensor.zeros(3, 4, requiresGrad: true)
    let graph = ComputationGraph(of: x.mm(w).clamp(min: 0).sum(), names: ["x": x, "w": w])
    let picture = try Reader(graph.svg)
    #expect(picture.texts.sorted() == ["[2, 3]", "[2, 4]", "[2, 4]", "[3, 4]", "[]", "clamp", "mm", "sum", "w", "x"])
    #expect(picture.classes["operation"] == 3 && picture.classes["leaf"] == 1 && picture.classes["constant"] == 1)
    #expect(picture.classes["edge"] == 4 && picture.classes["head"] == 4)
    #expect(graph.svg.contains("mm reads x [2, 3], w [3, 4]."), "and says so in words")
    #expect(graph.svg.contains("prefers-color-scheme: dark"))
  }

  static let hostile = [
    "", "<script>alert(1)</script>", "\"", "\"\u{301}", "<\u{338}", "&amp;", "]]>", "-->", "\\", "a\nb\r\tc", "\0",
    "\u{1B}[31m", "\u{7F}\u{85}\u{FFFE}\u{FFFF}", "\u{202E}gnorw", "#quot;", "`x`", "重み", "👩🏽‍🚀",
    String(repeating: "x", count: 10_000),
  ]

  @Test(arguments: hostile) func aNamePutsNothingIntoThePicture(_ name: String) throws {
    let w = Tensor.zeros(2, requiresGrad: true)
    let graph = ComputationGraph(of: w.sum(), names: [name: w])
    let picture = try Reader(graph.svg)
    #expect(picture.elements == ["svg": 1, "title": 3, "desc": 1, "style": 1, "rect": 3, "g": 3, "path": 2, "text": 4])
    #expect(graph.svg.utf8.count < 40_000)
    #expect(graph.dot.split(separator: "\n").count == 8, "a vertex is a line")
    #expect(graph.dot.split(separator: "\n")[4].hasSuffix("\" shape=ellipse fillcolor=\"#fdeccf\" color=\"#c77d0a\"]"))
    let vertex = graph.mermaid.split(separator: "\n")[1]
    #expect(vertex.hasPrefix("  n0([\"") && vertex.hasSuffix("\"])"))
    #expect(!vertex.unicodeScalars.dropFirst(7).dropLast(3).contains { "\"<>`".unicodeScalars.contains($0) })
  }

  @Test func aChainOf100000OperationsIsDrawnAndSaysWhatIsLeftOut() throws {
    var x = Tensor([1.0], requiresGrad: true)
    for _ in 0..<100_000 { x = x + 1 }
    let graph = ComputationGraph(of: x)
    let svg = graph.svg
    #expect(svg.utf8.count < 3_000_000)
    let picture = try Reader(svg)
    #expect(picture.texts.contains("100,001 vertices, of which 97,001 in the middle are left out"))
    #expect(picture.texts.contains("97,001 left out"))
    #expect(picture.classes["operation"] == 2_999 && picture.classes["gap"] == 1)
  }

  @Test func aWeightThatEveryStepReadsIsDrawn() throws {
    let w = Tensor([1.0], requiresGrad: true)
    var x = Tensor([1.0])
    for _ in 0..<20_000 { x = x * w + w }
    let graph = ComputationGraph(of: x)
    let svg = graph.svg
    #expect(svg.utf8.count < 3_000_000)
    #expect(try Reader(svg).classes["gap"] == 1)
  }

  @Test func aFanOf1000LeavesIsDrawnWhole() throws {
    let leaves = (0..<1_000).map { _ in Tensor.zeros(3, requiresGrad: true) }
    let graph = ComputationGraph(of: stack(leaves).sum())
    let svg = graph.svg
    let picture = try Reader(svg)
    #expect(picture.classes["leaf"] == 1_000 && picture.classes["gap"] == nil)
    #expect(svg.utf8.count < 1_000_000)
  }

  @Test func whereEverythingIsReadToTheEndTheMiddleIsLeftOut() throws {
    var all = [Tensor([1.0], requiresGrad: true)]
    for _ in 0..<400 { all.append(cat(all).sum().reshape(1)) }
    let graph = ComputationGraph(of: all.last!)
    let svg = graph.svg
    #expect(try Reader(svg).classes["gap"] == 1)
  }
}
