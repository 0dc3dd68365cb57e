import Foundation
import Kindling
import KindlingPage
import LessonKit
import TestSupport
import Testing

/// The page of a run: its numbers are the run's, and whatever goes wrong leaves no half of it.
@Suite struct PageTests {
  // MARK: Numbers

  /// The bits of a part of a page.
  private func bits(_ text: String, _ dtype: String) throws -> [UInt64] {
    let data = try #require(Data(base64Encoded: text))
    let width = dtype == "float64" ? 8 : 4
    return stride(from: 0, to: data.count, by: width).map { start in
      data[start..<start + width].enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * $1.offset) }
    }
  }

  private func bits(_ tensor: Tensor) -> [UInt64] {
    tensor.dtype == .float64
      ? tensor.toArray().map(\.bitPattern) : tensor.toArray(of: Float.self).map { UInt64($0.bitPattern) }
  }

  @Test(arguments: [1, 3, 5]) func holdsTheRunsNumbersBitForBit(lesson: Int) throws {
    let page = try SavedPage.of(lesson)
    let gradients = ["w1", "w2"].map { (SavedPage.gradient($0, in: lesson), false, "gradient.\($0)") }
    let names = [
      ("x", false, "x"), ("y", false, "y"), ("w1", false, "first.w1"), ("w2", false, "first.w2"),
      ("w1", true, "last.w1"), ("w2", true, "last.w2"),
    ]
    for (name, isLast, key) in names + gradients {
      let found = try page.tensor(name, last: isLast).tensor
      let saved = try page.saved(key, like: found.shape)
      for (part, text) in found.parts {
        var expected = saved
        for d in 0..<2 where part != "\(d)" {
          expected = expected.indexSelect(dim: d, index: Tensor(page.kept(found.shape[d])))
        }
        #expect(try bits(text, found.dtype) == bits(expected), "\(name), part \(part)")
      }
      #expect(found.parts["kept"] != nil)
    }
  }

  struct Told: Decodable {
    let element, value, total, recomputed, printed, printedAgain, differs, kind: String
    let terms: [Double]
    let rest: Double
  }
  struct Seen: Decodable {
    let told: [Told]
    let complaints, requests: [String]
  }

  private static let reading = """
    seen.told = [];
    for (const place of PLACES) {
      if (seen.told.length) { location.hash = place; await pause(100); }
      const panel = document.querySelector(".facts");
      const data = (key, name) => panel.querySelector(`[data-${key}]`)?.dataset[name ?? key] ?? "";
      seen.told.push({ element: data("element"), value: data("value"), total: data("total"), recomputed: data("recomputed"),
        printed: data("total", "printed"), printedAgain: data("recomputed", "printed"), differs: data("differs"), kind: panel.dataset.kind,
        terms: [...panel.querySelectorAll("[data-term]")].map((row) => Number(row.dataset.term)), rest: Number(data("rest") || 0) });
    }
    """

  @Test(.enabled(if: Browser.path != nil, Browser.hint), arguments: [1, 3, 5])
  func showsTheRunsNumbers(lesson: Int) throws {
    let page = try SavedPage.of(lesson)
    let operations = page.run.steps[0].operations
    // The hidden layer is what the first product makes; sample and unit are such as the page shows.
    let product = try #require(operations.first { $0.name == "mm" || $0.name == "dot" }?.outputs[0].tensor)
    let (i, j) = (page.kept(64)[5], page.kept(100)[7])
    let gradient = try page.tensor(SavedPage.gradient("w2", in: lesson))
    let after = try page.tensor("w2", last: true)
    let isTurned = gradient.tensor.shape == [10, 100]
    let at = isTurned ? "3,\(j)" : "\(j),3"
    func op(_ step: Int, _ tensor: Int) -> Int {
      page.run.steps[step].operations.firstIndex { $0.outputs.contains { $0.tensor == tensor } } ?? 0
    }
    let places = [
      "#run=0&step=0&op=\(op(0, product))&tensor=\(product)&at=\(i),\(j)",
      "#run=0&step=0&op=\(op(0, gradient.place))&tensor=\(gradient.place)&at=\(at)",
      "#run=0&step=1&op=\(op(1, after.place))&tensor=\(after.place)&at=\(at)",
    ]
    let seen: Seen = try Browser.look(
      page.page.text, at: places[0], Self.reading.replacing("PLACES", with: "\(places)"))
    #expect(seen.complaints == [] && seen.requests == [] && seen.told.count == 3)
    for told in seen.told {
      #expect(told.value == told.total && told.printed == told.printedAgain && told.differs == "false", "\(told)")
    }
    // An element of h, from the saved data: the sum as it is told is the sum.
    let (x, w1) = (try #require(page.saved["x"]).to(.float64), try #require(page.saved["first.w1"]).to(.float64))
    let terms = (0..<784).map { (x[i, $0] as Tensor).item() * (w1[$0, j] as Tensor).item() }
    let sum = terms.reduce(0, +)
    let told = seen.told[0]
    #expect(told.element.hasSuffix("[\(i), \(j)]") && told.kind == "product")
    #expect(abs(try #require(Double(told.recomputed)) - sum) < 1e-9)
    #expect(abs(told.terms.reduce(told.rest, +) - sum) < 1e-9)
    #expect(abs(told.terms[0]) == terms.map(abs).max())
    // A gradient and a weight after its update, as they were saved.
    for (told, name) in zip(seen.told.dropFirst(), ["gradient.w2", "last.w2"]) {
      let saved = try page.saved(name, like: gradient.tensor.shape)
      let element: Tensor = isTurned ? saved[3, j] : saved[j, 3]
      #expect(try #require(Double(told.value)) == element.item(), "\(name)")
    }
  }

  /// Softmax and layer norm: the page has the whole row of an element, though it shows a part of it only.
  @Test(.enabled(if: Browser.path != nil, Browser.hint)) func tellsAnElementByItsWholeGroup() throws {
    manualSeed(0)
    let (x, w) = (Tensor.randn(4, 100, requiresGrad: true), Tensor.randn(100, requiresGrad: true))
    let (b, c) = (Tensor.randn(100, requiresGrad: true), Tensor.randn(4, 100))
    let walkthrough = Walkthrough(names: ["x": x, "w": w, "b": b])
    walkthrough.step(0) {
      let y = x.layerNorm([100], weight: w, bias: b)
      (y.softmax(dim: 1) * c + y.logSoftmax(dim: 1) * c).sum().backward()
    }
    try Program.withFolder { folder in
      try walkthrough.writePage(to: "\(folder)/page.html", title: "groups")
      let page = try PageFile(at: "\(folder)/page.html")
      let run = page.runs[0]
      let kept = try #require(run.kept["100"] ?? nil)
      let places = run.steps[0].operations.enumerated().flatMap { place, operation in
        operation.outputs.filter { _ in operation.name.contains("norm") || operation.name.contains("softmax") }.map {
          let at = run.tensors[$0.tensor].shape.count == 2 ? "2,\(kept[5])" : "\(kept[5])"
          return "#run=0&step=0&op=\(place)&tensor=\($0.tensor)&at=\(at)"
        }
      }
      let seen: Seen = try Browser.look(
        page.text, at: places[0], Self.reading.replacing("PLACES", with: "\(places)"))
      #expect(seen.complaints == [] && seen.requests == [])
      #expect(seen.told.map(\.kind).filter { $0 == "grouped" }.count == 7, "and the gradient of b is a sum")
      #expect(seen.told.count == 8)
      for told in seen.told {
        #expect(!told.recomputed.isEmpty && told.printed == told.printedAgain && told.differs == "false", "\(told)")
      }
    }
  }

  // MARK: Walking

  struct Walk: Decodable {
    let operations: [Int]
    let count: Int
    let before, later, playing: String
    let animations: Int
    let complaints, requests: [String]
  }

  @Test(.enabled(if: Browser.path != nil, Browser.hint)) func isWalkedByKeysAndMovesOnlyThen() throws {
    let page = try SavedPage.of(3)
    let walk: Walk = try Browser.look(
      page.page.text, flags: ["--force-prefers-reduced-motion"],
      """
      seen.before = location.hash; await pause(4000); seen.later = location.hash;
      seen.animations = document.getAnimations().length;
      seen.count = document.querySelectorAll(".strip.operations .segment").length;
      const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      seen.operations = [];
      for (let i = 0; i < seen.count; i++) {
        seen.operations.push(Number(document.querySelector(".stage").dataset.op));
        press("ArrowRight");
      }
      press("Home"); press(" "); await pause(4000);
      seen.playing = document.querySelector(".stage").dataset.op; press(" ");
      """)
    #expect(walk.complaints == [] && walk.requests == [])
    #expect(walk.before == walk.later && walk.animations == 0, "nothing moves unless asked")
    #expect(walk.count == page.run.steps[0].operations.count)
    #expect(walk.operations == Array(0..<walk.count))
    #expect(walk.playing == "2", "asked to play, it goes on every 1.8 s")
  }

  // MARK: What a program shows is text

  struct Plain: Decodable {
    let images, scripts: Int
    let title: String
    let complaints, requests: [String]
  }

  @Test func hostileNamesAreText() throws {
    let names = [
      "</script><img src=x onerror=alert(1)>", "<\u{338}/script><img src=x onerror=alert(1)>", "a\u{2028}b\u{2029}c\0d",
      "<!--<script>", "${alert(1)}`\"'&amp;/*SCRIPT*/<!--RUNS-->",
    ]
    let x = Tensor([[1.0, -2], [3, 4]]), w = Tensor([[0.5, 1], [-1, 2]], requiresGrad: true)
    let walkthrough = Walkthrough(names: [names[0]: x, names[1]: w])
    for name in names.dropFirst(2) { walkthrough.setName(name, of: Tensor([1.0])) }
    // The page shows this source, with all of these names in it.
    walkthrough.step(0) { (x.mm(w) + Tensor([1.0])).sum().backward() }
    try Program.withFolder { folder in
      try walkthrough.writePage(to: "\(folder)/page.html", title: names[0])
      let page = try PageFile(at: "\(folder)/page.html")
      #expect(page.runs.count == 1 && page.runs[0].title == names[0])
      #expect(page.runs[0].tensors.contains { $0.name == names[1] })
      #expect(page.text.contains("onerror=alert"), "the names are in it")
      // In bytes: a < with a combining mark is another character.
      let json = page.text.components(separatedBy: "class=\"run\">")[1].components(separatedBy: "\n")[0].utf8
      #expect(json.filter { $0 == UInt8(ascii: "<") }.count == 1, "but for the end of its element it has none")
      #expect(!page.text.utf8.elementsEqual([]) && !page.text.contains("<img"))
      guard Browser.path != nil else { return }
      let seen: Plain = try Browser.look(
        page.text,
        """
        await pause(300);
        seen.images = document.querySelectorAll("img, iframe, object").length;
        seen.scripts = document.querySelectorAll("#page script").length;
        seen.title = document.querySelector("h1").textContent;
        """)
      #expect(seen.images == 0 && seen.scripts == 0 && seen.complaints == [] && seen.requests == [])
      #expect(seen.title == names[0])
    }
  }

  // MARK: Trainings that end early

  @Test func anInterruptedTrainingLeavesThePageOfItsSteps() throws {
    try Program.withFolder { folder in
      let path = "\(folder)/page.html"
      let running = try Running(
        Program.path("lesson3"), ["--page=\(path)", "--steps=\(Int.max)", "--page-steps=0,last", "--print-every=1"])
      #expect(eventually { running.printed.contains("\n20 ") })
      running.send(SIGINT)
      let result = try running.ending()
      #expect(result.status == 130 && result.error.contains("stopped by SIGINT"), "\(result.error)")
      let run = try PageFile(at: path).runs[0]
      #expect(run.steps.map(\.step) == [0])
      #expect(run.steps[0].operations.contains { $0.phase == "update" })
      #expect(run.health?.loss.isEmpty == false)
    }
  }

  @Test(.enabled(if: Browser.path != nil, Browser.hint)) func aLossThatIsNoNumberIsLoud() throws {
    let page = try PageFile.of("lesson3", ["--learning-rate=1", "--steps=600"], status: 1)
    let health = try #require(page.runs[0].health)
    #expect(health.loss.last == .some(nil) && health.loss.dropLast().allSatisfy { $0 != nil })
    struct Banner: Decodable { let step, text: String }
    let banner: Banner = try Browser.look(
      page.text,
      "const box = document.querySelector('.banner'); seen.step = box.dataset.badstep; seen.text = box.textContent;")
    // It may be a step before the loss that an element is no number any more.
    #expect(try #require(Int(banner.step)) <= health.steps.last!)
    #expect(banner.text.contains("numbers are no longer finite"))
  }

  @Test func theChangeOfTheWeightsIsToldAtEveryPoint() throws {
    let health = try #require(try SavedPage.of(3).run.health)
    #expect(health.ratios.keys.sorted() == ["w1", "w2"])
    for ratios in health.ratios.values { #expect(ratios.count == health.steps.count && ratios.allSatisfy { $0! > 0 }) }
  }
}
