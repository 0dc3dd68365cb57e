import Foundation
import LessonKit
import TestSupport
import Testing

/// What is known about a lesson is said once, and is so.
@Suite struct LessonTableTests {
  @Test func everyLessonIsWhereTheTableSays() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.url("Lessons").path())
    #expect(folders.filter { $0.hasPrefix("Lesson") }.sorted() == LessonFacts.all.map(\.folder).sorted())
    #expect(LessonFacts.all.map(\.number) == Array(LessonFacts.numbers))
    let (package, embedded) = (try text("Package.swift"), try text("Sources/Compare/Files/files.c"))
    for lesson in LessonFacts.all {
      #expect(lesson.folder.hasPrefix("Lesson\(lesson.number)"))
      #expect(try text(lesson.source).contains("static let number = \(lesson.number)\n"))
      #expect(package.contains("(\"lesson\(lesson.number)\", \"\(lesson.folder)\""))
      #expect(embedded.contains("#embed \"../../../\(lesson.source)\"") && embedded.contains(", \"\(lesson.source)\")"))
    }
  }

  @Test func onlyTheFirstLessonImportsTheFunctionsOnArrays() throws {
    let users = try LessonFacts.all.filter { try text($0.source).contains("import KindlingArrays\n") }
    #expect(users.map(\.number) == [1])
  }

  @Test func everyLessonDrawsWithTheArticlesLines() throws {
    for lesson in LessonFacts.all {
      let source = try text(lesson.source)
      // compare shows the loop, and finds it by its first line.
      #expect(source.contains("for t in 0..<run.steps {"))
      for draw in ["randn(n, inputDim)", "randn(n, outputDim)"] { #expect(source.contains(draw), "\(lesson.folder)") }
    }
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Repository.url(path), encoding: .utf8)
  }
}
