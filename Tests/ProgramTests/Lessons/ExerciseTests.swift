import Foundation
import TestSupport
import Testing

/// What `Tests/run exercise` does before anything is built; what it checks is shown by `Tests/run exercises --prove`.
@Suite(.serialized) struct ExerciseTests {
  private func run(_ arguments: String...) throws -> Program.Result {
    try Running("/bin/bash", [Repository.url("Tests/run").path(), "exercise"] + arguments).ending()
  }

  @Test func theExerciseThatIsAskedForIsANumber() throws {
    for number in ["*", "[1-6]", "", "0", "14", "007", "1 2", "../Exercises/1"] {
      let result = try run(number)
      #expect(result.status == 2, "\(number)")
      #expect(result.error.hasPrefix("Tests/run exercise: there is no exercise \(number); it can be 1 to 13\n"))
    }
  }

  @Test func whatBelongsToOneExerciseWantsItsNumber() throws {
    for option in ["--hint", "--solution"] {
      let result = try run(option)
      #expect(result.status == 2 && result.output == "", "\(option)")
      #expect(result.error.hasPrefix("Tests/run exercise: of which exercise? Its number is missing\n"))
    }
    let result = try run("7", "--file", "/nowhere/mine.swift")
    #expect(result.status == 2)
    #expect(result.error.hasPrefix("Tests/run exercise: there is no file /nowhere/mine.swift\n"))
  }

  @Test func eachCallForAHintSaysMore() throws {
    let first = try run("7", "--hint", "1")
    let (second, third, fourth) = (try run("7", "--hint"), try run("7", "--hint"), try run("7", "--hint"))
    #expect(first.output.hasPrefix("Hint 1 of 3: the idea\n"))
    #expect(second.output.hasPrefix("Hint 2 of 3: the formulas\n"))
    #expect(third.output.hasPrefix("Hint 3 of 3: nearly the code\n"))
    #expect(fourth.output.contains("Lessons/Exercises/Solutions/Exercise7Storage.swift"))
    #expect([first, second, third, fourth].allSatisfy { $0.status == 0 && $0.error.isEmpty })
  }

  @Test(arguments: 1...13) func hintsCanBeReadInVietnamese(number: Int) throws {
    let ideas = try run("\(number)", "--hint", "1", "--vietnamese")
    #expect(ideas.status == 0 && ideas.output.hasPrefix("Gợi ý 1 trên 3: ý tưởng\n\n"), "\(ideas.output)")
    let end = try run("\(number)", "--hint", "4", "--vietnamese")
    #expect(end.status == 0 && end.output.hasPrefix("Có 3 gợi ý, và bạn đã xem hết"), "\(end.output)")
    let alone = try run("\(number)", "--vietnamese")
    #expect(alone.status == 2 && alone.error.hasPrefix("Tests/run exercise: --vietnamese goes with --hint\n"))
  }
}
